import os
from datetime import date

import pyarrow.parquet as pq
import pytest

from models.config import Config, Conventions, Enterprise, Source
from models.contract import canonical_tables
from models.strategy import Kpi, Objective, Strategy, Target, strategy
from sources.definitions import SCHEMAS, definition_tables, write_definitions

CONFIG = Config(
    enterprise=Enterprise(code="E", name="Plant", time_zone="Europe/Berlin", currency="EUR"),
    sources=(
        Source(name="mes", system="vendor", path="mes.sqlite", time_zone="America/Chicago"),
        Source(name="erp", system="other", url_env="ERP_URL"),
    ),
)


def kpi(**fields) -> Kpi:
    defaults = {
        "id": "scrap",
        "name": "Scrap",
        "objective": "quality",
        "formula": "scrap / produced",
        "numerator": "scrap",
        "denominator": "produced",
        "unit": "%",
        "decimals": 1,
        "direction": "lower",
        "rollup": "ratio",
        "lowest_level": "machine",
        "standard": "ISO 22400-2",
        "timing": "lag",
        "needs": ("mes_production_count",),
        "owner": "Quality",
        "gaming": "",
        "perspective": "internal_process",
    }
    return Kpi(**(defaults | fields))


def small(*kpis: Kpi) -> Strategy:
    quality = Objective(
        id="quality", name="Q", perspective="internal_process", description="", owner=""
    )
    return Strategy(vision="v", mission="m", objectives=(quality,), kpis=kpis)


def rows(table: str, of: Strategy, config: Config = CONFIG) -> list[dict]:
    return definition_tables(config, of)[table].to_pylist()


def test_a_target_holds_until_the_next_one_of_the_same_node():
    targets = (
        Target(valid_from=date(2026, 8, 1), target=2, red_flag=4),
        Target(valid_from=date(2026, 1, 1), target=3, red_flag=5),
        Target(valid_from=date(2026, 6, 1), target=1, red_flag=2, node="L1"),
    )
    held = {
        (row["node_id"], row["valid_from"]): row["valid_to"]
        for row in rows("kpi_target", small(kpi(targets=targets)))
    }
    assert held == {
        (None, date(2026, 1, 1)): date(2026, 8, 1),
        (None, date(2026, 8, 1)): None,
        ("L1", date(2026, 6, 1)): None,
    }


def test_a_version_counts_until_the_next_one_does():
    words = {"numerator": "scrap", "denominator": "produced"}
    of = small(
        kpi(id="plain"),
        kpi(
            version=2,
            valid_from=date(2026, 1, 1),
            former=({"version": 1, "formula": "scrap / made", **words},),
        ),
    )
    days = ("kpi_id", "version", "valid_from", "valid_to", "formula")
    assert [tuple(row[name] for name in days) for row in rows("kpi_version", of)] == [
        ("plain", 1, None, None, "scrap / produced"),
        ("scrap", 1, None, date(2026, 1, 1), "scrap / made"),
        ("scrap", 2, date(2026, 1, 1), None, "scrap / produced"),
    ]


def test_components_and_needs_have_a_row_each():
    of = small(
        kpi(id="dio"),
        kpi(id="dpo", needs=("erp_gl_entry.account_class=payable|cogs", "mes_production_count")),
        kpi(id="cash", rollup="derived", derived_from={"dio": 1, "dpo": -1}, needs=()),
    )
    assert rows("kpi_component", of) == [
        {"kpi_id": "cash", "version": 1, "component_id": "dio", "factor": 1.0},
        {"kpi_id": "cash", "version": 1, "component_id": "dpo", "factor": -1.0},
    ]
    ledger = ("erp_gl_entry with account_class payable or cogs", "erp_gl_entry")
    counts = ("mes_production_count", "mes_production_count")
    assert [tuple(row.values()) for row in rows("kpi_need", of)] == [
        ("dio", *counts),
        ("dpo", *ledger),
        ("dpo", *counts),
        ("cash", *counts),
        ("cash", *ledger),
    ]


def test_a_source_without_zone_has_the_enterprises():
    assert rows("source", small()) == [
        {"name": "mes", "system": "vendor", "time_zone": "America/Chicago", "position": 1},
        {"name": "erp", "system": "other", "time_zone": "Europe/Berlin", "position": 2},
    ]


def test_an_amount_is_in_the_enterprises_currency():
    of = small(kpi(unit="currency"), kpi(id="other", unit="h"))
    assert [row["unit"] for row in rows("kpi", of)] == ["EUR", "h"]


def test_every_definition_arrives():
    shipped = strategy()
    tables = definition_tables(CONFIG, shipped)
    assert {name: table.schema for name, table in tables.items()} == dict(SCHEMAS)
    assert tables["kpi"]["id"].to_pylist() == [k.id for k in shipped.kpis]
    assert tables["kpi_target"].num_rows == sum(len(k.targets) for k in shipped.kpis)
    assert tables["strategy_link"].num_rows == sum(len(o.supports) for o in shipped.objectives)
    assert tables["canonical_table"]["name"].to_pylist() == list(canonical_tables())
    assert tables["enterprise"].to_pylist() == [
        {
            "code": "E",
            "name": "Plant",
            "time_zone": "Europe/Berlin",
            "currency": "EUR",
            "fiscal_year_start_month": 1,
            "as_of": "extraction",
        }
    ]


def test_files_are_written_only_when_their_content_changes(tmp_path):
    write_definitions(CONFIG, small(kpi()), folder=tmp_path)
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    write_definitions(CONFIG, small(kpi(name="Scrap ratio")), folder=tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {f"{name}.parquet" for name in SCHEMAS}
    assert {p.name for p in tmp_path.iterdir() if p.stat().st_mtime} == {"kpi.parquet"}
    assert pq.read_table(tmp_path / "kpi.parquet")["name"].to_pylist() == ["Scrap ratio"]


def test_a_crash_leaves_the_former_file(tmp_path, monkeypatch):
    write_definitions(CONFIG, small(kpi()), folder=tmp_path)

    def crash(_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="disk full"):
        write_definitions(CONFIG, small(kpi(name="Other")), folder=tmp_path)
    assert pq.read_table(tmp_path / "kpi.parquet")["name"].to_pylist() == ["Scrap"]


def test_a_convention_changes_how_its_kpis_are_evaluated_and_no_others():
    kpis = (
        kpi(id="plain"),
        kpi(id="intervals", counts_intervals=True),
        kpi(id="made", undefined_without_production=True),
    )

    def evaluation(**conventions):
        enterprise = CONFIG.enterprise.model_copy(
            update={"conventions": Conventions(**conventions)}
        )
        config = CONFIG.model_copy(update={"enterprise": enterprise})
        return {
            row["id"]: (row["denominator_offset"], row["zero_value"])
            for row in rows("kpi", small(*kpis), config)
        }

    assert evaluation() == {"plain": (0, None), "intervals": (0, None), "made": (0, None)}
    assert evaluation(failure_intervals="failures_plus_one")["intervals"] == (1, None)
    assert evaluation(failure_intervals="failures_plus_one")["plain"] == (0, None)
    assert evaluation(zero_production="zero") == {
        "plain": (0, None),
        "intervals": (0, None),
        "made": (0, 0),
    }
