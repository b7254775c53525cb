"""How fast a table leaves PostgreSQL, beside the limit of the source and beside others.

The limit is `COPY ... (FORMAT binary)` read and dropped: what the server can send. All contenders
take turns in one run against the same server, which the benchmark starts itself on loopback; only
ratios say something on another machine. Times are without start-up and imports. The fastest of
several rounds counts, because whatever else the machine does only makes a round slower.

Full load: of narrow machine events and of wide order lines. Incremental pull: the median of some
pulls of 10,000 changes spread over all machine events, in a warm process.

100 million machine events, this product and the limit alone (about 30 GB of disk):

    --rows 100000000 --wide-rows 0 --rounds 1 --only --no-pulls

Does not belong here: what a contender does (`product`, `peers`).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import psycopg
from measuring import ROOT, measure
from servers import postgres_server

HERE = Path(__file__).parent
PEERS = ROOT / ".venv/bench/bin/python"
SERVER = {"shared_buffers": "512MB", "max_wal_size": "8GB", "wal_level": "minimal"} | {
    "max_wal_senders": "0"
}
OURS, LIMIT = "this product", "COPY binary to nowhere"
CONTENDERS = {
    LIMIT: [PEERS, HERE / "peers.py", "copy"],
    OURS: [sys.executable, HERE / "product.py", "load"],
    "dlt, connectorx": [PEERS, HERE / "peers.py", "dlt-connectorx"],
    "dlt, connectorx, load ids": [PEERS, HERE / "peers.py", "dlt-traced"],
    "dlt, pyarrow": [PEERS, HERE / "peers.py", "dlt-pyarrow"],
    "SQLAlchemy + psycopg": [PEERS, HERE / "peers.py", "sqlalchemy"],
}
ONCE = {"dlt, pyarrow", "SQLAlchemy + psycopg"}
"""Too slow for several rounds, and too far off for a round to matter."""
MOST_TIMES_LIMIT, LEAST_TIMES_DLT, MOST_MB, MOST_PULL_SECONDS = 2.0, 2.5, 500, 0.5

EVENTS = """
CREATE TABLE machine_event (
    id bigint PRIMARY KEY, machine_code text NOT NULL, state text NOT NULL, reason_code text,
    started_at timestamptz NOT NULL, ended_at timestamptz, order_no text,
    qty_good numeric(12, 3), qty_scrap numeric(12, 3), changed_at timestamptz NOT NULL
);
INSERT INTO machine_event
SELECT id, 'M' || lpad((1 + m * 400)::int::text, 4, '0'),
       (ARRAY['RUN', 'RUN', 'RUN', 'RUN', 'STOP', 'SETUP', 'IDLE', 'PLANNED'])[1 + floor(s * 8)],
       CASE WHEN s > 0.8 THEN 'R' || floor(m * 90) END,
       t, t + d * interval '1 hour', 'WO-' || 100000 + id / 400 + floor(m * 30),
       round((d * 500)::numeric, 3), CASE WHEN s < 0.2 THEN round((m * 9)::numeric, 3) ELSE 0 END,
       t + d * interval '1 hour' + s * interval '3 seconds'
