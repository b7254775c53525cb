"""This product's share of the benchmark, each part in a process of its own.

    python benchmarks/product.py load URL TABLE FOLDER          full load to verified landing files
    python benchmarks/product.py increments URL TABLE FOLDER    pulls in a warm process

Prints one JSON object. Does not belong here: measuring memory, and comparing (`extract`).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from pathlib import Path

import psycopg

from models.config import Config, Enterprise, Source
from sources import spec
from sources.extract import extract
from sources.landing import verify
from sources.reconcile import reconcile

URL_VARIABLE = "SCORECARD_BENCH_URL"
PULLS = 5
CHANGES = 10_000
TABLES = {
    "machine_event": "key: [id], control_total: qty_good",
    "erp_order_line": "key: [order_no, line_no], control_total: net_amount",
}
WAYS = {
    "cursor, indexed": "change: cursor, cursor: changed_at, overlap_minutes: 0",
    "transaction horizon": "change: horizon",
}
CHANGE = """
UPDATE machine_event SET qty_scrap = qty_scrap + 1, changed_at = clock_timestamp()
WHERE id IN (SELECT 1 + floor(random() * (SELECT max(id) FROM machine_event))::bigint
             FROM generate_series(1, %s))
"""


def main() -> None:
    """Run one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["load", "increments"])
    parser.add_argument("url")
    parser.add_argument("table", choices=TABLES)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    os.environ[URL_VARIABLE] = options.url
    part = load if options.part == "load" else increments
    print(json.dumps(part(options.url, options.table, options.folder)))


def load(_: str, table: str, folder: Path) -> dict[str, float]:
    """Seconds until all rows have landed, were counted on both sides and are flushed to disk."""
    config = configure(folder, table, "change: horizon")
    start = time.perf_counter()
    report = extract(config.sources[0], config)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "rows": report.tables[table].rows}


def increments(url: str, table: str, folder: Path) -> dict[str, dict[str, float]]:
    """Seconds by way of finding changes: the median pull, a run that finds nothing, and proof."""
    found = {}
    for number, (way, change) in enumerate(WAYS.items()):
        config = configure(folder / str(number), table, change)
        [source] = config.sources
        extract(source, config)
        pulls, rows = [], []
        for _ in range(PULLS):
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(CHANGE, (CHANGES,))
            start = time.perf_counter()
            report = extract(source, config)
            pulls.append(time.perf_counter() - start)
            rows.append(report.tables[table].rows)
        start = time.perf_counter()
        silent = extract(source, config).batch_id is None
        idle = time.perf_counter() - start
        start = time.perf_counter()
        [proof] = reconcile(source, config).results
        proven = time.perf_counter() - start
        verify(config.landing, source.name)
        found[way] = {
            "seconds": statistics.median(pulls),
            "rows": statistics.median(rows),
            "idle_seconds": idle,
            "idle_is_silent": silent,
            "reconcile_seconds": proven,
            "differences": proof.missing + proof.stale + proof.extra,
        }
    return found


def configure(folder: Path, table: str, change: str) -> Config:
    """A system of one table, and a landing of its own."""
    systems = folder / "systems"
    systems.mkdir(parents=True)
    (systems / "bench.yml").write_text(
        "description: The benchmark's\ndatabase: postgresql\n"
        f"tables: {{{table}: {{{TABLES[table]}, {change}}}}}\n",
        encoding="utf-8",
    )
    spec.SYSTEMS_DIR = systems
    spec.load_system.cache_clear()
    return Config(
        enterprise=Enterprise(code="B", name="Bench", time_zone="UTC", currency="EUR"),
        sources=(Source(name="bench", system="bench", url_env=URL_VARIABLE),),
        home=folder / "home",
    )


if __name__ == "__main__":
    main()
