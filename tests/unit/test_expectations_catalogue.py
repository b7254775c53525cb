"""The catalogue: computed from the contract, complete, and with names that tools accept."""

import re
from pathlib import Path

import duckdb
import pytest

from expectations import Category, Severity, catalogue
from expectations.check import FewRows, failing_rows
from models.config import Config, Enterprise, Source, Tolerance
from models.contract import LINEAGE, canonical_tables
from models.strategy import strategy


@pytest.fixture(scope="module")
def checks():
    config = Config(
        enterprise=Enterprise(code="E", name="E", time_zone="Europe/Berlin", currency="EUR"),
        sources=(
            Source(name="mes", system="files", path=Path("mes"), freshness_hours=6),
            Source(name="erp", system="files", path=Path("erp")),
        ),
        tolerance=Tolerance(order_mismatch_share=0.07),
    )
    return {check.id: check for check in catalogue(config)}


def test_ids_are_unique_names(checks):
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", check_id) for check_id in checks)
    config = Config(
        enterprise=Enterprise(code="E", name="E", time_zone="Europe/Berlin", currency="EUR"),
        sources=(Source(name="mes", system="files", path=Path("mes")),),
    )
    listed = [check.id for check in catalogue(config)]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("table", canonical_tables().values(), ids=lambda t: t.name)
def test_everything_the_contract_promises_is_checked(checks, table):
    expected = {f"{table.name}__key_unique"}
    for name, column in {**table.columns, **LINEAGE}.items():
        for suffix, promised in {
            "required": column.required,
            "values": bool(column.values),
            "form": bool(column.form),
            "min": column.min is not None,
            "reference": column.references is not None,
        }.items():
            if promised:
                expected.add(f"{table.name}__{name}__{suffix}")
    found = {i for i, c in checks.items() if c.table == table.name and c.category in CONTRACT}
    assert found == expected
    assert all(checks[i].severity is Severity.BLOCKING for i in expected)


CONTRACT = {
    Category.KEY,
    Category.REQUIRED,
    Category.VALUES,
    Category.RANGE,
    Category.REFERENCE,
}


def test_the_key_of_one_source_does_not_clash_with_that_of_another(checks):
    rule = checks["mes_shift__key_unique"].rule
    assert isinstance(rule, FewRows)
    assert "group by source_system, equipment_code, start_ts " in rule.violations
    conformed = checks["erp_item__key_unique"].rule
    assert isinstance(conformed, FewRows)
    assert "group by item_code" in conformed.violations


@pytest.mark.parametrize(
    ("zone", "never", "twice"),
    [
        ("America/New_York", "2026-03-08 02:30:00", "2026-11-01 01:30:00"),
        ("Europe/Berlin", "2026-03-29 02:00:00", "2026-10-25 02:59:59"),
    ],
)
def test_local_times_that_never_were_block_and_those_that_were_twice_warn(zone, never, twice):
    config = Config(
        enterprise=Enterprise(code="E", name="E", time_zone="UTC", currency="EUR"),
        sources=(
            Source(
                name="brew",
                system="brewmes",
                path=Path("x"),
                time_zone=zone,
                local_times={"vessel_log": ("t_from",)},
            ),
        ),
    )
    found = {check.id: check for check in catalogue(config) if check.category is Category.CLOCK}
    blocking, warning = (
        found[f"base_brewmes__vessel_log__t_from__brew__{name}"] for name in ("never", "twice")
    )
    assert (blocking.severity, warning.severity) == (Severity.BLOCKING, Severity.WARNING)
    with duckdb.connect() as con:
        con.execute("create table base (_source varchar, _op varchar, t_from timestamp)")
        con.executemany(
            "insert into base values (?, ?, ?)",
            [
                *(("brew", "upsert", t) for t in (never, twice, None)),
                *(("brew", "upsert", f"2026-{day} 02:30:00") for day in ("01-15", "07-15")),
                ("other", "upsert", never),
                ("brew", "delete", twice),
            ],
        )
        for check, time in ((blocking, never), (warning, twice)):
            rows = con.execute(failing_rows(check).format(batch="base")).fetchall()
            assert rows == [("brew", time)]
            assert isinstance(check.rule, FewRows)
            population = check.rule.population.format(batch="base")
            assert len(con.execute(population).fetchall()) == 4


def test_thresholds_come_from_the_configuration(checks):
    assert checks["order_reconciliation__matched"].rule.share == 0.07
    assert checks["landing__mes__fresh"].rule.hours == 6
    assert checks["landing__erp__fresh"].rule is None


def test_bounds_of_kpis_come_from_the_strategy(checks):
    bounded = {
        f"kpi_value__{kpi.id}__plausible"
        for kpi in strategy().kpis
        if kpi.plausible_min is not None or kpi.plausible_max is not None
    }
    assert bounded == {i for i, c in checks.items() if c.category is Category.PLAUSIBILITY}
    assert "kpi_value__effectiveness__plausible" in bounded


def test_the_auditors_page_names_everything(checks):
    page = (Path(__file__).parents[2] / "docs/audit.md").read_text("utf-8")
    assert [category for category in Category if f"`{category}`" not in page] == []
    computed = {*CONTRACT, Category.PLAUSIBILITY, Category.COMPLETENESS}
    named = [
        i for i, c in checks.items() if c.category not in computed and not i.startswith("landing")
    ]
    assert named
    assert [check_id for check_id in named if f"`{check_id}`" not in page] == []
