"""Does the landing equal the source after concurrent writing, and after runs that were killed?

Stress: six writers change two tables at once, in transactions of random length with savepoints, a
tenth of which and of the transactions rolls back, while extractions follow one another. When all is
quiet one more run must leave nothing missing and nothing stale, and a reconciliation, which alone
sees deletions where rows are followed, nothing extra.

Kills: an extraction in a process of its own dies by SIGKILL at a random moment; the next normal run
must end equal to the source.

Starts its own PostgreSQL and MariaDB on loopback. Exits with 1 if anything differs. Does not belong
here: faults that need no chance to show (`tests/integration`).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import measuring  # noqa: F401 - finds what is imported next
import psycopg
import pymysql
from servers import mariadb_server, postgres_server

from models.config import Config, Enterprise, Source
from sources import spec
from sources.extract import extract
from sources.landing import UNFINISHED_PREFIX, verify
from sources.reconcile import reconcile

if TYPE_CHECKING:
    from collections.abc import Callable

URL_VARIABLE = "SCORECARD_STRESS_URL"
WRITERS = 6
ROLLBACK_SHARE = 0.1
TABLES = ("event", "stock")
FOLLOW = {"postgresql": "change: horizon", "mariadb": "change: cursor, cursor: changed"}
CREATE = {
    "postgresql": "CREATE TABLE {} (id bigint PRIMARY KEY, machine text, qty int, "
    "changed timestamptz DEFAULT clock_timestamp())",
    "mariadb": "CREATE TABLE {} (id bigint PRIMARY KEY, machine text, qty int, changed "
    "timestamp(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6))",
}
DEADLOCK = (psycopg.OperationalError, pymysql.err.OperationalError)


@dataclass
class Plant:
    """A source with its landing."""

    database: str
    connect: Callable[[], Any]
    """Opens a session in a transaction."""
    folder: Path
    config: Config = field(init=False)

    def __post_init__(self) -> None:
        systems = self.folder / "systems"
        systems.mkdir()
        (systems / "stress.yml").write_text(
            f"description: Under stress\ndatabase: {self.database}\ntables:\n"
            f"  event: {{key: [id], {FOLLOW[self.database]}}}\n"
            "  stock: {key: [id], change: full}\n",
            encoding="utf-8",
        )
        use_systems(systems)
        self.config = Config(
            enterprise=Enterprise(code="S", name="Stress", time_zone="UTC", currency="EUR"),
            sources=(Source(name="plant", system="stress", url_env=URL_VARIABLE),),
            home=self.folder / "home",
        )
        with closing(self.connect()) as session, session.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"DROP TABLE IF EXISTS {table}")
                cursor.execute(CREATE[self.database].format(table))
            session.commit()

    @property
    def source(self) -> Source:
        """The only one."""
        return self.config.sources[0]

    def held(self, table: str) -> dict[int, tuple[Any, ...]]:
        """Rows of the source by key."""
        with closing(self.connect()) as session, session.cursor() as cursor:
            cursor.execute(f"SELECT id, machine, qty FROM {table}")
            return {row[0]: tuple(row) for row in cursor.fetchall()}

    def landed(self, table: str) -> dict[int, tuple[Any, ...]]:
        """Rows of the landed current state by key."""
        files = self.config.landing / "plant" / "batch=*" / f"{table}.parquet"
        with duckdb.connect() as duck:
            rows = duck.execute(
                f"SELECT id, machine, qty FROM (FROM read_parquet('{files}', "
                "hive_partitioning = false) QUALIFY row_number() OVER (PARTITION BY id "
                "ORDER BY _seq DESC) = 1) WHERE _op = 'upsert'"
            ).fetchall()
        return {row[0]: row for row in rows}


class Differences(NamedTuple):
    """Rows, of all tables."""

    missing: int
    stale: int
    extra: int


def compare(plant: Plant) -> Differences:
    """Source and landing, both ways; the chain of manifests must hold as well."""
    verify(plant.config.landing, "plant")
    missing = stale = extra = 0
    for table in TABLES:
        held, landed = plant.held(table), plant.landed(table)
        missing += len(held.keys() - landed.keys())
        extra += len(landed.keys() - held.keys())
        stale += sum(held[key] != landed[key] for key in held.keys() & landed.keys())
    return Differences(missing, stale, extra)


def write(plant: Plant, seed: int, until: float) -> None:
    """One writer: inserts keys of its own, updates and deletes those of anybody."""
    choose = random.Random(seed)
    made = 0

    def change(cursor: Any) -> None:  # noqa: ANN401 - of either driver
        nonlocal made
        table = choose.choice(TABLES)
        made += 1
        cursor.execute(
            f"INSERT INTO {table} (id, machine, qty) VALUES (%s, %s, 0)",
            (seed * 10**6 + made, f"M{seed}"),
        )
        for statement in (f"UPDATE {table} SET qty = qty + 1", f"DELETE FROM {table}"):
            if choose.random() < (0.8 if statement.startswith("U") else 0.2):
                key = choose.randint(1, WRITERS) * 10**6 + choose.randint(1, made)
                cursor.execute(f"{statement} WHERE id = %s", (key,))

    with closing(plant.connect()) as session, session.cursor() as cursor:
        while time.monotonic() < until:
            try:
                for _ in range(choose.randint(1, 8)):
                    cursor.execute("SAVEPOINT step")
                    change(cursor)
                    if choose.random() < ROLLBACK_SHARE:
                        cursor.execute("ROLLBACK TO SAVEPOINT step")
                    time.sleep(choose.random() * 0.02)
            except DEADLOCK:
                session.rollback()
            else:
                session.rollback() if choose.random() < ROLLBACK_SHARE else session.commit()


def stress(plant: Plant, seconds: float, seed: int) -> dict[str, Any]:
    """One run; differences after the last extraction, and `extra` after a reconciliation."""
    until = time.monotonic() + seconds
    writers = [
        threading.Thread(target=write, args=(plant, number, until))
        for number in range(1, WRITERS + 1)
    ]
    random.seed(seed)
    for writer in writers:
        writer.start()
    extractions = 0
    while any(writer.is_alive() for writer in writers):
        extract(plant.source, plant.config)
        extractions += 1
    for writer in writers:
        writer.join()
    extract(plant.source, plant.config)
    followed = compare(plant)
    reconcile(plant.source, plant.config, approved=TABLES)
    after = compare(plant)
    found = Differences(followed.missing + after.missing, followed.stale + after.stale, after.extra)
    rows = sum(len(plant.held(table)) for table in TABLES)
    return {"extractions": extractions + 1, "rows": rows, **found._asdict()}


def kill(plant: Plant, kills: int, seed: int) -> dict[str, Any]:
    """So many kills that met a run at work; differences after the runs that followed them.

    A kill comes at any moment of the time that an undisturbed process takes. `amid_writing` are
    those that left a batch behind unfinished.
    """
    choose = random.Random(seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sources.extract"])
    total = Differences(0, 0, 0)
    done = too_late = amid_writing = 0
    seconds = None
    key = 0
    while done < kills:
        with closing(plant.connect()) as session, session.cursor() as cursor:
            for _ in range(choose.randint(1, 50)):
                key += 1
                for table in TABLES:
                    cursor.execute(
                        f"INSERT INTO {table} (id, machine, qty) VALUES (%s, 'M', 0)", (key,)
                    )
                    old = choose.randint(1, key)
                    cursor.execute(f"UPDATE {table} SET qty = qty + 1 WHERE id = %s", (old,))
            cursor.execute("DELETE FROM stock WHERE id = %s", (choose.randint(1, key),))
            session.commit()
        child = context.Process(
            target=run_alone,
            args=(os.environ[URL_VARIABLE], plant.folder / "systems", plant.config),
        )
        start = time.monotonic()
        child.start()
        child.join(None if seconds is None else choose.random() * seconds)
        if child.is_alive():
            os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
        if child.exitcode == -signal.SIGKILL:
            done += 1
            unfinished = plant.config.landing.glob(f"plant/{UNFINISHED_PREFIX}*")
            amid_writing += any(unfinished)
        elif child.exitcode:
            sys.exit("an extraction failed that nobody killed")
        else:
            too_late += 1
            seconds = time.monotonic() - start
        extract(plant.source, plant.config)
        total = Differences(*map(sum, zip(total, compare(plant), strict=True)))
    return {
        "kills": done,
        "amid_writing": amid_writing,
        "ended_before": too_late,
        **total._asdict(),
    }


def run_alone(url: str, systems: Path, config: Config) -> None:
    """What a killed process does."""
    os.environ[URL_VARIABLE] = url
    use_systems(systems)
    extract(config.sources[0], config)


def use_systems(folder: Path) -> None:
    """Take the systems of that folder instead of the product's."""
    spec.SYSTEMS_DIR = folder
    spec.load_system.cache_clear()


