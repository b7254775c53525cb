"""Every reconciliation rule on rows made by hand: what fits passes, what does not is named."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from expectations.check import FewRows, failing_rows
from expectations.results import Category
from expectations.rules import rules
from models.config import Config, Enterprise, Source
from models.contract import LINEAGE, canonical_tables

CONFIG = Config(
    enterprise=Enterprise(code="E", name="E", time_zone="Europe/Berlin", currency="EUR"),
    sources=(Source(name="s", system="files", path=Path("x"), go_live=date(2026, 1, 1)),),
)
RULES = {check.id: check for check in rules(CONFIG)}
STAR = """
create table clock as select timestamp '2026-03-31 12:00:00' as as_of;
create table organization_closure as select * from (values
    ('E', 'E'), ('E', 'L'), ('E', 'M1'), ('E', 'M2'), ('L', 'L'), ('L', 'M1'), ('L', 'M2'),
    ('M1', 'M1'), ('M2', 'M2')) as t (ancestor_id, descendant_id);
create table dim_organization as select *, 'Europe/Berlin' as time_zone from (values
    ('E', 'enterprise'), ('L', 'line'), ('M1', 'machine'), ('M2', 'machine')
    ) as t (node_id, node_level);
create table order_reconciliation (qty_mes_scrap decimal(18,6), qty_erp_scrap decimal(18,6),
    is_matched boolean, is_in_grace boolean, source_system varchar, source_pk varchar);
create table shared_code (is_contradiction boolean, is_other_name boolean, source_system varchar,
    source_pk varchar);
create table unmapped_code (canonical_table varchar, reason varchar, document_no varchar,
    source_system varchar, source_pk varchar);
create table duplicate_row (is_same boolean, source_system varchar, source_pk varchar);
create table fct_state_time (node_id varchar, start_ts timestamp, end_ts timestamp, state varchar,
    order_no varchar, is_scheduled boolean, duration_s decimal(18,6), source_system varchar,
    source_pk varchar);
create table production_order (order_no varchar, root_order_no varchar, erp_order_no varchar,
    qty_planned decimal(18,6), status varchar, source_system varchar, source_pk varchar);
create table fct_production_order (qty_planned decimal(18,6), qty_good decimal(18,6),
    finished_date date, source_system varchar, source_pk varchar);
