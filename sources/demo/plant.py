"""The simulated plant as a whole: made once, continued at will.

Belongs here: the loop over days, files, and what makes both atomic. Does not belong here: what
happens in a day (`shopfloor`, `office`, `people`).

Files in the plant's folder: `mes.sqlite` and `erp.sqlite` are the vendors' databases, `feed/` the
files that other departments send, `simulation.sqlite` the simulator's own memory. A plant of ten
days equals a plant of six days that was continued by four, row for row.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from models.contract import canonical_tables
from models.errors import SourceError
from sources.demo.calendar import HEADQUARTERS, MINUTE
from sources.demo.company import GOODS, LINES, SITES, badge
from sources.demo.improvement import Improvement
from sources.demo.journal import Journal
from sources.demo.office import Office
from sources.demo.people import People
from sources.demo.schema import ERP, FEED, MES, TABLES, create_indexes, create_tables
from sources.demo.shopfloor import Shopfloor, write_masters
from sources.demo.state import State, dump, load
from sources.demo.today import Today

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Progress = Callable[[date, int, int], None]
"""Called before each simulated day with the day, the days done and the days to do."""

_MEMORY = "simulation.sqlite"
_FEED = "feed"
_DATABASES = {MES: "mes.sqlite", ERP: "erp.sqlite", FEED: _MEMORY}
_PARQUET_FEEDS = ("mes_energy",)
_MAPPED_SINCE = "2000-01-01"


@dataclass(frozen=True)
class PlantReport:
    """What a plant consists of."""

    folder: Path
    start: datetime
    until: datetime
    """First instant not simulated yet (UTC)."""
    rows: Mapping[str, int]
    """Rows by table."""
    written: int
    """Rows written this time; 0 where the plant was there already."""


@dataclass(frozen=True)
class _Memory:
    """What the simulator remembers of a plant."""

    seed: int
    scale: float
    first_day: date
    day: date
    until: int
    state: str
    """State at the start of `day`."""


def generate(  # noqa: PLR0913 - the options of the command, by keyword
    folder: Path,
    *,
    days: int = 184,
    scale: float = 1.0,
    seed: int = 42,
    end: date = date(2026, 10, 31),
    progress: Progress | None = None,
) -> PlantReport:
    """Make a plant of `days` local days up to and including `end`, or keep the one that is there.

    A plant made from the same arguments by the same code stays untouched, also where it was
    continued since; any other is replaced. `scale` multiplies machine states and counts. A plant
    appears when all of it is on disk, or not at all.
    """
    if days < 1 or scale <= 0:
        raise SourceError(
            f"A plant of {days} days at scale {scale} cannot be simulated.",
            "Both must be greater than zero.",
        )
    recipe = json.dumps([days, scale, seed, end.isoformat(), _code_hash()])
    if _recipe(folder) == recipe:
        return _report(folder, 0)
    first_day = end - timedelta(days=days - 1)
    memory = _Memory(seed, scale, first_day, first_day, HEADQUARTERS.at(first_day), dump(State()))
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    with closing(_connect(aside, durable=False)) as connection:
        with _transaction(connection):
            create_tables(connection)
            connection.execute(
                "CREATE TABLE feed.memory (recipe, seed, scale, first_day, day, until, state)"
            )
            connection.execute("INSERT INTO feed.memory (recipe) VALUES (?)", [recipe])
            until = HEADQUARTERS.at(end + timedelta(days=1))
            written = _simulate(connection, memory, until, progress)
        create_indexes(connection)
        _export(connection, aside / _FEED, since=first_day)
    _sync(aside)
    _replace(folder, aside)
    return _report(folder, written)


def continue_plant(folder: Path, *, minutes: int, progress: Progress | None = None) -> PlantReport:
    """Let the plant in `folder` live on for `minutes`.

    Both databases change in one transaction. Raises `SourceError` where there is no plant.
    """
    if not (folder / _MEMORY).is_file():
        raise SourceError(
            f"There is no simulated plant in {folder}.", "Make one with python -m sources.demo."
        )
    with closing(_connect(folder, durable=True)) as connection:
        with _transaction(connection):
            memory = _remember(connection)
            written = _simulate(connection, memory, memory.until + minutes * MINUTE, progress)
        _export(connection, folder / _FEED, since=memory.day.replace(day=1))
    return _report(folder, written)


def _simulate(
    connection: sqlite3.Connection, memory: _Memory, until: int, progress: Progress | None
) -> int:
    """Simulate from where the memory ends to `until`, day by day, and remember."""
    state, day, since, written = load(memory.state), memory.day, memory.until, 0
    last_day = HEADQUARTERS.day(until - 1)
    todo = (last_day - day).days + 1
    snapshot = memory.state
    while day <= last_day:
        if progress:
            progress(day, todo - (last_day - day).days - 1, todo)
        today = Today(memory.seed, memory.scale, day, (day - memory.first_day).days)
        # A day that is not finished will be simulated again, from the state at its start.
        if until < today.end:
            snapshot = dump(state)
        journal = Journal(
            connection,
            state.outbox,
            since=since,
            until=min(until, today.end),
            day_end=today.end,
        )
        office = Office(journal, state, today)
        people = People(journal, state, today)
        improvement = Improvement(journal, state, today)
        if today.index == 0:
            write_masters(journal, today.start)
            office.open()
            people.open()
            improvement.open()
        office.work()
        people.work()
        improvement.work()
        Shopfloor(journal, state, office, today).work()
        office.close()
        state.outbox = journal.close()
        written += journal.rows
        if until < today.end:
            break
        since, day = today.end, day + timedelta(days=1)
    else:
        snapshot = dump(state)
    connection.execute(
        "UPDATE feed.memory SET seed = ?, scale = ?, first_day = ?, day = ?, until = ?, state = ?",
        [memory.seed, memory.scale, memory.first_day.isoformat(), day.isoformat(), until, snapshot],
    )
    return written


def _connect(folder: Path, *, durable: bool) -> sqlite3.Connection:
    """Connection with all databases of a plant attached by their names in `schema`."""
    connection = sqlite3.connect(":memory:", isolation_level=None, timeout=60)
    for name, file in _DATABASES.items():
        connection.execute(f"ATTACH ? AS {name}", [str(folder / file)])
        if not durable:
            # The folder is thrown away unless everything succeeds: no journal, one sync at the end.
            connection.execute(f"PRAGMA {name}.journal_mode = OFF")
            connection.execute(f"PRAGMA {name}.synchronous = OFF")
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction over all attached databases; a rollback journal makes it atomic."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _remember(connection: sqlite3.Connection) -> _Memory:
    seed, scale, first_day, day, until, state = connection.execute(
        "SELECT seed, scale, first_day, day, until, state FROM feed.memory"
    ).fetchone()
    return _Memory(
        seed, scale, date.fromisoformat(first_day), date.fromisoformat(day), until, state
    )


def _recipe(folder: Path) -> str | None:
    """Arguments and code that the plant in a folder was made with."""
    if not (folder / _MEMORY).is_file():
        return None
    with closing(_connect(folder, durable=True)) as connection:
        (recipe,) = connection.execute("SELECT recipe FROM feed.memory").fetchone()
    return str(recipe)


@cache
def _code_hash() -> str:
    """Hash of this package: another simulation makes another plant."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _report(folder: Path, written: int) -> PlantReport:
    with closing(_connect(folder, durable=True)) as connection:
        memory = _remember(connection)
        rows = {
            name: connection.execute(f"SELECT count(*) FROM {t.database}.{t.name}").fetchone()[0]
            for name, t in TABLES.items()
        }
    return PlantReport(
        folder, _utc(HEADQUARTERS.at(memory.first_day)), _utc(memory.until), rows, written
    )


