"""The marts over star rows made by a random generator, against a second computation in Python.

The star is not built but filled here, all but what counts canonical rows, so that what is tested is
the way from fact to scorecard: hierarchy, periods, roll-up classes, completeness, missing tables.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
import pytest
import yaml

from models.config import Config, Enterprise, Source
from models.contract import LINEAGE, canonical_tables
from models.strategy import NODE_LEVELS, Kpi, strategy
from orchestration.warehouse import dbt_vars
from sources.definitions import write_definitions

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "dbt_project"
KPIS = {kpi.id: kpi for kpi in strategy().kpis}
PARENT = {
    "E": None,
    "S1": "E",
    "S2": "E",
    "A1": "S1",
    "L1": "A1",
    "L2": "S2",
    "M1": "L1",
    "M2": "L1",
}
LEVEL = {"E": "enterprise", "S": "site", "A": "area", "L": "line", "M": "machine"}
FIRST, AS_OF, LAST = date(2026, 5, 20), date(2026, 7, 9), date(2026, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
RUNNING = ("month", "quarter", "year")
MISSING = "mes_energy"
COUNTED = "event_day"
"""Table of the star that is computed from the canonical rows."""
REPORTED = {
    *("oee", "availability", "effectiveness", "oee_quality", "quality_ratio", "scrap_ratio"),
    *("rework_ratio", "setup_ratio", "mtbf", "mttr", "state_coverage", "net_sales"),
    *("oee_availability", "oee_coverage"),
    *("net_availability", "allocation_efficiency", "utilization_efficiency", "cycle_time"),
    *("technical_efficiency", "mttf", "inherent_availability", "fall_off_ratio", "nee"),
    *("gross_margin", "ebitda", "ebitda_margin", "inventory_turns", "net_working_capital"),
    *("cost_of_poor_quality", "internal_failure_cost", "external_failure_cost"),
    "prevention_appraisal_cost",
    *("inventory_value", "dio", "dso", "dpo", "cash_to_cash"),
}
"""KPIs whose numerator and denominator `facts` fills, and that have all they need in RECORDED."""
RECORDED = {
    "erp_gl_entry": [
        *({"account_class": name} for name in ("revenue", "payable")),
        {"account_class": "cogs", "posting_date": date(2026, 7, 5)},
        {"account_class": "receivable", "posting_date": date(2026, 6, 15)},
        {"account_class": "direct_labour", "is_deleted": True},
    ],
    "erp_inventory_balance": [{"as_of_date": date(2026, 7, 1)}, {"as_of_date": date(2026, 6, 10)}],
    "mes_maintenance_order": [{"requested_at": "2026-05-31 22:30:00", "type": "corrective"}, {}],
    "mes_production_count": [{"qty_rework": 0}, {}, {"is_deleted": True}],
    MISSING: [],
}
"""Canonical rows, and what stands in them; every other table has two empty ones."""
FIRST_DAY = {
    **dict.fromkeys(
        ("dio", "inventory_turns", "inventory_value", "net_working_capital"), date(2026, 6, 10)
    ),
    **dict.fromkeys(
        (
            "cost_of_poor_quality",
            "internal_failure_cost",
            "external_failure_cost",
            "prevention_appraisal_cost",
        ),
        date(2026, 6, 10),
    ),
    **dict.fromkeys(("mttr", "mtbf", "mttf", "inherent_availability"), date(2026, 6, 1)),
}
"""First day on which all that a KPI needs is recorded; half past ten in UTC is past midnight. A
posting in the ledger speaks for its whole fiscal year."""


def columns(layer: str) -> dict[str, dict[str, str]]:
    """Columns and types of every table of a layer, as its contracts say."""
    files = (PROJECT / "models" / layer).rglob("*.yml")
    models = [m for f in files for m in yaml.safe_load(f.read_text("utf-8")).get("models", [])]
    return {m["name"]: {c["name"]: c["data_type"] for c in m["columns"]} for m in models}


def month(day: date, back: int = 0) -> date:
    index = day.year * 12 + day.month - 1 - back
    return date(index // 12, index % 12 + 1, 1)


def period(kind: str, day: date) -> tuple[date, date]:
    """First and last day of the whole period of a day."""
    if kind == "day":
        return day, day
    if kind == "week":
        start = day - timedelta(days=day.weekday())
        return start, start + timedelta(days=6)
    start = month(day, {"month": 0, "quarter": (day.month - 1) % 3, "year": day.month - 1}[kind])
    return start, month(start, -{"month": 1, "quarter": 3, "year": 12}[kind]) - timedelta(days=1)


def calendar() -> list[dict]:
    rows = []
    for day in DAYS:
        row = {"date_day": day, "is_weekend": day.weekday() >= 5}
        for kind in ("week", "month", "quarter", "year"):
            row[f"{kind}_start"], row[f"{kind}_end"] = period(kind, day)
        rows.append(row)
    return rows


def ancestors(node: str) -> list[str]:
    return [node, *ancestors(PARENT[node])] if node else []


def site_of(node: str) -> str | None:
    return next((a for a in ancestors(node) if LEVEL[a[0]] == "site"), None)


def facts() -> dict[str, list[dict]]:
    """Random rows, also after as_of (which must not count) and at nodes of every level."""
    random = Random(20260709)
    until = [day for day in DAYS if day <= AS_OF + timedelta(days=3)]
    tables = defaultdict(list)
    for number in range(600):
        where = {"node_id": random.choice(list(PARENT)), "date_day": random.choice(until)}
        where |= {"source_system": "s", "source_pk": str(number), "batch_id": "b"}
        good, scrap = random.randrange(100), random.randrange(9)
        run, stop, gap = random.randrange(1, 9000), random.randrange(3000), random.randrange(500)
        tables["fct_production"].append(
            where
            | {
                "is_first_op": number % 2 == 1,
                "is_final_op": number % 2 == 0,
                "qty_total": good + scrap,
                "qty_good": good,
                "qty_scrap": scrap,
                "qty_rework": 0,
                "ideal_time_good_s": 3 * good,
                "ideal_time_total_s": 3 * (good + scrap),
            }
        )
        tables["fct_state_time"].append(
            where
            | {
                "is_scheduled": True,
                "duration_s": run + stop + gap,
                "apt_s": run,
                "aust_s": 0,
                "adet_s": stop,
                "no_data_s": gap,
                "pbt_s": run + stop,
            }
        )
        if number % 40 == 0:
            tables["fct_maintenance"].append(where | {"is_failure": True, "repair_s": 60 * good})
            tables["fct_failure"].append(where | {"repair_s": 60 * good})
        tables["fct_revenue"].append(where | {"net_amount": good})
        tables["fct_gl"] += [
            where | {"account_class": "revenue", "balance": -good - 1},
            where | {"account_class": "cogs", "balance": good},
        ]
    tables["unrated_day"] = [
        {"node_id": node, "date_day": day} for day in until[::3] for node in ("L1", "M2")
    ]
    for day in until:
        where = {"date_day": day, "source_system": "s", "source_pk": str(day), "batch_id": "b"}
        for node in ("S1", "S2"):
            value = {"node_id": node, "value": random.randrange(1000, 2000)}
            tables["fct_inventory_day"].append(where | value)
        for account, balance in (("receivable", 900), ("payable", -500)):
            of = {"node_id": "E", "account_class": account, "balance": balance}
            tables["fct_gl_balance_day"].append(where | of)
    return dict(tables)


def fill(con: duckdb.DuckDBPyConnection, order: int) -> None:
    """Star and canonical tables; `order` shuffles the rows."""
    organization = [
        {"node_id": n, "node_name": n, "node_level": LEVEL[n[0]], "parent_id": parent}
        for n, parent in PARENT.items()
    ]
    closure = [
        {"ancestor_id": a, "descendant_id": n, "depth": depth}
        for n in PARENT
        for depth, a in enumerate(ancestors(n))
    ]
    content = facts() | {
        "clock": [{"as_of": f"{AS_OF} 20:00:00", "as_of_date": AS_OF}],
        "clock_date": [{"as_of_date": AS_OF}],
        "dim_date": calendar(),
        "dim_organization": [row | {"site_id": site_of(row["node_id"])} for row in organization],
        "organization_closure": closure,
        "dim_node": organization,
        "node_closure": [
            {
                "ancestor_id": row["ancestor_id"],
                "ancestor_level": LEVEL[row["ancestor_id"][0]],
                "descendant_id": row["descendant_id"],
            }
            for row in closure
        ],
    }
    for name, types in columns("star").items():
        if name == COUNTED:
            continue
        declared = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
        con.execute(f"create table {name} ({declared})")
        if rows := content.get(name):
            Random(order).shuffle(rows)
            con.register("rows", pa.Table.from_pylist(rows))
            con.execute(f"insert into {name} by name select * from rows")
            con.unregister("rows")
    for name, table in canonical_tables().items():
        fields = {**table.columns, **LINEAGE}
        declared = ", ".join(f'"{n}" {column.type.sql}' for n, column in fields.items())
        con.execute(f"create table {name} ({declared})")
        for row in RECORDED.get(name, [{}, {}]):
            filled = {"is_deleted": False, "source_system": "s"} | row
            places = ", ".join("?" for _ in filled)
            con.execute(
                f"insert into {name} ({', '.join(filled)}) values ({places})",
                list(filled.values()),
            )
    refused = columns("canonical")["unmapped_code"]
    con.execute(f"create table unmapped_code ({', '.join(f'{n} {t}' for n, t in refused.items())})")
    con.execute(
        "insert into unmapped_code (canonical_table, source_system, source_pk, column_name) values "
        "('mes_production_count', 's', '1', 'uom'), ('mes_production_count', 's', '1', 'item_code')"
    )


def build(home: Path, order: int) -> duckdb.DuckDBPyConnection:
    """The marts over the facts in some order.

    Builds in one home are made at one path, and so share what dbt has parsed.
    """
    enterprise = Enterprise(code="E", name="Plant", time_zone="Europe/Berlin", currency="EUR")
    config = Config(
        enterprise=enterprise, sources=(Source(name="s", system="files", path=home),), home=home
    )
    write_definitions(config, strategy(), folder=config.definitions)
    warehouse = home / "marts.duckdb"
    with duckdb.connect(str(warehouse)) as con:
        fill(con, order)
    variables = {
        "definitions": str(config.definitions),
        "enterprise": enterprise.model_dump() | {"as_of": "data"},
        "sources": dbt_vars(config)["sources"],
    }
    done = subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            *("run", "--select", "marts", COUNTED, "--vars", json.dumps(variables)),
            *("--profiles-dir", PROJECT, "--target-path", home / "target", "--log-path", home),
        ],
        cwd=PROJECT,
        env=os.environ | {"SCORECARD_WAREHOUSE": str(warehouse)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    built = home / str(order) / warehouse.name
    built.parent.mkdir()
    warehouse.rename(built)
    return duckdb.connect(str(built), read_only=True)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("marts")


@pytest.fixture(scope="module")
def marts(home):
    with build(home, order=1) as con:
        yield con


@pytest.fixture(scope="module")
def values(marts):
    """Values by KPI, node, period type, first and last day."""
    rows = marts.sql(
        "select kpi_id, node_id, period_type, period_start, period_end, value from kpi_value"
    ).fetchall()
    found = {tuple(row[:5]): row[5] for row in rows}
    assert len(found) == len(rows)
    return found


def spans(day: date) -> list[tuple[str, date, date]]:
    """Every period that a day counts in: type, first and last day."""
    found = [(kind, *period(kind, day)) for kind in ("day", "week", *RUNNING)]
    for kind in RUNNING:
        start, end = period(kind, day)
        length = (min(end, AS_OF) - day).days
        found += [(f"{kind}_to_date", start, day + timedelta(days=n)) for n in range(length + 1)]
    return found


def is_defined(kpi: Kpi, node: str) -> bool:
    return NODE_LEVELS.index(LEVEL[node[0]]) <= NODE_LEVELS.index(kpi.lowest_level)


def expected(marts, kpi: Kpi) -> dict[tuple, float]:
    """Every value of a KPI computed from its contributions, without the SQL of the marts."""
    sums: dict[tuple, list] = {}
    for node, day, numerator, denominator in marts.sql(
        f"select node_id, date_day, numerator, denominator from kpi_{kpi.id}"
    ).fetchall():
        cells = [(n, *s) for n in ancestors(node) if is_defined(kpi, n) for s in spans(day)]
        for cell in cells if FIRST_DAY.get(kpi.id, day) <= day <= AS_OF else []:
            parts = sums.setdefault(cell, [0, 0, set()])
            parts[0] += Fraction(numerator)
            parts[1] += Fraction(denominator)
            parts[2].add(day)
    divisors = {
        cell: {"ratio": denominator, "stock": len(days), "additive": 1}[kpi.rollup]
        for cell, (_, denominator, days) in sums.items()
    }
    return {
        (kpi.id, *cell): float(Fraction(kpi.scale) * sums[cell][0] / divisor)
        for cell, divisor in divisors.items()
        if divisor
    }


@pytest.mark.parametrize("kpi", KPIS.values(), ids=KPIS.keys())
def test_every_value_is_the_ratio_of_the_sums_of_its_contributions(marts, values, kpi):
    found = {key: value for key, value in values.items() if key[0] == kpi.id}
    if kpi.rollup != "derived" and kpi.id in REPORTED:
        assert found == pytest.approx(expected(marts, kpi), rel=1e-12)
    assert bool(found) == (kpi.id in REPORTED)


def test_cash_to_cash_is_recomputed_from_its_parts(values):
    cells = [key[1:] for key in values if key[0] == "cash_to_cash"]
    assert {cell[0] for cell in cells} == {"E"}
    for cell in cells:
        dio, dso, dpo = (values[kpi, *cell] for kpi in ("dio", "dso", "dpo"))
        assert values["cash_to_cash", *cell] == pytest.approx(dio + dso - dpo, abs=1e-9)


def test_oee_is_the_product_of_its_factors_at_every_node_and_period(values):
    factors = ("oee_availability", "effectiveness", "oee_quality")
    cells = [key[1:] for key in values if key[0] == "oee"]
    assert {cell[0] for cell in cells} == set(PARENT)
    compared = 0
    for cell in cells:
        parts = [values.get((factor, *cell)) for factor in factors]
        if None in parts:
            continue
        product = parts[0] * parts[1] * parts[2] / 1e4
        assert values["oee", *cell] == pytest.approx(product, rel=1e-12)
        compared += 1
    assert compared > 500


def test_a_period_to_date_ends_as_the_whole_period(values):
    ended = [key for key in values if key[2] in {"month", "quarter"} and key[4] <= AS_OF]
    assert len(ended) > 50
    for kpi, node, kind, start, end in ended:
        whole = values[kpi, node, kind, start, end]
        assert values[kpi, node, f"{kind}_to_date", start, end] == whole


def test_nothing_counts_after_as_of(values):
    assert max(start for _, _, _, start, _ in values) <= AS_OF
    assert max(end for _, _, kind, _, end in values if kind in {"day", "year_to_date"}) == AS_OF


def test_an_open_period_is_provisional(marts):
    rows = marts.sql("select distinct period_end, is_provisional from kpi_value").fetchall()
    assert all(provisional == (end >= AS_OF) for end, provisional in rows)


def test_the_order_of_rows_changes_no_bit(marts, home):
    tables = ["kpi_value", "scorecard", "objective_score", "perspective_score", "deviation"]
    with build(home, order=2) as other:
        for table in tables:
            query = f"select * from {table} order by all"
            assert marts.sql(query).fetchall() == other.sql(query).fetchall()


def test_a_kpi_without_its_table_has_no_value_but_a_reason(marts, values):
    assert not [key for key in values if key[0] == "energy_per_good_unit"]
    assert marts.sql(
        "select distinct status, no_data_reason from scorecard "
        "where kpi_id = 'energy_per_good_unit'"
    ).fetchall() == [("no_data", "no rows in mes_energy")]


def test_a_kpi_without_the_rows_it_needs_has_no_value_but_a_reason(marts, values):
    """The ledger has rows and output is counted, but no labour was posted: no cost of zero."""
    assert not [key for key in values if key[0] == "conversion_cost_per_good_unit"]
    assert marts.sql(
        "select distinct status, no_data_reason from scorecard "
        "where kpi_id = 'conversion_cost_per_good_unit'"
    ).fetchall() == [
        (
            "no_data",
            "no rows in erp_gl_entry with account_class direct_labour or manufacturing_overhead",
        )
    ]


def test_before_all_is_recorded_there_is_no_data(marts):
    assert marts.sql(
        "select status, no_data_reason from scorecard where kpi_id = 'dio' "
        "and node_id = 'E' and period_type = 'month' and period_start = '2026-05-01'"
    ).fetchall() == [("no_data", "not all that it needs was recorded before 2026-06-10")]
    assert marts.sql("select min(date_day) from kpi_dio").fetchone() == (FIRST,)


def test_the_scorecard_has_every_cell(marts):
    cells = marts.sql(
        "select kpi_id, node_id, period_type, period_start, period_end from scorecard"
    ).fetchall()
    periods = {(kind, *period(kind, day)) for kind in RUNNING for day in DAYS if day <= AS_OF}
    periods |= {(f"{kind}_to_date", period(kind, AS_OF)[0], AS_OF) for kind in RUNNING}
    wanted = [
        (kpi.id, node, *span)
        for kpi in KPIS.values()
        for node in PARENT
        if is_defined(kpi, node)
        for span in periods
    ]
    assert sorted(cells) == sorted(wanted)


def test_completeness_counts_refused_rows_and_gaps(marts):
    """Two of three counts entered; of the scheduled time the states' gaps are missing."""
    assert marts.sql(
        "select entered_rows, refused_rows, mapped_share from canonical_coverage "
        "where canonical_table = 'mes_production_count'"
    ).fetchone() == (2, 1, pytest.approx(2 / 3))
    rows = marts.sql(
        "select oee.completeness, coverage.value, rated.value from kpi_value as oee "
        "inner join kpi_value as coverage using (node_id, period_type, period_start, period_end) "
        "inner join kpi_value as rated using (node_id, period_type, period_start, period_end) "
        "where oee.kpi_id = 'oee' and coverage.kpi_id = 'state_coverage' "
        "and rated.kpi_id = 'oee_coverage'"
    ).fetchall()
    assert len(rows) > 500
    assert len({rated for _, _, rated in rows}) > 100
    assert all(
        share == pytest.approx(2 / 3 * known / 100 * rated / 100) for share, known, rated in rows
    )
    assert marts.sql(
        "select distinct completeness from kpi_value where kpi_id = 'quality_ratio'"
    ).fetchall() == [(pytest.approx(2 / 3),)]


def test_scores_follow_the_targets(marts):
    """At the enterprise in June: the general target of the day, scored by hand."""
    target = next(t for t in KPIS["oee"].targets if t.node is None)
    value, found, red_flag, score = marts.sql(
        "select value, target, red_flag, score from kpi_value where kpi_id = 'oee' "
        "and node_id = 'E' and period_type = 'month' and period_start = '2026-06-01'"
    ).fetchone()
    assert (found, red_flag) == (target.target, target.red_flag)
    share = (value - target.red_flag) / (target.target - target.red_flag)
    assert score == pytest.approx(min(10, max(0, 10 / 3 * (1 + share))))