FROM (
    SELECT id, random() AS m, random() AS s, random() AS d,
           timestamptz '2025-01-01' + id * interval '3.1 seconds' AS t
    FROM generate_series(1::bigint, {rows}) AS id
) AS x;
CREATE INDEX ON machine_event (changed_at);
"""
WIDE = {
    "text": "'T' || ({i} * 7 + (r * 900)::int)",
    "integer": "(r * 100000)::int + {i}",
    "numeric(16, 4)": "round((r * 10000 + {i})::numeric, 4)",
    "timestamp": "timestamp '2024-01-01' + r * {i} * interval '30 days'",
    "date": "date '2024-01-01' + (r * 600)::int + {i}",
    "boolean": "r < {i} / 12.0",
}
WIDE_OF_EACH = 10


class Load(NamedTuple):
    """The best of several rounds."""

    seconds: float
    peak_mb: float


def main() -> None:
    """Print a table and, as the last line, one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="machine events")
    parser.add_argument(
        "--wide-rows", type=int, default=1_000_000, help="wide order lines; 0 leaves them out"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--only",
        nargs="*",
        choices=CONTENDERS,
        default=list(CONTENDERS),
        metavar="CONTENDER",
        help="beside this product and the limit; without names, nobody",
    )
    parser.add_argument("--pulls", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    if not PEERS.exists():
        sys.exit(f"{PEERS} is missing: run this as `make bench-extract`")
    contenders = [c for c in CONTENDERS if c in {LIMIT, OURS, *options.only}]
    with postgres_server(**SERVER) as server, tempfile.TemporaryDirectory() as scratch:
        url = server.create_database("bench")
        sizes = {"machine_event": options.rows}
        if options.wide_rows:
            sizes["erp_order_line"] = options.wide_rows
        with psycopg.connect(url, autocommit=True) as connection:
            print("Filling the tables ...", flush=True)
            connection.execute("SELECT setseed(0.5)")
            connection.execute(EVENTS.format(rows=options.rows))
            if options.wide_rows:
                connection.execute(wide_table(options.wide_rows))
            for table in sizes:
                connection.execute(f"VACUUM (FREEZE, ANALYZE) {table}")
            connection.execute("CHECKPOINT")
        loads = {
            table: full_loads(url, table, rows, contenders, options.rounds, Path(scratch))
            for table, rows in sizes.items()
        }
        pulled = increments(url, Path(scratch)) if options.pulls else None
    report(sizes, loads, pulled)


def wide_table(rows: int) -> str:
    """Order lines as an ERP has them: many columns of every kind."""
    columns, values = [], []
    for kind, value in WIDE.items():
        for i in range(1, WIDE_OF_EACH + 1):
            columns.append(f"{kind.split('(')[0]}_{i} {kind}")
            values.append(value.format(i=i))
    return (
        "CREATE TABLE erp_order_line (order_no text, line_no int, net_amount numeric(16, 2), "
        f"{', '.join(columns)}, PRIMARY KEY (order_no, line_no));"
        "INSERT INTO erp_order_line SELECT 'SO' || lpad((n / 8)::text, 9, '0'), n % 8, "
        f"round((r * 9000)::numeric, 2), {', '.join(values)} "
        f"FROM (SELECT n, random() AS r FROM generate_series(0, {rows - 1}) AS n) AS x;"
    )


def full_loads(  # noqa: PLR0913, PLR0917 - what a round consists of
    url: str, table: str, rows: int, contenders: list[str], rounds: int, scratch: Path
) -> dict[str, Load]:
    """The best load of each contender; rows that are missing end the benchmark."""
    best: dict[str, list[Load]] = defaultdict(list)
    for number in range(rounds):
        for name in contenders:
            if number and name in ONCE:
                continue
            with tempfile.TemporaryDirectory(dir=scratch) as folder:
                measured = measure(
                    f"{name} ({table})",
                    [*CONTENDERS[name], url, table, folder],
                    dict(os.environ),
                    capture=True,
                )
            answer = json.loads(measured.output.splitlines()[-1])
            if answer["rows"] != rows:
                sys.exit(f"{name} read {answer['rows']:,} of {rows:,} rows of {table}")
            best[name].append(Load(answer["seconds"], measured.peak_mb))
            print(f"  {table}, round {number + 1}: {name} {answer['seconds']:.1f} s", flush=True)
    return {
        name: Load(min(x.seconds for x in found), max(x.peak_mb for x in found))
        for name, found in best.items()
    }


class Pulls(NamedTuple):
    """Pulls by way of finding changes, and the peak memory of all."""

    ways: dict[str, dict[str, float]]
    peak_mb: float


def increments(url: str, scratch: Path) -> Pulls:
    """Pull changes in every way."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        measured = measure(
            "increments",
            [sys.executable, HERE / "product.py", "increments", url, "machine_event", folder],
            dict(os.environ),
            capture=True,
        )
    return Pulls(json.loads(measured.output.splitlines()[-1]), measured.peak_mb)


def report(sizes: dict[str, int], loads: dict[str, dict[str, Load]], pulls: Pulls | None) -> None:
    """Print what was found, for people and for programs."""
    figures = {}
    for table, found in loads.items():
        limit = found[LIMIT].seconds
        print(
            f"\n{f'full load of {sizes[table]:,} {table}':<44}{'seconds':>9}{'x limit':>9}", end=""
        )
        print(f"{'rows/s':>12}{'peak MB':>9}")
        for name, load in sorted(found.items(), key=lambda item: item[1].seconds):
            print(
                f"{name:<44}{load.seconds:>9.1f}{load.seconds / limit:>9.2f}"
                f"{sizes[table] / load.seconds:>12,.0f}{load.peak_mb:>9.0f}"
            )
        figures[table] = {
            name: {
                "seconds": round(load.seconds, 2),
                "times_limit": round(load.seconds / limit, 2),
                "peak_mb": round(load.peak_mb),
            }
            for name, load in found.items()
        }
    if pulls:
        title = f"pull from {sizes['machine_event']:,} machine events"
        print(f"\n{title:<44}{'rows':>9}", end="")
        print(f"{'seconds':>9}{'nothing new':>12}{'reconcile':>11}")
        for way, pull in pulls.ways.items():
            print(
                f"{way:<44}{pull['rows']:>9,.0f}{pull['seconds']:>9.2f}"
                f"{pull['idle_seconds']:>12.2f}{pull['reconcile_seconds']:>11.1f}"
            )
    events = loads["machine_event"]
    ours = events[OURS]
    dlt = [load.seconds for name, load in events.items() if name.startswith("dlt")]
    times_dlt = min(dlt) / ours.seconds if dlt else None
    accepted = {
        "times_limit": ours.seconds / events[LIMIT].seconds <= MOST_TIMES_LIMIT,
        "times_dlt": times_dlt >= LEAST_TIMES_DLT if times_dlt else None,
        "peak_mb": ours.peak_mb < MOST_MB,
        "pull_seconds": pulls.ways["cursor, indexed"]["seconds"] < MOST_PULL_SECONDS
        if pulls
        else None,
        "differences": not any(pull["differences"] for pull in pulls.ways.values())
        if pulls
        else None,
    }
    said = {True: "ok", False: "MISSED", None: "not measured"}
    print(f"\nfaster than dlt's fastest: {times_dlt:.1f} times" if times_dlt else "")
    print(", ".join(f"{name}: {said[ok]}" for name, ok in accepted.items()), "\n")
    print(
        json.dumps(
            {
                "benchmark": "extract",
                "rows": sizes,
                "full_load": figures,
                "times_dlt": round(times_dlt, 2) if times_dlt else None,
                "pull": pulls.ways if pulls else None,
                "pull_peak_mb": round(pulls.peak_mb) if pulls else None,
                "accepted": accepted,
            }
        )
    )


if __name__ == "__main__":
    main()
