"""Properties of the roll-up over small plants that hypothesis makes up.

dbt compiles the SQL of the marts once; each plant then runs through that very SQL, and every figure
is compared with a computation in Python that knows nothing of it.

Does not belong here: facts and KPIs' own SQL (dbt unit tests), targets and scores
(`test_scorecard_marts`).
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.config import Config, Enterprise, Source
from models.fiscal import fiscal_periods
from models.strategy import strategy
from sources.definitions import write_definitions

PROJECT = Path(__file__).parents[2] / "dbt_project"
ENTERPRISE = Enterprise(code="E", name="Plant", time_zone="UTC", currency="EUR")
FIRST, AS_OF = date(2026, 1, 29), date(2026, 4, 2)
DAYS = [FIRST + timedelta(days=n) for n in range((date(2026, 12, 31) - FIRST).days + 1)]
DATA_DAYS = [date(2026, 1, 29), date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 31), AS_OF]
LEVELS = {"E": "enterprise", "S": "site", "M": "machine", "g": "item_group"}
FACTORS = {
    "oee_availability": ("run", "busy"),
    "effectiveness": ("ideal", "run"),
    "oee_quality": ("good", "ideal"),
    "oee": ("good", "busy"),
}
KPIS = {
    **{kpi: {"rollup": "ratio", "scale": 100.0} for kpi in FACTORS},
    "output": {"rollup": "additive", "scale": 1.0},
    "stock": {"rollup": "stock", "scale": 1.0},
    "nee": {"rollup": "derived", "derived_as": "product", "scale": 100.0},
    "retention": {"rollup": "set", "set_base": "start", "scale": 100.0},
    "coverage": {"rollup": "set", "set_base": "end", "scale": 100.0},
    "yield": {"rollup": "product", "scale": 100.0},
}
COMPONENTS = ("oee_availability", "effectiveness", "oee_quality")
MODELS = ("kpi_node_day", "kpi_period", "kpi_member_period", "kpi_value")
TABLES = {
    "kpi_part": "kpi_id varchar, node_id varchar, date_day date, shift_code varchar, "
    "numerator decimal(38,12), denominator decimal(38,12)",
    "kpi_segment_part": "kpi_id varchar, node_id varchar, date_day date, shift_code varchar, "
    "numerator decimal(38,12), denominator decimal(38,12)",
    "kpi_member": "kpi_id varchar, node_id varchar, date_day date, numerator decimal(38,12), "
    "denominator decimal(38,12), member varchar, valid_to date, place bigint, "
    "lsl decimal(18,6), usl decimal(18,6), first_day date",
    "node_closure": "ancestor_id varchar, ancestor_level varchar, descendant_id varchar",
    "dim_node": "node_id varchar, node_name varchar, node_level varchar, parent_id varchar",
    "kpi_level": "kpi_id varchar, node_level varchar",
    "dim_kpi": "kpi_id varchar, rollup varchar, scale double, derived_as varchar, "
    "set_base varchar, statistic varchar, at_least double, direction varchar, version bigint, "
    "denominator_offset double, zero_value double, of_rated_days boolean",
    "dim_kpi_version": "kpi_id varchar, version bigint, valid_from date, valid_to date",
    "kpi_component": "kpi_id varchar, version bigint, component_id varchar, factor double",
    "kpi_target": "kpi_id varchar, node_id varchar, valid_from date, valid_to date, "
    "target double, red_flag double",
    "dim_organization": "node_id varchar, site_id varchar",
    "kpi_readiness": "kpi_id varchar, node_id varchar, first_day date, missing varchar, "
    "mapped_share double, recorded_share double, uses_machine_states boolean",
    "kpi_refused": "kpi_id varchar, node_id varchar, period_type varchar, period_start date, "
    "period_end date, canonical_table varchar",
    "clock_date": "as_of_date date",
}
FEW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


class Marts(NamedTuple):
    """A database and the marts' SQL; hypothesis prints it with each example that fails."""

    con: duckdb.DuckDBPyConnection
    sql: dict[str, str]

    def __repr__(self):
        return "marts"


