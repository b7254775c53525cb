"""One run of one source: what changed since its last batch, landed as the next batch.

Belongs here: which rows are read, and where the next run goes on. Does not belong here: what stops
a run (`sources.guard`), how a kind of source is read (`sources.readers`), how readings are compared
with what has landed (`sources.changes`), how a batch becomes durable (`sources.landing`), when runs
happen (`orchestration`).

Rows that are read again unchanged, because they lie in the overlap or past the horizon, are
compared value by value with the landed state and dropped; so a run without changes lands nothing.

A table whose columns are not what they were stops alone: it stays at the batch before, the manifest
says why, and the other tables land. The report carries the reason, which its reader must raise.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import duckdb

from models.errors import FileFault, LandingError, SchemaDrift, SourceError
from sources import personal
from sources.changes import Changes, Staged, columns, read
from sources.engine import THREADS, engine, parquet
from sources.guard import MASS_DELETE_ROWS, Guard
from sources.landing import (
    EXTRACTED_AT,
    OP,
    QUARANTINE,
    RELEASED,
    SEQ,
    UPSERT,
    Manifest,
    SourceLanding,
    TableEntry,
    batch_id_after,
    code_version,
    manifests,
    sha256,
)
from sources.pace import Pace
from sources.readers.base import REASON, TEMPORAL, literal
from sources.readers.session import open_reader
from sources.spec import load_system

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from models.config import Config, Source
    from sources.landing import Batch, SchemaEvent
    from sources.readers.base import Reader, Rows, SourceTable, Totals
    from sources.spec import TableSpec

__all__ = [
    "ExtractReport",
    "TableReport",
    "extract",
    "has_new_data",
    "manifests",
    "source_tables",
]

FIRST_LOAD_ROWS = 1_000_000
"""A first load commits what it has whenever it has read so many rows, at the end of a table: if it
is interrupted, the next run goes on from there."""

R = TypeVar("R", bound="Run")


@dataclass(frozen=True, slots=True)
class TableReport:
    """What one run did with one table. Counts are rows."""

    rows: int
    upserts: int
    deletes: int
    quarantined: int
    watermark: str | None
    newest_change: str | None
    source_rows: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class ExtractReport:
    """What one run landed of one source; `batch_id` is None where nothing had changed."""

    source: str
    batch_id: str | None
    extracted_at: datetime
    """When the snapshot was taken (UTC)."""
    tables: Mapping[str, TableReport]
    stopped: Mapping[str, SchemaDrift]
    """Tables that were left at the batch before, because their columns changed."""

    @property
    def failure(self) -> SchemaDrift | None:
        """What the run must end with after all else has landed; None if every table was read."""
        if len(self.stopped) <= 1:
            return next(iter(self.stopped.values()), None)
        first = next(iter(self.stopped.values()))
        return SchemaDrift(
            first.message, f"{first.hint} Stopped in all: {', '.join(self.stopped)}."
        )


def source_tables(source: Source) -> tuple[TableSpec, ...]:
    """The tables that a source lands. Raises `ConfigError` if its system is unknown."""
    return load_system(source.system).tables


def extract(
    source: Source,
    config: Config,
    *,
    full: bool = False,
    progress: Callable[[str], None] | None = None,
) -> ExtractReport:
    """Land what changed in a source since its newest batch, all tables in one snapshot.

    `full` reads every table whole and compares: it finds what no cursor shows, and it accepts what
    otherwise stops a run (a changed schema, a restored source, a mass deletion). A table whose
    columns changed does not stop the others: see `ExtractReport.stopped`.

    Raises `BusyError` if another run holds the source, `SchemaDrift` if a table that never landed
    is not what its system says, `SourceError` if the source cannot be read, went backwards or lost
    most of a table, `LandingError` if what was written is not what was read. Nothing has landed
    then.
    """
    landing = SourceLanding(config.landing, source.name)
    reports = {}
    with landing.locked(), opened(Run(source, config, full=full), spill=landing.folder) as run:
        batch = landing.begin(run.batch_id)
        for table in run.tables:
            started = time.perf_counter()
            entry = run.land(table, batch)
            if entry is None:
                continue
            reports[table.spec.name] = _report(entry, time.perf_counter() - started)
            if progress and entry.file_sha256:
                progress(f"{source.name}.{table.spec.name}: {entry.rows:,} rows")
            if run.previous is None and run.rows_at_hand >= FIRST_LOAD_ROWS:
                run.commit(batch)
                batch = landing.begin(run.batch_id)
        run.commit(batch)
    return ExtractReport(
        source=source.name,
        batch_id=run.landed_batch_id,
        extracted_at=run.extracted_at,
        tables=MappingProxyType(reports),
        stopped=MappingProxyType(run.stopped),
    )


def has_new_data(source: Source, config: Config) -> bool:
    """True if an extraction now would land a batch. Reads what a run would read, writes nothing.

    Raises as `extract`.
    """
    landing = SourceLanding(config.landing, source.name)
    if landing.newest() is None:
        return True
    with opened(Run(source, config)) as run:
        return any(run.has_changes(table) for table in run.tables)


@contextmanager
def opened(run: R, *, spill: Path | None = None) -> Iterator[R]:
    """A run with its snapshot open; a driver's error leaves it as one sentence without secrets."""
    source, system = run.source, load_system(run.source.system)
    paced = source.max_rows_per_second is not None
    with engine(run.memory_mb, spill, leaves_functions=paced) as duck:
        hash_key = personal.prepare(duck, system.tables)
        with open_reader(source, system, duck) as reader:
            try:
                run.begin(reader, duck, hash_key)
                run.describe(system.tables)
                yield run
            except duckdb.OutOfMemoryException:
                raise SourceError(
                    f"{run.memory_mb} MB of memory are not enough for table {run.current} of "
                    f"source {source.name!r}.",
                    "Nothing has landed; raise `extraction_memory_mb` in scorecard.yml.",
                ) from None
            except duckdb.Error as e:
                # the driver's own message may hold the password, so it is no cause of ours
                message = reader.mask(e)
            except OSError as e:
                raise LandingError(
                    f"The landing of source {source.name!r} cannot be written: {e.strerror}.",
                    "Nothing has landed; free the disk or mend its permissions.",
                ) from e
            else:
                return
    where = f"table {run.current} of source" if run.current else "source"
    if "No space left" in message or "File too large" in message:
        raise LandingError(
            f"The disk is full: {where} {source.name!r} cannot be written.",
            "Nothing has landed; free space and run again.",
        )
    raise SourceError(
        f"{where.capitalize()} {source.name!r} cannot be read: {message}",
        "Nothing has landed; the next run starts from the same place.",
    )