def _utc(t: int) -> datetime:
    return datetime.fromtimestamp(t / 1000, UTC).replace(tzinfo=None)


# --- the feed folder -------------------------------------------------------------------------


def _export(connection: sqlite3.Connection, feed: Path, *, since: date) -> None:
    """Write the feed's files, each atomically; energy by month, from the month of `since`."""
    feed.mkdir(exist_ok=True)
    _write_csv(
        feed / "xref_code.csv", tuple(canonical_tables()["xref_code"].columns), _codes(connection)
    )
    for name, table in TABLES.items():
        if table.database != FEED or name in _PARQUET_FEEDS:
            continue
        columns = tuple(c for c in canonical_tables()[name].columns if c in table.names)
        query = f"SELECT {', '.join(columns)} FROM feed.{name} ORDER BY 1"
        _write_csv(feed / f"{name}.csv", columns, connection.execute(query))
    for name in _PARQUET_FEEDS:
        _export_months(connection, feed / name, name, since)


def _export_months(connection: sqlite3.Connection, folder: Path, name: str, since: date) -> None:
    folder.mkdir(exist_ok=True)
    schema = canonical_tables()[name].arrow_schema
    months = connection.execute(
        f"SELECT DISTINCT substr(start_ts, 1, 7) FROM feed.{name} WHERE start_ts >= ? ORDER BY 1",
        [(since - timedelta(days=1)).isoformat()[:7]],
    ).fetchall()
    for (month,) in months:
        rows = connection.execute(
            f"SELECT {', '.join(schema.names)} FROM feed.{name}"
            " WHERE start_ts >= ? AND start_ts < ? ORDER BY meter, start_ts",
            [month, f"{month}~"],
        )
        columns = zip(*rows, strict=True)
        table = pa.table(
            [
                pa.array(column, pa.string()).cast(field.type)
                for column, field in zip(columns, schema, strict=True)
            ],
            schema=schema,
        )
        target = folder / f"{month}.parquet"
        aside = target.with_suffix(".making")
        pq.write_table(table, aside, compression="zstd")
        aside.replace(target)