"""

# rule: (rows that fit, rows that do not); of each row only what the rule looks at. The primary keys
# of those that must be named begin with "bad".
CASES = {
    "order_reconciliation__matched": (
        {"order_reconciliation": [{"is_matched": True, "is_in_grace": False}] * 99},
        {"order_reconciliation": [{"is_matched": False, "is_in_grace": False, "pk": "bad"}] * 3},
    ),
    "order_reconciliation__scrap_matched": (
        {
            "order_reconciliation": [
                {"is_in_grace": False, "qty_mes_scrap": 3, "qty_erp_scrap": 4},
                {"is_in_grace": True, "qty_mes_scrap": 9, "qty_erp_scrap": 0},
            ],
            "erp_goods_movement": [{"type": "SCRAP"}],
        },
        {
            "order_reconciliation": [
                {"is_in_grace": False, "qty_mes_scrap": 3, "qty_erp_scrap": 5, "pk": "bad"}
            ]
        },
    ),
    "mes_production_count__adds_up": (
        {"mes_production_count": [{"qty_total": 10, "qty_good": 8, "qty_scrap": 2}]},
        {"mes_production_count": [{"qty_total": 10, "qty_good": 8, "qty_scrap": 3, "pk": "bad"}]},
    ),
    "mes_production_count__scrap_once": (
        {
            "mes_production_count": [
                {
                    "order_no": "1",
                    "op_seq": 1,
                    "is_final_op": False,
                    "qty_total": 100,
                    "qty_good": 95,
                },
                {
                    "order_no": "1",
                    "op_seq": 2,
                    "is_final_op": True,
                    "qty_total": 95,
                    "qty_good": 94,
                },
            ]
        },
        {
            "mes_production_count": [
                {
                    "order_no": "2",
                    "op_seq": 1,
                    "is_final_op": False,
                    "qty_total": 100,
                    "qty_good": 95,
                },
                {
                    "order_no": "2",
                    "op_seq": 2,
                    "is_final_op": True,
                    "qty_total": 100,
                    "qty_good": 94,
                    "pk": "bad",
                },
            ]
        },
    ),
    "mes_work_order__header_agrees": (
        {
            "mes_work_order": [{"order_no": "1", "qty_reported": 100}, {"order_no": "9"}],
            "mes_production_count": [
                {"order_no": "1", "is_final_op": True, "qty_good": 60},
                {"order_no": "1", "is_final_op": True, "qty_good": 39},
                {"order_no": "1", "is_final_op": False, "qty_good": 100},
            ],
        },
        {
            "mes_work_order": [{"order_no": "2", "qty_reported": 100, "pk": "bad"}],
            "mes_production_count": [{"order_no": "2", "is_final_op": True, "qty_good": 98}],
        },
    ),
    "mes_work_order__header_counted": (
        {
            "mes_work_order": [
                {"order_no": "1", "qty_reported": 5},
                {"order_no": "9", "qty_reported": 0},
            ],
            "mes_production_count": [{"order_no": "1", "is_final_op": True, "qty_good": 1}],
        },
        {"mes_work_order": [{"order_no": "2", "qty_reported": 5, "pk": "bad"}]},
    ),
    "erp_sales_order__lines_agree": (
        {
            "erp_sales_order": [{"order_no": "1", "net_amount": 30.01}],
            "erp_sales_order_line": [
                {"order_no": "1", "net_amount": 10},
                {"order_no": "1", "net_amount": 20},
            ],
        },
        {
            "erp_sales_order": [
                {"order_no": "2", "net_amount": 30.02, "pk": "bad"},
                {"order_no": "3", "net_amount": 1, "pk": "bad too"},
            ],
            "erp_sales_order_line": [{"order_no": "2", "net_amount": 30}],
        },
    ),
    "erp_gl_entry__balances": (
        {
            "erp_gl_entry": [
                {"entry_id": "1", "posting_date": "2026-01-31", "debit": 5, "credit": 0},
                {"entry_id": "1", "posting_date": "2026-01-31", "debit": 0, "credit": 5.01},
                # the other line was refused
                {"entry_id": "3", "posting_date": "2026-01-31", "debit": 5, "credit": 0},
            ],
            "unmapped_code": [{"canonical_table": "erp_gl_entry", "document_no": "3"}],
        },
        {
            "erp_gl_entry": [  # balances over both months, but not in either
                {
                    "entry_id": "2",
                    "posting_date": "2026-01-31",
                    "debit": 5,
                    "credit": 0,
                    "pk": "bad",
                },
                {
                    "entry_id": "2",
                    "posting_date": "2026-02-01",
                    "debit": 0,
                    "credit": 5,
                    "pk": "bad",
                },
            ]
        },
    ),
    "erp_sales_order_line__not_overdelivered": (
        {
            "erp_sales_order_line": [{"order_no": "1", "line_no": "1", "qty": 100}],
            "erp_delivery_line": [
                {"order_no": "1", "order_line_no": "1", "qty": 120, "is_return": False},
                {"order_no": "1", "order_line_no": "1", "qty": 10, "is_return": True},
            ],
        },
        {
            "erp_sales_order_line": [{"order_no": "2", "line_no": "1", "qty": 100, "pk": "bad"}],
            "erp_delivery_line": [
                {"order_no": "2", "order_line_no": "1", "qty": 111, "is_return": False}
            ],
        },
    ),
    "erp_invoice_line__shipped": (
        {
            "erp_delivery_line": [
                {
                    "order_no": "1",
                    "order_line_no": "1",
                    "item_code": "A",
                    "qty": 5,
                    "is_return": False,
                }
            ],
            "erp_invoice_line": [
                {"order_no": "1", "item_code": "A", "type": "invoice", "qty": 6},
                {"order_no": "1", "item_code": "A", "type": "credit", "qty": 1},
                {"order_no": "1", "item_code": "SERVICE", "type": "invoice", "qty": 9},
            ],
        },
        {
            "erp_invoice_line": [
                {"order_no": "2", "item_code": "A", "type": "invoice", "qty": 1, "pk": "bad"}
            ]
        },
    ),
    "xref_code__one_meaning": (
        {
            "xref_code": [
                {"entity": "erp_item", "source_code": "1", "conformed_code": "A"},
                {
                    "entity": "erp_item",
                    "source_code": "1",
                    "conformed_code": "B",
                    "valid_from": "2026-02-01",
                },
                {
                    "entity": "erp_item",
                    "source_code": "1",
                    "conformed_code": "C",
                    "for_source": "s",
                },
            ]
        },
        {
            "xref_code": [
                {
                    "entity": "erp_item",
                    "source_code": "2",
                    "conformed_code": "A",
                    "valid_to": "2026-02-02",
                    "pk": "bad 1",
                },
                {
                    "entity": "erp_item",
                    "source_code": "2",
                    "conformed_code": "B",
                    "valid_from": "2026-02-01",
                    "pk": "bad 2",
                },
            ]
        },
    ),
    "shared_code__one_thing": (
        {"shared_code": [{"is_contradiction": False}]},
        {"shared_code": [{"is_contradiction": True, "pk": "bad"}]},
    ),
    "shared_code__one_name": (
        {"shared_code": [{"is_other_name": False}]},
        {"shared_code": [{"is_other_name": True, "pk": "bad"}]},
    ),
    "erp_base_quantity__converted": (
        {
            "erp_item": [{"item_code": "A", "base_uom": "kg"}],
            "erp_base_quantity": [
                {"item_code": "A", "booked_uom": "g", "qty": 2, "qty_stated": 2},
                {
                    "item_code": "A",
                    "booked_uom": "kg",
                    "qty": 2,
                    "qty_stated": 3,
                },  # not ours to convert
            ],
        },
        {
            "erp_base_quantity": [
                {"item_code": "A", "booked_uom": "g", "qty": 2000, "qty_stated": 2, "pk": "bad"}
            ]
        },
    ),
    "mes_equipment_state__stops_apart": (
        {
            "mes_equipment_state": [
                {
                    "equipment_code": "L",
                    "state": "STOP",
                    "reason_code": "r",
                    "start_ts": "2026-01-02 08:00",
                    "end_ts": "2026-01-02 09:00",
                },
                {
                    "equipment_code": "M1",
                    "state": "STOP",
                    "reason_code": "r",
                    "start_ts": "2026-01-02 09:00",
                    "end_ts": "2026-01-02 10:00",
                },
                {
                    "equipment_code": "M1",
                    "state": "RUN",
                    "start_ts": "2026-01-02 08:00",
                    "end_ts": "2026-01-02 09:00",
                },
            ]
        },
        {
            "mes_equipment_state": [
                {
                    "equipment_code": "M2",
                    "state": "SETUP",
                    "reason_code": "r",
                    "start_ts": "2026-01-02 09:30",
                    "end_ts": "2026-01-02 12:00",
                    "pk": "bad",
                },
                # overlaps both: two pairs
                {
                    "equipment_code": "L",
                    "state": "PLANNED",
                    "reason_code": "r",
                    "start_ts": "2026-01-02 09:45",
                    "end_ts": "2026-01-02 11:00",
                    "pk": "bad too",
                },
            ]
        },
    ),
    "fct_state_time__no_overlap": (
        {
            "fct_state_time": [
                {"node_id": "M1", "start_ts": "2026-01-02 08:00", "end_ts": "2026-01-02 09:00"},
                {"node_id": "M1", "start_ts": "2026-01-02 09:00", "end_ts": "2026-01-02 10:00"},
            ]
        },
        {
            "fct_state_time": [
                {
                    "node_id": "M2",
                    "start_ts": "2026-01-02 08:00",
                    "end_ts": "2026-01-02 09:00",
                    "pk": "bad",
                },
                {"node_id": "M2", "start_ts": "2026-01-02 08:59", "end_ts": "2026-01-02 10:00"},
            ]
        },
    ),
    "fct_state_time__no_silence": (
        {
            "fct_state_time": [
                {
                    "state": "NODATA",
                    "is_scheduled": True,
                    "duration_s": 3600,
                    "start_ts": "2026-01-02 08:00",
                    "end_ts": "2026-01-02 09:00",
                }
            ]
            * 9
        },
        {
            "fct_state_time": [
                {
                    "state": "NODATA",
                    "is_scheduled": True,
                    "duration_s": 3601,
                    "start_ts": "2026-01-02 08:00",
                    "end_ts": "2026-01-02 09:00:01",
                    "pk": "bad",
                }
            ]
        },
    ),
    "fct_state_time__until_as_of": (
        {"fct_state_time": [{"end_ts": "2026-03-31 12:00"}]},
        {"fct_state_time": [{"end_ts": "2026-03-31 12:01", "pk": "bad"}]},
    ),
    "mes_stated_duration__agrees": (
        {
            "mes_stated_duration": [
                {
                    "start_ts": "2026-01-02 08:00",
                    "end_ts": "2026-01-02 08:10:30",
                    "minutes_stated": 10,
                },
                {"start_ts": "2026-01-02 08:00"},
            ]
        },
        {
            "mes_stated_duration": [
                {
                    "start_ts": "2026-01-02 08:00",
                    "end_ts": "2026-01-02 08:10:31",
                    "minutes_stated": 10,
                    "pk": "bad",
                }
            ]
        },
    ),
    "mes_shift__production_date": (
        {
            "mes_shift": [  # a night shift, and the one in which the clock goes back
                {
                    "equipment_code": "L",
                    "start_ts": "2026-01-02 21:00",
                    "end_ts": "2026-01-03 05:00",
                    "production_date": "2026-01-02",
                },
                {
                    "equipment_code": "L",
                    "start_ts": "2026-10-23 22:00",
                    "end_ts": "2026-10-24 22:00",
                    "production_date": "2026-10-24",
                },
            ]
        },
        {
            "mes_shift": [
                {
                    "equipment_code": "L",
                    "start_ts": "2026-01-02 23:30",
                    "end_ts": "2026-01-03 05:00",
                    "production_date": "2026-01-02",
                    "pk": "bad 1",
                },
                {
                    "equipment_code": "L",
                    "start_ts": "2026-01-02 21:00",
                    "end_ts": "2026-01-02 21:00",
                    "production_date": "2026-01-02",
                    "pk": "bad 2",
                },
            ]
        },
    ),
    "mes_calendar_exception__whole": (
        {
            "mes_calendar_exception": [
                {"shift_code": "E", "start_time": "06:00", "end_time": "12:00"},
                {"shift_code": "E"},
                {},
            ]
        },
        {
            "mes_calendar_exception": [
                {"shift_code": "E", "start_time": "06:00", "pk": "bad 1"},
                {"shift_code": "E", "end_time": "12:00", "pk": "bad 2"},
                {"start_time": "06:00", "end_time": "12:00", "pk": "bad 3"},
            ]
        },
    ),
    "unmapped_code__clock": (
        {
            "mes_equipment_state": [{"start_ts": "2026-01-02 08:00"}],
            "unmapped_code": [{"reason": "unmapped"}],
        },
        {
            "unmapped_code": [
                {"reason": "future", "pk": "bad 1"},
                {"reason": "before_go_live", "pk": "bad 2"},
            ]
        },
    ),
    "duplicate_row__same": (
        {"duplicate_row": [{"is_same": True}]},
        {"duplicate_row": [{"is_same": False, "pk": "bad"}]},
    ),
    "mes_operation__within_order": (
        {
            "mes_work_order": [{"order_no": "1", "finished_at": "2026-01-02 08:00"}],
            "mes_operation": [{"order_no": "1", "finished_at": "2026-01-02 08:01"}],
        },
        {"mes_operation": [{"order_no": "1", "finished_at": "2026-01-02 08:02", "pk": "bad"}]},
    ),
    "mes_operation__hours_agree": (
        {
            "mes_operation": [
                {"order_no": "1", "act_time_min": 60},
                {"order_no": "1", "act_time_min": 45},
            ],
            "fct_state_time": [
                {"order_no": "1", "state": "RUN", "duration_s": 5400},
                {"order_no": "1", "state": "STOP", "duration_s": 600},
                {"order_no": "1", "state": "IDLE", "duration_s": 6000},
            ],
        },
        {
            "mes_operation": [{"order_no": "2", "act_time_min": 106, "pk": "bad"}],
            "fct_state_time": [{"order_no": "2", "state": "RUN", "duration_s": 6000}],
        },
    ),
    "production_order__split_agrees": (
        {
            "production_order": [
                {
                    "order_no": "1",
                    "root_order_no": "1",
                    "erp_order_no": "E1",
                    "qty_planned": 60,
                    "status": "finished",
                },
                {
                    "order_no": "1-2",
                    "root_order_no": "1",
                    "erp_order_no": "E1",
                    "qty_planned": 40,
                    "status": "started",
                },
            ],
            "erp_production_order": [{"erp_order_no": "E1", "qty": 100, "status": "started"}],
        },
        {
            "production_order": [
                {
                    "order_no": "2",
                    "root_order_no": "2",
                    "erp_order_no": "E2",
                    "qty_planned": 60,
                    "status": "finished",
                    "pk": "bad",
                },
                {
                    "order_no": "2-2",
                    "root_order_no": "2",
                    "erp_order_no": "E2",
                    "qty_planned": 40,
                    "status": "cancelled",
                    "pk": "bad",
                },
            ],
            "erp_production_order": [{"erp_order_no": "E2", "qty": 100, "status": "started"}],
        },
    ),
    "fct_production_order__not_overproduced": (
        {"fct_production_order": [{"qty_planned": 100, "qty_good": 110}]},
        {"fct_production_order": [{"qty_planned": 100, "qty_good": 111, "pk": "bad"}]},
    ),
    "fct_production_order__not_closed_short": (
        {
            "fct_production_order": [
                {"qty_planned": 100, "qty_good": 90, "finished_date": "2026-01-02"},
                {"qty_planned": 100, "qty_good": 1},
            ]
        },
        {
            "fct_production_order": [
                {"qty_planned": 100, "qty_good": 89, "finished_date": "2026-01-02", "pk": "bad"}
            ]
        },
    ),
    "erp_inventory_balance__moved": (
        {
            "erp_inventory_balance": [
                {"item_code": "A", "location_code": "1", "as_of_date": "2026-01-01", "qty": 10},
                {"item_code": "A", "location_code": "2", "as_of_date": "2026-01-05", "qty": 5},
                {"item_code": "A", "location_code": "1", "as_of_date": "2026-01-09", "qty": 7},
            ],
            "erp_goods_movement": [
                {"item_code": "A", "posting_date": "2026-01-05", "type": "GR_PO", "qty": 99},
                {"item_code": "A", "posting_date": "2026-01-06", "type": "GI_SO", "qty": -3},
                {"item_code": "A", "posting_date": "2026-01-07", "type": "TRANSFER", "qty": -3},
            ],
        },
        {
            "erp_inventory_balance": [
                {"item_code": "B", "location_code": "1", "as_of_date": "2026-01-01", "qty": 10},
                {
                    "item_code": "B",
                    "location_code": "1",
                    "as_of_date": "2026-01-09",
                    "qty": 7,
                    "pk": "bad",
                },
            ],
            "erp_goods_movement": [
                {"item_code": "B", "posting_date": "2026-01-06", "type": "GI_SO", "qty": -2}
            ],
        },
    ),
    "erp_purchase_order_line__received": (
        {
            "erp_purchase_order_line": [
                {"po_no": "1", "item_code": "A", "qty_received": 5},
                {"po_no": "1", "item_code": "A", "qty_received": 3},
                {"po_no": "1", "item_code": "SERVICE", "qty_received": 3},
            ],
            "erp_goods_movement": [
                {"movement_id": "1", "order_no": "1", "item_code": "A", "type": "GR_PO", "qty": 10},
                {
                    "movement_id": "2",
                    "order_no": "1",
                    "item_code": "A",
                    "type": "REVERSAL",
                    "qty": -2,
                    "reversal_of": "1",
                },
            ],
        },
        {
            "erp_purchase_order_line": [
                {"po_no": "2", "item_code": "A", "qty_received": 5, "pk": "bad"}
            ]
        },
    ),
}


def insert(con, table, rows):
    for number, row in enumerate(rows):
        values = {"source_system": "s", "source_pk": row.get("pk", f"fits {number}")}
        values |= {name: value for name, value in row.items() if name != "pk"}
        if table in canonical_tables():
            values |= {"is_deleted": False}
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        con.execute(f"insert into {table} ({names}) values ({marks})", list(values.values()))


@pytest.fixture
def con():
    with duckdb.connect() as connection:
        for table in canonical_tables().values():
            columns = ", ".join(
                f'"{name}" {column.type.sql}'
                for name, column in {**table.columns, **LINEAGE}.items()
            )
            connection.execute(f"create table {table.name} ({columns})")
        connection.execute(STAR)
        yield connection


def outcome(con, check):
    """Violating keys, size of the population, and whether the check passes."""
    assert isinstance(check.rule, FewRows)
    keys = con.execute(failing_rows(check).format(batch=check.table)).fetchall()
    [(population,)] = con.execute(
        f"select count(*) from ({check.rule.population.format(batch=check.table)})"
    ).fetchall()
    return [pk for _, pk in keys], population, len(keys) <= check.rule.share * population


def test_every_rule_has_a_case():
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("check_id", CASES)
def test_a_rule_tells_what_fits_from_what_does_not(con, check_id):
    check = RULES[check_id]
    fits, does_not = CASES[check_id]
    assert outcome(con, check)[:2] == ([], 0)  # nothing to compare: not applicable
    for table, rows in fits.items():
        insert(con, table, rows)
    keys, population, passes = outcome(con, check)
    assert (keys, passes) == ([], True)
    assert population > 0
    for table, rows in does_not.items():
        insert(con, table, rows)
    found, larger, passes = outcome(con, check)
    expected = {r["pk"] for rows in does_not.values() for r in rows if "pk" in r}
    assert set(found) == expected
    assert larger > population
    assert not passes


def test_each_overlapping_pair_counts(con):
    fits, does_not = CASES["mes_equipment_state__stops_apart"]
    for rows in (fits, does_not):
        insert(con, "mes_equipment_state", rows["mes_equipment_state"])
    found, *_ = outcome(con, RULES["mes_equipment_state__stops_apart"])
    assert sorted(found) == ["bad", "bad too", "bad too"]


def test_rules_say_which_one_they_are():
    for check in RULES.values():
        assert check.category is Category.RECONCILIATION
        assert check.description.split(":")[0] in {f"R{n}" for n in range(1, 21)}
