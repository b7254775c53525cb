"""How fast a dashboard's queries are on the published DuckDB file.

A plant is simulated (`events`), computed and written as a publication is, until `kpi_value` has the
rows asked for. Then each of twenty queries that a scorecard in a browser makes is made again and
again, by one client and by several at once, each with a connection of its own.

Does not belong here: what the queries mean; `docs/query.md` describes the tables.
"""

import argparse
import json
import random
import statistics
import tempfile
import threading
import time
from pathlib import Path

import duckdb
from events import Events
from transform import config_at

from expectations.evidence import record
from expectations.results import CheckReport
from exports.tables import WAREHOUSE, literal, published_tables
from exports.targets import DUCKDB_FILE, write_duckdb
from models.strategy import strategy
from orchestration.resident import ResidentBuild
from sources.definitions import write_definitions

BUDGET_MS = 50
ROWS = 360_000
REPEATS = 10
CLIENTS = (1, 4)
CELL = "kpi_id = $kpi and node_id = $node"
MONTH = "period_type = 'month' and period_start = $month"
QUERIES = {
    "scorecard of a node and month": f"select * from scorecard where node_id = $node and {MONTH}",
    "scorecard of the enterprise, year to date": """
        select * from scorecard join dim_strategy on node_id = enterprise_id
        where period_type = 'year_to_date'
    """,
    "perspective scores": f"select * from perspective_score where node_id = $node and {MONTH}",
    "objective scores": f"select * from objective_score where node_id = $node and {MONTH}",
    "strategy map": f"""
        select link.*, cause.score as cause_score, effect.score as effect_score
        from strategy_link as link
        left join objective_score as cause on cause.objective_id = link.cause_id
            and cause.node_id = $node and cause.{MONTH.replace(" and ", " and cause.")}
        left join objective_score as effect on effect.objective_id = link.effect_id
            and effect.node_id = $node and effect.{MONTH.replace(" and ", " and effect.")}
    """,
    "trend over 24 months": f"""
        select period_start, value, target, status from kpi_value
        where {CELL} and period_type = 'month' order by period_start desc limit 24
    """,
    "trend over 90 days": f"""
        select period_start, value from kpi_value
        where {CELL} and period_type = 'day' order by period_start desc limit 90
    """,
    "weeks of all KPIs of a node": """
        select kpi_id, period_start, value from kpi_value
        where node_id = $node and period_type = 'week' order by kpi_id, period_start
    """,
    "year to date, day by day": f"""
        select period_end, value, target from kpi_value
        where {CELL} and period_type = 'year_to_date' order by period_end
    """,
    "drill-down to children": f"""
        select child.node_id, child.node_name, value, target, status
        from dim_organization as child
        left join kpi_value on kpi_value.node_id = child.node_id and kpi_id = $kpi and {MONTH}
        where child.parent_id = $parent order by child.sort_order
    """,
    "a KPI at every machine": f"""
        select node_id, value, score from kpi_value
        where kpi_id = $kpi and node_level = 'machine' and {MONTH} order by value
    """,
    "worst KPIs of a node": f"""
        select kpi_name, value, target, score from scorecard
        where node_id = $node and {MONTH} and score is not null order by score limit 10
    """,
    "worst machines": f"""
        select node_id, kpi_id, score from kpi_value
        where node_level = 'machine' and {MONTH} and score is not null order by score limit 20
    """,
    "deviations of a node": f"""
        select * from deviation where node_id = $node and {MONTH}
        order by favourable_deviation limit 20
    """,
    "biggest change against the period before": f"""
        select kpi_name, node_name, favourable_delta from scorecard
        where {MONTH} and favourable_delta is not null order by favourable_delta limit 20
    """,
    "status counts by perspective": f"""
        select perspective_name, status, count(*) from scorecard where {MONTH} group by all
    """,
    "heat map of a KPI: machines by week": """
        select node_id, period_start, value from kpi_value
        where kpi_id = $kpi and node_level = 'machine' and period_type = 'week'
    """,
    "what is missing": f"""
        select kpi_name, no_data_reason from scorecard
        where node_id = $node and {MONTH} and no_data_reason is not null
    """,
    "restatements of a KPI": "select * from restatement where kpi_id = $kpi order by version desc",
    "periods and nodes to choose from": """
        select (select count(*) from dim_organization), max(period_end) from scorecard
    """,
}


def publish_to(folder: Path, machines: int, days: int) -> Path:
    """Simulate, compute, and write the published DuckDB file."""
    config = config_at(folder)
    Events(config.landing, machines * days * 40, machines=machines, days=days).land_history()
    write_definitions(config, strategy(), folder=config.definitions)
    ResidentBuild(config).build()
    record(CheckReport("benchmark", results=()), config)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {literal(str(config.warehouse))} as {WAREHOUSE} (read_only)")
        write_duckdb(con, published_tables(con, config, version="bench", former=None), folder)
    return folder / DUCKDB_FILE


def parameters(con: duckdb.DuckDBPyConnection) -> list[dict[str, str]]:
    """KPIs, nodes and months that have values, chosen at random."""
    return [
        {"kpi": kpi, "node": node, "month": month, "parent": parent}
        for kpi, node, month, parent in con.execute(
            """
            select kpi_id, node_id, cast(period_start as varchar), coalesce(parent_id, node_id)
            from kpi_value join dim_organization using (node_id)
            where period_type = 'month' using sample 200 rows (reservoir, 7)
            """
        ).fetchall()
    ]


def client(path: Path, seed: int, times: dict[str, list[float]]) -> None:
    """Make every query some times, each with other parameters."""
    chance = random.Random(seed)
    with duckdb.connect(str(path), read_only=True).cursor() as con:
        cells = parameters(con)
        for _ in range(REPEATS):
            for name, sql in QUERIES.items():
                cell = chance.choice(cells)
                used = {key: value for key, value in cell.items() if f"${key}" in sql}
                start = time.perf_counter()
                con.execute(sql, used).fetchall()
                times[name].append(1000 * (time.perf_counter() - start))


def percentile(times: list[float], share: float) -> float:
    """The time that this share of the queries does not exceed, in ms."""
    return round(statistics.quantiles(times, n=100, method="inclusive")[round(100 * share) - 1], 1)


def main() -> None:
    """Print a table and, as the last line, one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=60)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--file", type=Path, help="a published file that is there already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        path = options.file or publish_to(Path(temporary), options.machines, options.days)
        with duckdb.connect(str(path), read_only=True) as con:
            (rows,) = con.execute("select count(*) from kpi_value").fetchone() or (0,)
        result: dict[str, object] = {
            "benchmark": "query",
            "kpi_values": rows,
            "queries": len(QUERIES),
        }
        for clients in CLIENTS:
            times: dict[str, list[float]] = {name: [] for name in QUERIES}
            threads = [
                threading.Thread(target=client, args=(path, seed, times)) for seed in range(clients)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            print(f"\n{clients} client{'s' if clients > 1 else ''}{'p50 ms':>44}{'p95 ms':>10}")
            for name, found in times.items():
                print(f"{name:<44}{percentile(found, 0.5):>10}{percentile(found, 0.95):>10}")
            every = [ms for found in times.values() for ms in found]
            result[f"{clients}_clients"] = {
                "p50_ms": percentile(every, 0.5),
                "p95_ms": percentile(every, 0.95),
            }
        result["budget_ms"] = BUDGET_MS
        result["enough_rows"] = rows >= ROWS
        print(json.dumps(result))


if __name__ == "__main__":
    main()
