"""Rows that do not enter: at times that cannot be right (R10), and duplicates (R13)."""

from datetime import date, datetime

import duckdb
import pytest
from test_star import build, write

from expectations.check import failing_rows
from expectations.rules import rules
from models.config import Config, Enterprise, Source

MACHINES = """
    equipment_code,name,level,parent_code,ideal_rate_per_h
    S,Site,site,,
    M,Press,machine,S,60
    N,Mill,machine,S,60
"""
FEED = {
    "mes_equipment": MACHINES,
    "erp_item": """
        item_code,name,base_uom
        P,Part,pcs
    """,
    "xref_code": """
        entity,for_source,source_code,conformed_code
        mes_equipment,,OLD,M
    """,
    "mes_equipment_state": """
        equipment_code,start_ts,end_ts,state
        M,2026-03-02 06:00:00,2026-03-02 07:00:00,RUN
        OLD,2026-03-02 06:00:00,2026-03-02 07:00:00,RUN
        M,2026-03-02 07:00:00,2026-03-02 08:00:00,RUN
        OLD,2026-03-02 07:00:00,2026-03-02 08:00:00,STOP
        OLD,2026-03-02 08:00:00,2026-03-02 09:00:00,RUN
        N,2026-03-02 06:00:00,2026-03-02 09:00:00,RUN
    """,
    # 1 March begins at 23:00 UTC in Berlin
    "mes_production_count": """
        count_id,is_final_op,equipment_code,item_code,counted_at,qty_total,qty_good,qty_scrap
        early,true,M,P,2026-02-28 22:59:59,1,1,0
        first,true,M,P,2026-02-28 23:00:00,1,1,0
        good,true,M,P,2026-03-02 06:00:00,1,1,0
        future,true,M,P,2099-01-01 00:00:00,1,1,0
        both,true,M,X,2099-01-01 00:00:00,1,1,0
        lost,true,N,X,2026-03-02 06:00:00,90,90,0
    """,
    "erp_goods_movement": """
        movement_id,posting_date,entered_at,type,item_code,qty
        untimed,2026-02-01,,GR_PROD,P,1
        early,2026-02-01,2026-02-01 08:00:00,GR_PROD,P,1
    """,
    "erp_gl_entry": """
        entry_line_id,entry_id,posting_date,account_code,account_class,cost_center_code,debit,credit
        w1,whole,2026-03-02,8000,revenue,,0,50
        w2,whole,2026-03-02,1000,cash,,50,0
        t1,torn,2026-03-02,8000,revenue,,0,50
        t2,torn,2026-03-02,1000,cash,NOWHERE,50,0
        u1,uneven,2026-03-02,8000,revenue,,0,50
        u2,uneven,2026-03-02,1000,cash,,49,0
    """,
    "mes_shift": """
        equipment_code,start_ts,end_ts,shift_code,production_date
        M,2099-01-01 05:00:00,2099-01-01 13:00:00,E,2099-01-01
    """,
}


def plant(home, go_live):
    return Config(
        enterprise=Enterprise(
            code="E",
            name="Enterprise",
            time_zone="Europe/Berlin",
            currency="EUR",
            as_of=datetime.fromisoformat("2026-03-31T12:00:00"),
        ),
        sources=(Source(name="plant", system="files", path=home / "plant", go_live=go_live),),
        home=home,
    )


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    home = tmp_path_factory.mktemp("refused")
    write(home / "plant", FEED)
    return plant(home, date(2026, 3, 1))


@pytest.fixture(scope="module")
def warehouse(config):
    path = config.home / "warehouse.duckdb"
    build(config, path, "+scorecard", "duplicate_row")
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


def outcome(con, config, check_id):
    """Source keys that a check names, and how many rows it looked at."""
    [check] = [check for check in rules(config) if check.id == check_id]
    keys = con.execute(failing_rows(check).format(batch=check.table)).fetchall()
    population = check.rule.population.format(batch=check.table)
    return sorted(pk for _, pk in keys), con.execute(
        f"select count(*) from ({population})"
    ).fetchone()[0]


def test_events_at_impossible_times_do_not_enter(warehouse):
    assert warehouse.execute("select count_id from mes_production_count order by 1").fetchall() == [
        ("first",),
        ("good",),
    ]
    assert warehouse.execute("select movement_id from erp_goods_movement").fetchall() == [
        ("untimed",)
    ]
    # a calendar of shifts is a plan
    assert warehouse.execute("select count(*) from mes_shift").fetchall() == [(1,)]