def _write_csv(
    target: Path, header: tuple[str, ...], rows: Iterator[tuple[object, ...]] | sqlite3.Cursor
) -> None:
    aside = target.with_suffix(".making")
    with aside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    aside.replace(target)


def _codes(connection: sqlite3.Connection) -> Iterator[tuple[object, ...]]:
    """The integrator's table: what the ERP and the feeds call equipment, the MES items, badges."""
    for source in ("demo_erp", "demo_feed"):
        for site in SITES:
            yield "mes_equipment", source, site.werks, site.code, _MAPPED_SINCE, None
    for line in LINES:
        yield "mes_equipment", "demo_erp", line.erp_code, line.code, _MAPPED_SINCE, None
        for machine in line.machines:
            yield "mes_equipment", "demo_erp", machine.erp_code, machine.code, _MAPPED_SINCE, None
    for item in GOODS:
        yield "erp_item", "demo_mes", item.mes_code, item.code, _MAPPED_SINCE, None
    yield "uom", "demo_mes", "ST", "PCE", _MAPPED_SINCE, None
    for (number,) in connection.execute("SELECT persnr FROM erp.EMP ORDER BY 1"):
        yield "hr_employee", "demo_feed", badge(number), number, _MAPPED_SINCE, None


# --- files -----------------------------------------------------------------------------------


def _sync(folder: Path) -> None:
    """Put every file of a folder on disk."""
    for path in (*(p for p in folder.rglob("*") if p.is_file()), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _replace(folder: Path, aside: Path) -> None:
    """Put the new plant in the old one's place; other files in the folder are not ours to touch.

    The simulator's memory goes first and comes last: where it is missing, there is no plant.
    """
    folder.mkdir(exist_ok=True)
    for file in (_MEMORY, *_DATABASES.values()):
        (folder / f"{file}-journal").unlink(missing_ok=True)
    (folder / _MEMORY).unlink(missing_ok=True)
    shutil.rmtree(folder / _FEED, ignore_errors=True)
    for name in (*(f for f in _DATABASES.values() if f != _MEMORY), _FEED, _MEMORY):
        (aside / name).replace(folder / name)
    aside.rmdir()
