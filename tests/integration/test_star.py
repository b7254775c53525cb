"""From files in canonical shape to the star, through the real extraction and the real dbt project.

Hand-computed figures: worked examples of OEE, codes of a second source, units, currencies, rows
that cannot be mapped and are let in later, and the incremental base tables against a full refresh.
"""

import json
import os
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from models.config import Config, Enterprise, Source
from models.contract import canonical_tables
from models.strategy import strategy
from orchestration.warehouse import PROJECT, dbt_vars
from sources.definitions import write_definitions
from sources.extract import extract

PLANT = {
    "mes_equipment": """
        equipment_code,name,level,parent_code,time_zone,ideal_rate_per_h
        S,Site,site,,Europe/Berlin,
        L,Line,line,S,,
        W1,Press,machine,L,,3600
        A1,Lathe,machine,L,,
        A2,Mill,machine,L,,
        LOST,Nowhere,machine,GONE,,
    """,
    "mes_shift": """
        equipment_code,start_ts,end_ts,shift_code,production_date,planned_break_min
        W1,2026-03-02 05:00:00,2026-03-02 13:00:00,E,2026-03-02,60
        A1,2026-03-03 05:00:00,2026-03-03 06:40:00,E,2026-03-03,
        A2,2026-03-03 05:00:00,2026-03-03 10:00:00,E,2026-03-03,
    """,
    "mes_equipment_state": """
        equipment_code,start_ts,end_ts,state
        W1,2026-03-02 05:00:00,2026-03-02 13:00:00,RUN
        W1,2026-03-02 06:00:00,2026-03-02 06:47:00,STOP
        A1,2026-03-03 05:00:00,2026-03-03 06:30:00,RUN
        A1,2026-03-03 06:30:00,2026-03-03 06:40:00,STOP
        A2,2026-03-03 05:00:00,2026-03-03 07:30:00,RUN
        A2,2026-03-03 07:30:00,2026-03-03 10:00:00,STOP
    """,
    "mes_production_count": """
        count_id,is_final_op,equipment_code,item_code,uom,counted_at,qty_total,qty_good,qty_scrap,qty_rework,pri_s
        1,true,W1,P,,2026-03-02 12:00:00,19271,18848,423,0,
        2,true,A1,P,,2026-03-03 06:00:00,80,80,0,0,60
        3,true,A2,P,,2026-03-03 06:00:00,150,135,15,0,60
    """,
    "erp_item": """
        item_code,name,base_uom
        P,Part,pcs
    """,
    "erp_uom_conversion": """
        item_code,from_uom,to_uom,factor
        P,BOX,pcs,12
        ,pcs,MIL,0.001
    """,
    "xref_code": """
        entity,for_source,source_code,conformed_code,valid_from,valid_to
        erp_item,second,100,P,2026-01-01,2026-03-10
        erp_item,,100,OTHER,,
        uom,,CARTON,BOX,,
    """,
    "erp_party": """
        party_code,name,is_customer,is_supplier
        C,Customer,true,false
    """,
    "erp_exchange_rate": """
        currency,valid_from,rate
        USD,2026-03-01,0.9
        USD,2026-03-10,0.8
    """,
    "erp_invoice_line": """
        invoice_no,line_no,type,customer_code,net_amount,currency,posted_date
        I1,1,invoice,C,100,USD,2026-03-09
        I2,1,invoice,C,100,USD,2026-03-10
        I3,1,credit,C,10,,2026-03-10
        I4,1,invoice,C,100,USD,2026-02-28
        I5,1,invoice,C,100,CHF,2026-03-10
        I6,1,invoice,C,100,EUR,2026-04-01
    """,
}
SECOND = {
    "erp_item": """
        item_code,name,base_uom
        P,Part by another name,KG
        Q,Part of the second source,pcs
    """,
    "mes_production_count": """
        count_id,is_final_op,equipment_code,item_code,uom,counted_at,qty_total,qty_good,qty_scrap,qty_rework,pri_s
        1,true,A1,100,CARTON,2026-03-04 06:00:00,2,1.5,0.5,0,720
        2,true,A1,999,pcs,2026-03-04 06:00:00,7,7,0,0,
        3,true,A1,100,KG,2026-03-04 06:00:00,7,7,0,0,
        4,true,A1,100,pcs,2026-03-10 06:00:00,7,7,0,0,
        5,true,A1,Q,MIL,2026-03-04 06:00:00,0.002,0.002,0,0,
    """,
}