@pytest.fixture(scope="module")
def marts(tmp_path_factory):
    """A database with calendar and definitions; what a plant has is replaced by each example."""
    home = tmp_path_factory.mktemp("properties")
    config = Config(
        enterprise=ENTERPRISE, sources=(Source(name="s", system="files", path=home),), home=home
    )
    write_definitions(config, strategy(), folder=config.definitions)
    variables = {
        "definitions": str(config.definitions),
        "enterprise": ENTERPRISE.model_dump(mode="json") | {"as_of": "data"},
    }
    done = subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            *("compile", "--select", *MODELS, "dim_period", "--vars", json.dumps(variables)),
            *("--profiles-dir", PROJECT, "--target-path", home / "target", "--log-path", home),
        ],
        cwd=PROJECT,
        env=os.environ | {"SCORECARD_WAREHOUSE": str(home / "plant.duckdb")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    sql = {p.stem: p.read_text("utf-8") for p in (home / "target/compiled").rglob("*.sql")}
    with duckdb.connect() as con:
        con.execute("attach ':memory:' as plant")
        con.execute("use plant")
        for name, columns in TABLES.items():
            con.execute(f"create table {name} ({columns})")
        put(con, "dim_date", calendar())
        put(con, "clock_date", [{"as_of_date": AS_OF}])
        put(
            con,
            "dim_kpi",
            [{"kpi_id": k, "direction": "higher", "version": 1} | d for k, d in KPIS.items()],
        )
        ready = {"node_id": ENTERPRISE.code, "mapped_share": 1.0, "recorded_share": 1.0}
        put(con, "kpi_readiness", [{"kpi_id": kpi} | ready for kpi in KPIS])
        put(
            con,
            "kpi_level",
            [{"kpi_id": k, "node_level": v} for k in KPIS for v in LEVELS.values()],
        )
        put(
            con,
            "kpi_component",
            [
                {"kpi_id": "nee", "version": 1, "component_id": k, "factor": 0.01}
                for k in COMPONENTS
            ],
        )
        put(
            con,
            "dim_kpi_version",
            [{"kpi_id": "nee", "version": 1, "valid_to": date(9999, 12, 31)}],
        )
        con.execute(f"create table dim_period as {sql['dim_period']}")
        yield Marts(con, sql)


def calendar():
    found = []
    periods = list(fiscal_periods(ENTERPRISE))
    for day in DAYS:
        monday = day - timedelta(days=day.weekday())
        row = {"date_day": day, "week_start": monday, "week_end": monday + timedelta(days=6)}
        row |= dict(zip(("iso_year", "iso_week"), day.isocalendar()[:2], strict=True))
        for period in periods:
            if period.period_start <= day <= period.period_end:
                row[f"{period.period_type}_start"] = period.period_start
                row[f"{period.period_type}_end"] = period.period_end
        found.append(row)
    return found


def put(con, table, rows):
    """Replace what a table holds; creates it if it is not there."""
    exists = con.execute(
        "select count(*) from duckdb_tables() where table_name = ?", [table]
    ).fetchone()[0]
    if exists:
        con.execute(f"truncate {table}")
    if rows:
        names = dict.fromkeys(name for row in rows for name in row)
        filled = [{name: row.get(name) for name in names} for row in rows]
        con.register("rows", pa.Table.from_pylist(filled))
        verb = f"insert into {table} by name" if exists else f"create table {table} as"
        con.execute(f"{verb} select * from rows")
        con.unregister("rows")


def evaluate(marts, machines, parts, members=(), segments=()):
    """Every value by KPI, node, period type, first and last day and shift."""
    con, sql = marts
    parents = (
        {"E": None} | dict.fromkeys(machines, "E") | {m: s for s in machines for m in machines[s]}
    )
    groups = sorted({row["node_id"] for row in segments})
    nodes = [*parents, *groups]
    put(con, "dim_node", [{"node_id": n, "node_level": LEVELS[n[0]]} for n in nodes])
    above = {n: ancestors(parents, n) for n in parents} | {g: [g] for g in groups}
    closure = [
        {"ancestor_id": a, "ancestor_level": LEVELS[a[0]], "descendant_id": n}
        for n in above
        for a in above[n]
    ]
    put(con, "node_closure", closure)
    put(con, "kpi_part", list(parts))
    put(con, "kpi_segment_part", list(segments))
    put(con, "kpi_member", list(members))
    for model in MODELS:
        con.execute(f"create or replace table {model} as {sql[model]}")
    rows = con.sql(
        "select kpi_id, node_id, period_type, period_start, period_end, shift_code, value "
        "from kpi_value"
    ).fetchall()
    values = {tuple(row[:6]): row[6] for row in rows}
    assert len(values) == len(rows)
    return values, above


def ancestors(parents, node):
    return [node, *ancestors(parents, parents[node])] if node else []


def spans(con):
    return con.sql(
        "select period_type, period_start, period_end from dim_period where period_type <> 'shift'"
    ).fetchall()


plants = st.dictionaries(
    st.sampled_from(["S1", "S2"]),
    st.sets(st.sampled_from("abc"), min_size=1, max_size=3),
    min_size=1,
).map(lambda sites: {s: [f"M{s}{m}" for m in sorted(names)] for s, names in sites.items()})


@st.composite
def production(draw):
    """A plant and what each machine did on some days, in a shift or outside of one."""
    machines = draw(plants)
    cell = st.tuples(
        st.sampled_from([m for names in machines.values() for m in names]),
        st.sampled_from(DATA_DAYS),
        st.sampled_from(["D", "N", None]),
    )
    amount = st.tuples(*(st.integers(0, 50),) * 3, st.integers(1, 100))
    work = draw(st.dictionaries(cell, amount, min_size=1, max_size=12))
    return machines, {
        key: {"good": a, "ideal": a + b, "run": c + 1, "busy": c + 1 + d}
        for key, (a, b, c, d) in work.items()
    }


@FEW
@given(plant=production())
def test_every_ratio_is_recomputed_from_its_leaves(marts, plant):
    """Also: between its smallest and largest child, OEE is the product, to date sums its days."""
    machines, work = plant
    parts = [
        {
            "kpi_id": kpi,
            "node_id": machine,
            "date_day": day,
            "shift_code": shift,
            "numerator": done[numerator],
            "denominator": done[denominator],
        }
        for (machine, day, shift), done in work.items()
        for kpi, (numerator, denominator) in FACTORS.items()
    ]
    parts += [
        {**part, "kpi_id": "output", "denominator": 0} for part in parts if part["kpi_id"] == "oee"
    ]
    # Of half of the cells: an item group knows all factors of what it has.
    first_half = list(work)[: (len(work) + 1) // 2]
    group = [
        {**part, "node_id": "group"}
        for part in parts
        if (part["node_id"], part["date_day"], part["shift_code"]) in first_half
    ]
    values, above = evaluate(marts, machines, parts, segments=group)
    sums = defaultdict(lambda: [Fraction(0), Fraction(0)])
    periods = spans(marts[0])
    for part in [*parts, *group]:
        day, shift = part["date_day"], part["shift_code"]
        cells = [(*p, None) for p in periods if p[1] <= day <= p[2] and p[0] != "rolling_12_months"]
        cells += [("shift", day, day, shift)] if shift else []
        for node in above[part["node_id"]]:
            for cell in cells:
                total = sums[part["kpi_id"], node, *cell]
                total[0] += part["numerator"]
                total[1] += 1 if part["kpi_id"] == "output" else part["denominator"]
    expected = {
        key: float(n if key[0] == "output" else 100 * n / d) for key, (n, d) in sums.items() if d
    }
    derived = {key for key in values if key[0] == "nee"}
    found = {key: value for key, value in values.items() if key not in derived}
    assert found == pytest.approx(expected, rel=1e-12)
    for key in derived:
        factors = [values[kpi, *key[1:]] for kpi in COMPONENTS]
        product = factors[0] * factors[1] * factors[2] / 1e4
        assert values[key] == pytest.approx(product, rel=1e-12)
        assert values["oee", *key[1:]] == pytest.approx(product, rel=1e-9, abs=1e-12)
    for (kpi, node, *cell), value in found.items():
        below = [
            values[kpi, child, *cell]
            for child, path in above.items()
            if node in path[1:2] and (kpi, child, *cell) in values
        ]
        if kpi in FACTORS and below:
            assert min(below) - 1e-9 <= value <= max(below) + 1e-9


@FEW
@given(
    levels=st.dictionaries(
        st.tuples(st.sampled_from(["S1", "S2"]), st.sampled_from(DATA_DAYS)),
        st.integers(0, 1000),
        min_size=1,
    )
)
def test_a_stock_is_summed_over_nodes_and_averaged_over_days(marts, levels):
    parts = [
        {"kpi_id": "stock", "node_id": s, "date_day": d, "numerator": n, "denominator": 0}
        for (s, d), n in levels.items()
    ]
    values, _ = evaluate(marts, {"S1": [], "S2": []}, parts)
    for (_, node, kind, start, end, _), value in values.items():
        counted = {
            d: sum(n for (s, day), n in levels.items() if day == d and node in (s, "E"))
            for (s, d) in levels
            if start <= d <= end and node in (s, "E")
        }
        assert value == pytest.approx(sum(counted.values()) / len(counted)), kind
    assert len(values) >= len({d for _, d in levels}) * 2


memberships = st.lists(
    st.tuples(
        st.sampled_from(["S1", "S2"]),
        st.sampled_from("ABCD"),
        st.sampled_from(DATA_DAYS),
        st.sampled_from([None, *DATA_DAYS, AS_OF + timedelta(days=9)]),
        st.booleans(),
    ),
    min_size=1,
    max_size=10,
)


@FEW
@given(rows=memberships)
def test_a_member_of_a_set_counts_once_at_every_node(marts, rows):
    """Against sets in Python; a customer of two sites is one of the enterprise."""
    members = [
        {
            "kpi_id": kpi,
            "node_id": site,
            "date_day": since,
            "valid_to": until,
            "member": who,
            "numerator": int(counts),
            "denominator": 1,
        }
        for site, who, since, until, counts in rows
        for kpi in ("retention", "coverage")
    ]
    values, _ = evaluate(marts, {"S1": [], "S2": []}, [], members)

    def present(node, day, *, counted):
        return {
            who
            for site, who, since, until, counts in rows
            if node in (site, "E")
            and since <= day
            and (until is None or day < until)
            and (counts or not counted)
        }

    expected = {}
    for kind, start, end in spans(marts[0]):
        if kind.endswith("_to_date") and end != AS_OF:
            continue
        last = min(end, AS_OF)
        for node in ("S1", "S2", "E"):
            for kpi, base_day in (("retention", start - timedelta(days=1)), ("coverage", last)):
                base = present(node, base_day, counted=False)
                kept = base & present(node, last, counted=True)
                if base:
                    key = (kpi, node, kind, start, end, None)
                    expected[key] = 100 * len(kept) / len(base)
    compared = {
        key: value
        for key, value in values.items()
        if not key[2].endswith("_to_date") or key[4] == AS_OF
    }
    assert compared == pytest.approx(expected)


@FEW
@given(
    checks=st.lists(
        st.tuples(
            st.sampled_from(["S1", "S2"]),
            st.sampled_from(["10", "20", "30"]),
            st.sampled_from(DATA_DAYS),
            st.integers(0, 9),
            st.integers(0, 9),
        ),
        min_size=1,
        max_size=10,
    )
)
def test_a_rolled_yield_is_the_product_of_its_operations(marts, checks):
    members = [
        {
            "kpi_id": "yield",
            "node_id": site,
            "date_day": day,
            "member": operation,
            "numerator": good,
            "denominator": good + bad,
        }
        for site, operation, day, good, bad in checks
    ]
    values, _ = evaluate(marts, {"S1": [], "S2": []}, [], members)
    for (_, node, _, start, end, _), value in values.items():
        parts = defaultdict(lambda: [0, 0])
        for site, operation, day, good, bad in checks:
            if node in (site, "E") and start <= day <= end:
                parts[operation][0] += good
                parts[operation][1] += good + bad
        product = Fraction(100)
        for good, all_of_it in parts.values():
            product *= Fraction(good, all_of_it) if all_of_it else 1
        assert value == pytest.approx(float(product), abs=1e-9)