def test_each_is_listed_with_its_reason_and_counted_once(warehouse, config):
    refused = warehouse.execute(
        "select canonical_table, source_pk, column_name, reason, entity, code from unmapped_code "
        "order by 1, 2, 3"
    ).fetchall()
    assert refused == [
        ("erp_gl_entry", "t2", "cost_center_code", "unmapped", "erp_cost_center", "NOWHERE"),
        (
            *("erp_goods_movement", "early", "entered_at"),
            *("before_go_live", None, "2026-02-01 08:00:00"),
        ),
        ("mes_production_count", "both", "counted_at", "future", None, "2099-01-01 00:00:00"),
        ("mes_production_count", "both", "item_code", "unmapped", "erp_item", "X"),
        (
            *("mes_production_count", "early", "counted_at"),
            *("before_go_live", None, "2026-02-28 22:59:59"),
        ),
        ("mes_production_count", "future", "counted_at", "future", None, "2099-01-01 00:00:00"),
        ("mes_production_count", "lost", "item_code", "unmapped", "erp_item", "X"),
    ]
    coverage = warehouse.execute(
        "select entered_rows, refused_rows, mapped_share from canonical_coverage "
        "where canonical_table = 'mes_production_count'"
    ).fetchall()
    assert coverage == [(2, 4, 1 / 3)]
    # looked at: 4 states, 2 counts, and the 4 left out; the untimed movement cannot be judged
    assert outcome(warehouse, config, "unmapped_code__clock") == (
        ["both", "early", "early", "future"],
        10,
    )


def test_what_is_left_of_a_journal_entry_is_not_called_uneven(warehouse, config):
    assert outcome(warehouse, config, "erp_gl_entry__balances") == (["u1"], 2)
    assert warehouse.execute(
        "select source_pk, document_no from unmapped_code where document_no is not null"
    ).fetchall() == [("t2", "torn")]


def test_rows_that_say_the_same_are_one_and_others_are_named(warehouse, config):
    """Two codes of one machine: at six they agree, at seven one of the two must lose."""
    states = warehouse.execute(
        "select start_ts::time::varchar, state, source_pk from mes_equipment_state "
        "where equipment_code = 'M' order by 1"
    ).fetchall()
    assert [(at, state) for at, state, _ in states] == [
        ("06:00:00", "RUN"),
        ("07:00:00", "STOP"),
        ("08:00:00", "RUN"),
    ]
    duplicates = warehouse.execute(
        "select canonical_table, source_system, source_pk, held_pk, is_same "
        "from duplicate_row order by source_pk"
    ).fetchall()
    assert duplicates == [
        ("mes_equipment_state", "plant", f"M|2026-03-02 0{hour}:00:00", held, hour == 6)
        for hour, (_, _, held) in zip((6, 7), states, strict=False)
    ]
    assert outcome(warehouse, config, "duplicate_row__same") == (["M|2026-03-02 07:00:00"], 2)


def test_a_machine_of_which_every_count_was_refused_has_no_oee(warehouse):
    """Its time is known, so it has availability; the site has what is left, and says how much."""
    values = {
        (kpi, node): (value, completeness)
        for kpi, node, value, completeness in warehouse.execute(
            "select kpi_id, node_id, value, completeness from kpi_value "
            "where period_type = 'month' and period_start = '2026-03-01'"
        ).fetchall()
    }
    assert ("oee", "N") not in values
    assert values["availability", "N"][0] > 0
    # one good part of a minute, in two hours of M, and in these and three hours of N
    assert values["oee", "M"] == pytest.approx((100 / 120, 1 / 3))
    assert values["oee", "S"] == pytest.approx((100 / 300, 1 / 3))
    assert warehouse.execute(
        "select distinct status, no_data_reason from scorecard where kpi_id = 'oee' "
        "and node_id = 'N' and period_start = '2026-03-01' and period_type = 'month'"
    ).fetchall() == [
        ("no_data", "every row of mes_production_count here was refused, see unmapped_code")
    ]


def test_the_row_changed_last_holds_and_mended_rows_enter(warehouse, config, tmp_path):
    """The loser of the first batch is corrected in a second; the go-live was a month earlier."""
    warehouse.execute("select 1")
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes((config.home / "warehouse.duckdb").read_bytes())
    states = FEED["mes_equipment_state"].replace(
        "M,2026-03-02 07:00:00,2026-03-02 08:00:00,RUN",
        "M,2026-03-02 07:00:00,2026-03-02 08:00:00,SETUP",
    )
    counts = FEED["mes_production_count"].replace(
        "future,true,M,P,2099-01-01", "future,true,M,P,2026-03-03"
    )
    write(config.home / "plant", {"mes_equipment_state": states, "mes_production_count": counts})
    build(config, path, "base", "canonical")
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.execute(
            "select state from mes_equipment_state where start_ts = '2026-03-02 07:00:00'"
        ).fetchall() == [("SETUP",)]
        assert outcome(con, config, "duplicate_row__same") == (["OLD|2026-03-02 07:00:00"], 2)
        assert outcome(con, config, "unmapped_code__clock")[0] == ["both", "early", "early"]
        assert con.execute("select count(*) from mes_production_count").fetchall() == [(3,)]
