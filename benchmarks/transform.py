"""What it costs to compute the marts from landed machine events, whole and after news.

    rebuild    every table and view, from 10 million events (`--events 100000000` for more)
    increment  the same after the next hundredth of the time has landed, in a process that is there
    late       once more, after corrections of the hundredth before it have landed
    OEE part   only what OEE is made from, and its sums per machine and shift, day and month
    by hand    the same sums as one DuckDB script, straight from the same Parquet files (`by_hand`)

The sums of the last two must be equal. Seconds are those of the clock and of the processor: on a
machine that does something else, only the latter can be compared. dbt is parsed before the clock
starts. Does not belong here: the events (`events`), and measuring a process (`measuring`).
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import by_hand
import duckdb
from events import Events
from measuring import measure

from models.config import Config, Enterprise, Source
from models.strategy import strategy
from orchestration.resident import ResidentBuild
from sources.definitions import write_definitions

EVENTS = 10_000_000
MEMORY = "6GB"
BUDGET = {"ratio": 1.5, "increment": 0.05, "peak_mb": 8192}
OEE = ("+kpi_oee",)
GRAINS = ("shift", "day", "month")


def config_at(home: Path) -> Config:
    """One source of files, named as `events` lands it."""
    return Config(
        enterprise=Enterprise(
            code="E", name="Plant", time_zone="Europe/Berlin", currency="EUR", as_of="extraction"
        ),
        sources=(Source(name="plant", system="files", path=home / "feed"),),
        home=home,
    )


def timed(step: Callable[[], object]) -> dict[str, float]:
    """Seconds of the clock and of all processors that a step of this process takes."""
    clock, processor = time.perf_counter(), time.process_time()
    step()
    return {
        "seconds": round(time.perf_counter() - clock, 2),
        "cpu_seconds": round(time.process_time() - processor, 2),
    }


def oee_of_facts(config: Config) -> None:
    """The sums of OEE, from the facts."""
    with duckdb.connect(str(config.warehouse), config={"memory_limit": MEMORY}) as con:
        con.execute(
            """
            create or replace table bench_oee_shift as
            select node_id, shift_id, date_day, sum(good_s) as good_s, sum(busy_s) as busy_s
            from (
                select node_id, shift_id, date_day, ideal_time_good_s as good_s, 0 as busy_s
                from fct_production
                union all
                select node_id, shift_id, date_day, 0, pbt_s from fct_state_time
            ) group by all;
            create or replace table bench_oee_day as
            select node_id, date_day, sum(good_s) as good_s, sum(busy_s) as busy_s
            from bench_oee_shift group by all;
            create or replace table bench_oee_month as
            select
                node_id, date_trunc('month', date_day) as month,
                sum(good_s) as good_s, sum(busy_s) as busy_s
            from bench_oee_day group by all
            """
        )


def sums(con: duckdb.DuckDBPyConnection, grain: str) -> tuple[object, ...]:
    """Fingerprint of the OEE of all machines at a grain."""
    return (
        con.execute(
            f"""
        select count(*), sum(cast(good_s as decimal(38, 6))), sum(cast(busy_s as decimal(38, 6))),
            sum(hash(
                node_id, cast(good_s as decimal(38, 3)), cast(busy_s as decimal(38, 3))
            )::hugeint)
        from bench_oee_{grain} where good_s <> 0 or busy_s <> 0
        """
        ).fetchone()
        or ()
    )


def step_oee(config: Config) -> dict[str, object]:
    """Our OEE part, from nothing."""
    resident = ResidentBuild(config)

    def compute() -> None:
        resident.build(full=True, only=OEE)
        oee_of_facts(config)

    cost = timed(compute)
    with duckdb.connect(str(config.warehouse), read_only=True) as con:
        return cost | {"sums": [str(sums(con, grain)) for grain in GRAINS]}


def step_by_hand(config: Config) -> dict[str, object]:
    """The same by hand."""
    database = config.home / "by_hand.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database), config={"memory_limit": MEMORY}) as con:
        con.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false; set threads = 2")
        cost = timed(lambda: by_hand.compute(con, config.landing / "plant"))
        return cost | {"sums": [str(sums(con, grain)) for grain in GRAINS]}


def step_marts(config: Config, total: int, machines: int, days: int) -> dict[str, object]:
    """Everything, then everything after news, then after corrections."""
    resident = ResidentBuild(config)
    rebuild = timed(lambda: resident.build(full=True))
    size = config.warehouse.stat().st_size
    events = Events(config.landing, total, machines=machines, days=days)
    rows = {"news": events.land_news()}
    increment = timed(resident.build)
    rows["corrections"] = events.land_corrections()
    late = timed(resident.build)
    return {"rebuild": rebuild, "increment": increment, "late": late, "rows": rows, "bytes": size}


def main() -> None:
    """Print a table and, as the last line, one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--machines", type=int, default=240)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--folder", type=Path, help="where the data is kept afterwards")
    parser.add_argument("--step", choices=["oee", "by_hand", "marts"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    size = (options.events, options.machines, options.days)
    if options.step:
        config = config_at(options.folder)
        steps = {
            "oee": lambda: step_oee(config),
            "by_hand": lambda: step_by_hand(config),
            "marts": lambda: step_marts(config, *size),
        }
        print(json.dumps(steps[options.step]()))
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        report(options.folder or Path(temporary), *size)


def report(folder: Path, total: int, machines: int, days: int) -> None:
    """Generate, measure each step in a process of its own, and print."""
    config = config_at(folder)
    if not (config.landing / "plant").exists():
        Events(config.landing, total, machines=machines, days=days).land_history()
    write_definitions(config, strategy(), folder=config.definitions)
    found, peak = {}, {}
    for step in ("by_hand", "oee", "marts"):
        shutil.rmtree(config.warehouse.parent, ignore_errors=True)
        done = measure(
            step,
            [
                *(sys.executable, __file__, "--step", step, "--folder", folder),
                *("--events", str(total), "--machines", str(machines), "--days", str(days)),
            ],
            os.environ
            | {"SCORECARD_MEMORY_LIMIT": MEMORY, "PYTHONPATH": str(Path(__file__).parents[1])},
            capture=True,
        )
        found[step] = json.loads(done.output.strip().splitlines()[-1])
        peak[step] = round(done.peak_mb)

    def share_of_rebuild(step: str, unit: str) -> float:
        return round(found["marts"][step][unit] / found["marts"]["rebuild"][unit], 3)

    result = {
        "benchmark": "transform",
        "events": total,
        "by_hand": found["by_hand"],
        "oee_part": found["oee"],
        **found["marts"],
        "peak_mb": peak,
        "same_oee": found["by_hand"].pop("sums") == found["oee"].pop("sums"),
        "ratio": round(found["oee"]["seconds"] / found["by_hand"]["seconds"], 2),
        "ratio_cpu": round(found["oee"]["cpu_seconds"] / found["by_hand"]["cpu_seconds"], 2),
        "increment_share": share_of_rebuild("increment", "seconds"),
        "increment_share_cpu": share_of_rebuild("increment", "cpu_seconds"),
        "late_share": share_of_rebuild("late", "seconds"),
        "late_share_cpu": share_of_rebuild("late", "cpu_seconds"),
        "budget": BUDGET,
    }
    rows = {
        "OEE by hand": found["by_hand"],
        "OEE part": found["oee"],
        "rebuild": found["marts"]["rebuild"],
        "increment": found["marts"]["increment"],
        "late": found["marts"]["late"],
    }
    print(f"\n{'step':<14}{'seconds':>10}{'cpu seconds':>14}")
    for name, cost in rows.items():
        print(f"{name:<14}{cost['seconds']:>10.1f}{cost['cpu_seconds']:>14.1f}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