def _report(entry: TableEntry, seconds: float) -> TableReport:
    return TableReport(
        rows=entry.rows,
        upserts=entry.upserts,
        deletes=entry.deletes,
        quarantined=entry.quarantined,
        watermark=entry.watermark,
        newest_change=entry.newest_change,
        source_rows=entry.source_rows,
        seconds=seconds,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What a reading of a table brought."""

    asked: str
    staged: Staged
    newest: str | None
    """Greatest cursor value that was read."""


class Run:
    """One snapshot of one source against what has landed of it; `opened` opens the snapshot."""

    reader: Reader
    duck: duckdb.DuckDBPyConnection
    changes: Changes

    def __init__(self, source: Source, config: Config, *, full: bool = False) -> None:
        self.source = source
        self.landing = SourceLanding(config.landing, source.name)
        self.memory_mb = config.extraction_memory_mb
        self.full = full
        self.zone = ZoneInfo(source.time_zone or config.enterprise.time_zone)
        self.extracted_at = datetime.now(UTC).replace(tzinfo=None)
        self.previous = self.landing.newest()
        self.guard = Guard(source, self.previous, full=full)
        self.batch_id = batch_id_after(
            self.extracted_at, self.previous.batch_id if self.previous else None
        )
        self.landed_batch_id: str | None = None
        """The newest batch that this run has landed."""
        self.rows_at_hand = 0
        """Rows in the batch that is being written."""
        self.tables: tuple[SourceTable, ...] = ()
        self.stopped: dict[str, SchemaDrift] = {}
        self.entries: dict[str, TableEntry] = {}
        self.events: list[SchemaEvent] = []
        self.current = ""
        """Table at work, for messages."""
        self._pace = Pace(source.max_rows_per_second)
        self._hash_key: str | None = None
        self._discarded: dict[str, tuple[str, ...]] = {}
        self._newest_read: dict[str, str | None] = {}
        self._seq = self.previous.last_seq if self.previous else 0

    def begin(self, reader: Reader, duck: duckdb.DuckDBPyConnection, hash_key: str | None) -> None:
        """Take over the open snapshot. Raises `SourceError` if it is not of the same source."""
        self.reader, self.duck, self._hash_key = reader, duck, hash_key
        self.changes = Changes(duck, self.landing)
        self._pace.prepare(duck)
        self.guard.refuse_other_source(reader)
        self.guard.refuse_other_key(hash_key)

    def describe(self, specs: Iterable[TableSpec]) -> None:
        """Look at all tables before anything is read; those whose columns changed stop alone.

        Raises `SchemaDrift` for a table that never landed: there is no batch to leave it at.
        """
        tables = []
        for spec in specs:
            self.current = spec.name
            try:
                agreed = self.guard.agreed(self.reader.describe(spec))
            except SchemaDrift as e:
                self._stop(spec, e)
                continue
            tables.append(agreed.table)
            self.events += agreed.events
            self._discarded[spec.name] = agreed.discarded
        self.current = ""
        self.tables = tuple(tables)

    def _stop(self, spec: TableSpec, reason: SchemaDrift) -> None:
        """Leave a table at the batch before. Raises the reason if there is none.

        A table of files that cannot be read has no batch, then: another file is no other table's
        concern, and the next run reads it from the beginning.
        """
        earlier = self.previous.tables.get(spec.name) if self.previous else None
        if earlier is None and not isinstance(reason, FileFault):
            raise reason
        self.stopped[spec.name] = reason
        if earlier:
            self.entries[spec.name] = earlier.model_copy(
                update={**_NOTHING, **_UNCOUNTED, "stopped": reason.message}
            )

    def land(self, table: SourceTable, batch: Batch) -> TableEntry | None:
        """Write the table's changes into the batch; None if it has to be left out."""
        self.current = table.spec.name
        try:
            return self._land(table, batch)
        except FileFault as e:
            self._stop(table.spec, e)
            self.current = ""
            return self.entries.get(table.spec.name)

    def _land(self, table: SourceTable, batch: Batch) -> TableEntry:
        earlier = self._earlier(table)
        if earlier and self._untouched(table, earlier):
            entry = earlier.model_copy(update=_NOTHING)
        elif earlier is None and table.unique_key and table.exists:
            entry = self._load(table, batch)
        else:
            entry = self._merge(table, earlier, batch)
        self.entries[table.spec.name] = entry
        self.rows_at_hand += entry.rows
        self.current = ""
        return entry

    def has_changes(self, table: SourceTable) -> bool:
        """True if `land` would write anything."""
        self.current = table.spec.name
        earlier = self._earlier(table)
        try:
            if earlier is None:
                if table.spec.change == "full":
                    self._rows(table, None)
                return True
            return not self._untouched(table, earlier) and self._stage(table, earlier).staged.any
        except FileFault:
            return False  # the schedule reports it; a sensor would do so without end

    def commit(self, batch: Batch) -> bool:
        """Make the batch durable, and take the next id; False if there is nothing in it."""
        self.guard.refuse_backwards(self.tables, self._newest_read)
        quarantine = self._write_log(batch, QUARANTINE, "quarantine")
        released = self._write_log(batch, RELEASED, "released")
        changed = any(entry.file_sha256 for entry in self.entries.values())
        if not (changed or quarantine or released or self.events):
            return False
        batch.commit(
            Manifest(
                source=self.source.name,
                system=self.source.system,
                batch_id=batch.batch_id,
                extracted_at=self.extracted_at,
                code_version=code_version(),
                previous_manifest_sha256=self.landing.newest_sha256(),
                identity=dict(self.reader.identity()),
                snapshot=dict(self.reader.snapshot()),
                last_seq=self._seq,
                quarantine_sha256=quarantine,
                released_sha256=released,
                hash_key=self._hash_key,
                events=tuple(self.events),
                tables=self.entries,
            )
        )
        self.landed_batch_id = batch.batch_id
        self.batch_id = batch_id_after(self.extracted_at, batch.batch_id)
        self.rows_at_hand = 0
        self.changes.forget()
        self.events.clear()
        self.entries = {n: e.model_copy(update=_NOTHING) for n, e in self.entries.items()}
        return True

    # --- one table -----------------------------------------------------------------------------

    def _load(self, table: SourceTable, batch: Batch) -> TableEntry:
        """First load, straight from the source to the file: the source guarantees the keys."""
        name = table.spec.name
        rows = self._reading(table, self.reader.load(table))
        # to number the rows of one stream is work for one thread; a second one would wait for it,
        # and DuckDB's waiting takes processor time that the source may need
        self.duck.execute("SET threads = 1")
        landed = self._write(
            batch,
            name,
            f"SELECT {columns(table, 'r')}, '{UPSERT}' AS {OP} FROM ({rows.relation}) AS r "
            f"WHERE r.{REASON} IS NULL",
        )
        self.duck.execute(f"SET threads = {THREADS}")
        totals = self.reader.totals(table)
        aside = 0
        if landed < totals.rows:
            # rare, so it may cost a second reading of the same snapshot
            aside = self.changes.put_aside(table, self._rows(table, None))
        if landed + aside != totals.rows:
            raise LandingError(
                f"Table {name} of source {self.source.name!r} has {totals.rows:,} rows, but "
                f"{landed:,} were read and {aside:,} put aside.",
                "Nothing has landed. This is a fault of the reader; please report it.",
            )
        newest = self.changes.newest(table, read([batch.path(name)]))
        staged = Staged(landed, 0, aside)
        return self._entry(table, batch, rows.asked, staged, newest, totals)

    def _merge(self, table: SourceTable, earlier: TableEntry | None, batch: Batch) -> TableEntry:
        """Compare what may have changed with what has landed; write what differs."""
        found = self._stage(table, earlier)
        staged = found.staged
        self._refuse_mass_delete(table, staged.deletes)
        if self._has_other_columns(table, earlier) or staged.upserts + staged.deletes:
            self._write(batch, table.spec.name, "FROM change")
        totals = self.reader.totals(table) if self._to_be_counted(table, earlier) else None
        return self._entry(table, batch, found.asked, staged, found.newest, totals)

    def _stage(self, table: SourceTable, earlier: TableEntry | None) -> Found:
        """What the source was asked, and what its answer changes."""
        complete = self._complete(table, earlier)
        rows = self._rows(table, None if complete else self._since(table, earlier))
        keys = [] if complete else self.changes.keys_aside(table)
        again = self.reader.rows_of(table, keys) if keys else None
        staged = self.changes.stage(
            table,
            rows,
            earlier,
            complete=complete,
            again=self._reading(table, again) if again else None,
        )
        newest = self.changes.newest(table, f"candidate WHERE {REASON} IS NULL")
        return Found(rows.asked, staged, newest)

    def _rows(self, table: SourceTable, since: str | None) -> Rows:
        return self._reading(table, self.reader.rows(table, since))

    def _reading(self, table: SourceTable, rows: Rows) -> Rows:
        """A reading as it may be used: at the source's pace, without what is personal."""
        return self._pace.slowed(personal.hashed(table, rows))

    def _write(self, batch: Batch, table: str, rows: str) -> int:
        """Write the table's file and read it back; returns its rows.

        Raises `LandingError` if the file does not hold what was written.
        """
        path = batch.path(table)
        [(written,)] = self.duck.execute(
            f"COPY (SELECT *, {self._seq} + row_number() OVER () AS {SEQ}, "
            f"{literal(self.extracted_at.isoformat())}::TIMESTAMP AS {EXTRACTED_AT} "
            f"FROM ({rows})) TO {literal(str(path))} "
            f"({parquet(self.memory_mb)})"
        ).fetchall()
        last = self._seq + written
        [found] = self.duck.execute(
            f"SELECT count({SEQ}), coalesce(min({SEQ}), {last + 1}), coalesce(max({SEQ}), {last}) "
            f"FROM {read([path])}"
        ).fetchall()
        if found != (written, self._seq + 1, last):
            raise LandingError(
                f"{path.name} of source {self.source.name!r} is not what was written: "
                f"{found[0]:,} rows instead of {written:,}.",
                "The disk may be failing; nothing has landed.",
            )
        self._seq = last
        return int(written)

    def _write_log(self, batch: Batch, name: str, relation: str) -> str | None:
        if not self.changes.count(relation):
            return None
        path = batch.path(name)
        self.duck.execute(
            f"COPY (FROM {relation} ORDER BY ALL) TO {literal(str(path))} "
            f"({parquet(self.memory_mb)})"
        )
        return sha256(path)

    def _entry(  # noqa: PLR0913, PLR0917 - a manifest entry is where all of these meet
        self,
        table: SourceTable,
        batch: Batch,
        asked: str,
        staged: Staged,
        newest: str | None,
        totals: Totals | None,
    ) -> TableEntry:
        spec, earlier = table.spec, self._earlier(table)
        path = batch.path(spec.name)
        self._newest_read[spec.name] = newest
        newest = newest or (earlier.newest_change if earlier else None)
        landed = self.changes.totals(table, path) if totals else None
        return TableEntry(
            query=asked,
            key=spec.key,
            change=spec.change,
            columns=table.types,
            watermark=self._watermark(table, newest),
            newest_change=newest,
            rows=staged.upserts + staged.deletes,
            upserts=staged.upserts,
            deletes=staged.deletes,
            quarantined=staged.quarantined,
            source_rows=totals.rows if totals else None,
            landed_rows=landed.rows if landed else None,
            control_column=spec.control_total,
            source_control_total=totals.control_text if totals else None,
            landed_control_total=landed.control_text if landed else None,
            file_sha256=sha256(path) if path.exists() else None,
            hashed=spec.hash,
            discarded=self._discarded.get(spec.name, ()),
        )

    # --- where a table stands ------------------------------------------------------------------

    def _earlier(self, table: SourceTable) -> TableEntry | None:
        return self.previous.tables.get(table.spec.name) if self.previous else None

    def _untouched(self, table: SourceTable, earlier: TableEntry) -> bool:
        """True if the source itself says that nothing was written since."""
        untouched = (
            not self.full
            and self.previous is not None
            and not earlier.stopped
            and not self._has_other_columns(table, earlier)
            and (earlier.key, earlier.change) == (table.spec.key, table.spec.change)
            and self.reader.unchanged_since(self.previous.snapshot, table.spec)
        )
        if untouched:
            self._newest_read[table.spec.name] = earlier.newest_change
        return untouched

    def _complete(self, table: SourceTable, earlier: TableEntry | None) -> bool:
        """True if the whole table is read and compared, which also finds deletions.

        A new column needs it once: rows that were not changed since have a value for it, too.
        """
        return (
            self.full
            or table.spec.change == "full"
            or earlier is None
            or earlier.watermark is None
            or earlier.change != table.spec.change
            or self._has_other_columns(table, earlier)
        )

    def _to_be_counted(self, table: SourceTable, earlier: TableEntry | None) -> bool:
        return self._complete(table, earlier) or self.reader.cheap_to_count(table)

    @staticmethod
    def _has_other_columns(table: SourceTable, earlier: TableEntry | None) -> bool:
        return (
            earlier is None or earlier.columns != table.types or earlier.hashed != table.spec.hash
        )

    def _since(self, table: SourceTable, earlier: TableEntry | None) -> str | None:
        """The lower bound of an incremental read: the watermark, less the overlap."""
        watermark = earlier.watermark if earlier else None
        cursor = table.spec.cursor
        if watermark is None or cursor is None or table.types[cursor] not in TEMPORAL:
            return watermark
        moment = datetime.fromisoformat(watermark) - timedelta(minutes=table.spec.overlap)
        return _as_cursor(moment, table.types[cursor])

    def _watermark(self, table: SourceTable, newest: str | None) -> str | None:
        """Where the next run goes on from; never past now, whatever the source's clock said."""
        spec = table.spec
        if not table.exists or spec.change == "full":
            return None
        if spec.cursor is None:
            return self.reader.horizon()
        kind = table.types[spec.cursor]
        if newest is None or kind not in TEMPORAL:
            return newest
        local = self.extracted_at.replace(tzinfo=UTC).astimezone(self.zone).replace(tzinfo=None)
        return min(newest, _as_cursor(min(self.extracted_at, local), kind))

    def _refuse_mass_delete(self, table: SourceTable, deletes: int) -> None:
        if self.full or deletes <= MASS_DELETE_ROWS:
            return
        if error := self.guard.mass_delete(table, deletes, self.changes.live()):
            raise error


_NOTHING: Mapping[str, Any] = MappingProxyType(
    {"rows": 0, "upserts": 0, "deletes": 0, "quarantined": 0, "file_sha256": None}
)
"""What a batch says of a table that it does not touch."""
_UNCOUNTED: Mapping[str, Any] = MappingProxyType(
    {
        "source_rows": None,
        "landed_rows": None,
        "source_control_total": None,
        "landed_control_total": None,
    }
)
"""What a batch says of a table that it does not even look at."""


def _as_cursor(moment: datetime, kind: str) -> str:
    """A moment as DuckDB writes a value of a temporal cursor."""
    return moment.date().isoformat() if kind == "DATE" else moment.isoformat(sep=" ")