def main() -> None:
    """Print a table and, as the last line, one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=FOLLOW, action="append", help="default: both")
    parser.add_argument("--seconds", type=float, default=10, help="of writing per run")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    figures: dict[str, list[dict[str, Any]]] = {}
    for database in options.database or FOLLOW:
        found = figures[database] = []
        with (postgres_server if database == "postgresql" else mariadb_server)() as server:
            if database == "postgresql":
                os.environ[URL_VARIABLE] = url = server.create_database("plant")

                def connect(url: str = url) -> psycopg.Connection:
                    return psycopg.connect(url)
            else:
                with closing(server.connect()) as session, session.cursor() as cursor:
                    cursor.execute("CREATE DATABASE plant")
                os.environ[URL_VARIABLE] = server.url("plant")

                def connect(server: Any = server) -> pymysql.Connection:  # noqa: ANN401 - as above
                    return server.connect("plant", autocommit=False)

            for run in range(options.runs + (options.kills > 0)):
                with tempfile.TemporaryDirectory(prefix="stress-") as folder:
                    plant = Plant(database, connect, Path(folder))
                    seed = options.seed + run
                    if run < options.runs:
                        what, result = "stress", stress(plant, options.seconds, seed)
                    else:
                        what, result = "kills", kill(plant, options.kills, seed)
                found.append({"what": what, **result})
                shown = "  ".join(f"{name} {value:,}" for name, value in result.items())
                print(f"{database:<12}{what:<8}{shown}", flush=True)
    differing = sum(
        r["missing"] + r["stale"] + r["extra"] for results in figures.values() for r in results
    )
    print(f"\n{'nothing missing, stale or extra' if not differing else 'THE LANDING DIFFERS'}\n")
    print(json.dumps({"benchmark": "stress", "differing": differing, "runs": figures}))
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