def write(folder: Path, tables: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in tables.items():
        lines = [line.strip() for line in text.strip().splitlines()]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")


def build(config: Config, warehouse: Path, *arguments: str) -> None:
    """Extract every source and compute base, canonical and star, going on with what is there.

    dbt parses anew for another path of the warehouse, so the builds in one home are all made at
    one path, and moved.
    """
    for source in config.sources:
        extract(source, config, full=True)
    write_definitions(config, strategy(), folder=config.definitions)
    at = config.home / "build" / warehouse.name
    at.parent.mkdir(exist_ok=True)
    if warehouse.exists():
        warehouse.rename(at)
    command = [
        Path(sys.executable).with_name("dbt"),
        *("build", "--select", *(arguments or ("base", "canonical", "star"))),
        *("--exclude-resource-type", "unit_test", "--vars", json.dumps(dbt_vars(config))),
        *("--profiles-dir", PROJECT, "--target-path", config.home / "target"),
        *("--log-path", config.home),
    ]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=os.environ | {"SCORECARD_WAREHOUSE": str(at)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    warehouse.parent.mkdir(exist_ok=True)
    at.rename(warehouse)


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> Config:
    home = tmp_path_factory.mktemp("star")
    write(home / "plant", PLANT)
    write(home / "second", SECOND)
    return Config(
        enterprise=Enterprise(
            code="E",
            name="Enterprise",
            time_zone="Europe/Berlin",
            currency="EUR",
            as_of=datetime.fromisoformat("2026-03-31T12:00:00"),
        ),
        sources=tuple(
            Source(name=name, system="files", path=home / name) for name in ("plant", "second")
        ),
        home=home,
    )


@pytest.fixture(scope="module")
def star(config):
    """The warehouse after the first batch."""
    path = config.home / "first/warehouse.duckdb"
    build(config, path)
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


@pytest.fixture(scope="module")
def later(config, star):
    """The same warehouse after a second batch: a code was mapped, a row changed, one is gone."""
    star.execute("select 1")
    path = config.home / "later/warehouse.duckdb"
    path.parent.mkdir()
    path.write_bytes((config.home / "first/warehouse.duckdb").read_bytes())
    mapping = PLANT["xref_code"].rstrip() + "\n erp_item,second,999,P,,\n"
    counts = SECOND["mes_production_count"].replace(
        ",pcs,2026-03-04 06:00:00,7,7,", ",pcs,2026-03-04 06:00:00,8,8,"
    )
    counts = "\n".join(line for line in counts.splitlines() if not line.strip().startswith("5,"))
    write(config.home / "plant", {"xref_code": mapping})
    write(config.home / "second", {"mes_production_count": counts})
    build(config, path)
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


def oee(con, node):
    """Availability, effectiveness, quality and OEE of a node and all below it, exactly."""
    nodes = (
        f"node_id in (select descendant_id from organization_closure where ancestor_id = '{node}')"
    )
    apt, pbt = con.sql(
        f"select sum(apt_s), sum(pbt_s) from fct_state_time where {nodes}"
    ).fetchone()
    good, total = con.sql(
        "select sum(ideal_time_good_s), sum(ideal_time_total_s) from fct_production "
        f"where source_system = 'plant' and {nodes}"
    ).fetchone()
    return (
        Fraction(apt) / Fraction(pbt),
        Fraction(total) / Fraction(apt),
        Fraction(good) / Fraction(total),
        Fraction(good) / Fraction(pbt),
    )


def test_worked_example_w1(star):
    assert oee(star, "W1") == (
        Fraction(373, 420),
        Fraction(19271, 373 * 60),
        Fraction(18848, 19271),
        Fraction(18848, 420 * 60),
    )


def test_worked_example_w4(star):
    machines = [oee(star, node)[3] for node in ("A1", "A2")]
    assert machines == [Fraction(80, 100), Fraction(45, 100)]
    sums = star.sql(
        "select sum(ideal_time_good_s), (select sum(pbt_s) from fct_state_time "
        "where date_day = date '2026-03-03') from fct_production where date_day = date '2026-03-03'"
    ).fetchone()
    assert Fraction(sums[0]) / Fraction(sums[1]) == Fraction(5375, 10000)


def test_codes_and_units_of_a_second_source(star):
    counts = star.sql(
        "select source_pk, item_code, uom, qty_total, qty_good, pri_s from mes_production_count "
        "where source_system = 'second' order by source_pk"
    ).fetchall()
    assert counts == [
        ("1", "P", "pcs", Decimal(24), Decimal(18), Decimal(60)),
        ("5", "Q", "pcs", Decimal(2), Decimal(2), None),
    ]


def test_rows_that_cannot_be_mapped_are_listed(star):
    refused = star.sql(
        "select canonical_table, source_system, source_pk, column_name, entity, code "
        "from unmapped_code order by all"
    ).fetchall()
    assert refused == [
        ("erp_invoice_line", "plant", "I4|1", "currency", "currency", "USD"),
        ("erp_invoice_line", "plant", "I5|1", "currency", "currency", "CHF"),
        ("mes_equipment", "plant", "LOST", "parent_code", "mes_equipment", "GONE"),
        ("mes_production_count", "second", "2", "item_code", "erp_item", "999"),
        ("mes_production_count", "second", "3", "uom", "uom", "KG"),
        ("mes_production_count", "second", "4", "item_code", "erp_item", "100"),
    ]


def test_first_source_wins_for_shared_master_data(star):
    items = star.sql("select item_code, item_name, base_uom from dim_item order by all").fetchall()
    assert items == [("P", "Part", "pcs"), ("Q", "Part of the second source", "pcs")]


def test_money_is_converted_at_the_rate_of_its_day(star):
    revenue = star.sql("select invoice_no, net_amount from fct_revenue order by all").fetchall()
    assert revenue == [("I1", Decimal(90)), ("I2", Decimal(80)), ("I3", Decimal(-10))]


def test_calendar_spans_from_first_event_to_end_of_fiscal_year(star):
    assert star.sql("select min(date_day), max(date_day), count(*) from dim_date").fetchone() == (
        date(2026, 3, 2),
        date(2026, 12, 31),
        305,
    )


def test_organization_hangs_together(star):
    paths = star.sql(
        "select node_id, path, site_id, time_zone from dim_organization order by sort_order"
    ).fetchall()
    assert paths[0] == ("E", "Enterprise", None, "Europe/Berlin")
    assert ("W1", "Enterprise > Site > Line > Press", "S", "Europe/Berlin") in paths
    assert star.sql(
        "select count(*) from organization_closure where descendant_id = 'W1'"
    ).fetchone() == (4,)


def test_next_batch_lets_mapped_rows_in_and_takes_deleted_ones_out(later):
    counts = later.sql(
        "select source_pk, item_code, qty_total from mes_production_count "
        "where source_system = 'second' order by source_pk"
    ).fetchall()
    assert counts == [("1", "P", Decimal(24)), ("2", "P", Decimal(8))]


def test_incremental_base_equals_a_full_refresh(config, later):
    path = config.home / "refreshed/warehouse.duckdb"
    build(config, path, "base")
    later.execute(f"attach '{path}' as refreshed (read_only)")
    for table in canonical_tables():
        for one, other in (("main", "refreshed.main"), ("refreshed.main", "main")):
            difference = later.sql(
                f"from {one}.base_files__{table} except all from {other}.base_files__{table}"
            ).fetchall()
            assert difference == []


def test_without_any_data_everything_is_empty_but_the_root(config, tmp_path):
    for name in ("plant", "second"):
        (tmp_path / name).mkdir()
    nothing = config.model_copy(
        update={
            "home": tmp_path,
            "enterprise": config.enterprise.model_copy(update={"as_of": "extraction"}),
            "sources": tuple(
                s.model_copy(update={"path": tmp_path / s.name}) for s in config.sources
            ),
        }
    )
    path = tmp_path / "empty.duckdb"
    build(nothing, path)
    with duckdb.connect(str(path), read_only=True) as con:
        filled = [
            name
            for (name,) in con.sql("select table_name from duckdb_tables()").fetchall()
            if con.table(name).limit(1).fetchall()
        ]
    assert sorted(filled) == [
        "clock",
        "clock_date",
        "dim_date",
        "dim_node",
        "dim_organization",
        "node_closure",
        "organization_closure",
    ]
