"""A real Odoo 17 database through the whole product, against SQL straight on Odoo's own tables.

The expected parts of each KPI are written in terms of Odoo, with PostgreSQL's means (multiranges,
JSON operators); they share nothing with the dbt project. They must agree exactly, for every node,
day, month and year, on the database as it is and on a copy in which each trap is set.
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pytest
from oracle import as_of, ask, figures, published, rolled_up, run, valued, warehouse

from sources.spec import load_system

REPOSITORY = Path(__file__).parents[2]
SQL = Path(__file__).with_name("odoo")
EXAMPLE = REPOSITORY / "examples/odoo.yml"
GRANTS = re.search(r"```sql\n(.*?)```", (REPOSITORY / "docs/odoo.md").read_text("utf-8"), re.DOTALL)
FIRST_DAY = date(2026, 1, 1)
"""Before that day the database holds a few bills only."""
ABOVE = {"odoo-site1": "ACME", "odoo-site2": "ACME"} | {
    f"odoo-wc{n}": "odoo-site1" for n in range(1, 5)
}

PRELUDE = (SQL / "prelude.sql").read_text("utf-8")
TRAPS = (SQL / "traps.sql").read_text("utf-8")

# KPI: (node, day, numerator, denominator), any number of rows each; the test sums them.
EXPECTED = {
    "availability": "select node, day, run, run + setup + stop from machine_day",
    "setup_ratio": "select node, day, setup, run + setup from machine_day",
    "oee": """
        select node, day, 0, run + setup + stop from machine_day
        union all select node, day, pri * good, 0 from output, clock where at <= as_of
    """,
    "effectiveness": """
        select node, day, 0, run from machine_day
        union all select node, day, pri * (good + scrap), 0 from output, clock where at <= as_of
    """,
    "oee_quality": """
        select node, day, pri * good, pri * (good + scrap) from output, clock where at <= as_of
    """,
    "quality_ratio": "select node, day, good, good + scrap from output, clock where at <= as_of",
    "scrap_ratio": """
        select node, day, scrap, good + scrap from output, clock where at <= as_of and is_last
    """,
    "schedule_attainment": """
        select 'odoo-site' || min(company_id), pg_temp.local_day(min(date_deadline)),
            least(sum(good), sum(product_qty) filter (where state <> 'cancel')),
            sum(product_qty) filter (where state <> 'cancel')
        from production, clock
        group by root, as_of
        having bool_or(state not in ('draft', 'cancel'))
            and pg_temp.local_day(min(date_deadline)) <= pg_temp.local_day(as_of)
    """,
    "otif": "select node, promised, (coalesce(in_time, 0) >= ordered)::int, 1 from order_line",
    "return_rate": """
        select 'odoo-site' || company_id, day, case when is_return then qty else 0 end,
            case when is_return then 0 else qty end
        from shipment
    """,
    "gross_margin": """
        select 'odoo-site' || l.company_id, l.date, -l.balance, -l.balance
        from account_move_line l join account_account a on a.id = l.account_id, clock
        where l.parent_state = 'posted' and a.account_type = 'income'
            and l.date <= pg_temp.local_day(as_of)
        union all
        select 'odoo-site' || company_id, day, value, 0
        from cost_of_sales, clock where day <= pg_temp.local_day(as_of)
    """,
    "net_sales": """
        select 'odoo-site' || m.company_id, m.date,
            case m.move_type when 'out_refund' then -l.price_subtotal else l.price_subtotal end, 0
        from account_move_line l join account_move m on m.id = l.move_id, clock
        where m.state = 'posted' and m.move_type in ('out_invoice', 'out_refund')
            and l.display_type = 'product' and m.date <= pg_temp.local_day(as_of)
    """,
    "inventory_value": """
        select 'odoo-site' || v.company_id, day::date, sum(v.value), 0
        from stock_valuation_layer v left join stock_move m on m.id = v.stock_move_id, clock,
            generate_series('2026-01-01', pg_temp.local_day(as_of), interval '1 day') as day
        where pg_temp.local_day(coalesce(m.date, v.create_date)) <= day
        group by 1, 2
    """,
    "supplier_on_time": """
        select 'odoo-site' || o.company_id, pg_temp.local_day(l.date_planned), (
            coalesce((
                select sum(pg_temp.base(m.quantity, m.product_uom, m.product_id))
                from stock_move m join stock_location f on f.id = m.location_id
                where m.purchase_line_id = l.id and m.state = 'done' and f.usage = 'supplier'
                    and pg_temp.local_day(m.date) <= pg_temp.local_day(l.date_planned)
            ), 0) >= pg_temp.base(l.product_qty, l.product_uom, l.product_id))::int, 1
        from purchase_order_line l join purchase_order o on o.id = l.order_id
        join product_product p on p.id = l.product_id
        join product_template t on t.id = p.product_tmpl_id, clock
        where o.state in ('purchase', 'done') and t.type <> 'service' and l.display_type is null
            and coalesce(o.date_approve, o.date_order) <= as_of
            and pg_temp.local_day(l.date_planned) <= pg_temp.local_day(as_of)
    """,
    "mttr": """
        select 'odoo-site' || r.company_id, r.close_date, r.duration, 1
        from maintenance_request r join maintenance_stage s on s.id = r.stage_id, clock
        where s.done and not r.archive and r.maintenance_type = 'corrective' and r.duration > 0
            and (r.close_date + 1)::timestamp at time zone 'Europe/Brussels' at time zone 'UTC'
                - interval '1 second' <= as_of
    """,
    "absenteeism": """
        with sick_leave as (
            select l.*, e.company_id as employer
            from hr_leave l join hr_leave_type t on t.id = l.holiday_status_id
            join hr_employee e on e.id = l.employee_id
            where l.state = 'validate' and t.name ->> 'en_US' = 'Sick Time Off'
        ), recorded as (
            select least(min(request_date_from), (
                select pg_temp.local_day(min(check_in)) from hr_attendance
            )) as first_day
            from sick_leave
        )
        select 'odoo-site' || company_id, day::date, 0, 1
        from hr_employee, clock, recorded,
            generate_series(first_day, pg_temp.local_day(as_of), interval '1 day') as day
        where extract(isodow from day) < 6 and departure_date is null
        union all
        select * from (
            select 'odoo-site' || employer, day::date as day,
                number_of_days / count(*) over (partition by id), 0
            from sick_leave,
                generate_series(request_date_from, request_date_to, interval '1 day') as day
            where extract(isodow from day) < 6
        ) as lost
        where day <= (select pg_temp.local_day(as_of) from clock)
    """,
}
ROLLUP = {"inventory_value": "stock", "net_sales": "additive"}
NOT_OF_MACHINES = {"scrap_ratio"}
NO_DATA = {
    "complaint_rate",
    "conversion_cost_per_good_unit",
    "energy_per_good_unit",
    "first_pass_yield",
    "implemented_suggestions_per_100_fte",
    "ltifr",
    "near_miss_rate",
    "nps",
    "perfect_order",
    "revenue_attainment",
    "rework_ratio",
    "training_hours_per_fte",
    "trir",
}


@pytest.fixture(scope="module")
def source(real_dump):
    """The database as it is, read by the role that docs/odoo.md grants."""
    url = real_dump("odoo17")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(GRANTS[1].replace("a long password", "test-password"))
    return url, url.replace("owner:", "scorecard:")


@pytest.fixture(scope="module")
def original(source, tmp_path_factory):
    url, reader_url = source
    return url, run(EXAMPLE, tmp_path_factory.mktemp("odoo"), ODOO_URL=reader_url)


@pytest.fixture(scope="module")
def trapped(real_dump, postgres, tmp_path_factory):
    """A copy in which every trap is set."""
    real_dump("odoo17")
    with postgres.connect() as connection:
        connection.execute('create database odoo17_traps template "odoo17"')
    url = postgres.url("odoo17_traps")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TRAPS)
    return url, run(EXAMPLE, tmp_path_factory.mktemp("traps"), ODOO_URL=url)


@pytest.fixture(params=["original", pytest.param("trapped", marks=pytest.mark.slow)])
def pair(request):
    """URL of the database, and home of the state that was computed from it."""
    return request.getfixturevalue(request.param)


def expected_parts(url, home, kpi):
    """(node, period type, first day) -> numerator and denominator, rolled up to all nodes above."""
    rows = ask(url, as_of(home), PRELUDE, EXPECTED[kpi])
    if kpi in NOT_OF_MACHINES:
        rows = [(ABOVE[leaf] if "-wc" in leaf else leaf, *parts) for leaf, *parts in rows]
    return rolled_up(rows, ABOVE, first_day=FIRST_DAY, rollup=ROLLUP.get(kpi, "ratio"))


@pytest.mark.parametrize("kpi", EXPECTED)
def test_a_kpi_agrees_with_odoo_itself(pair, kpi):
    url, home = pair
    expected = expected_parts(url, home, kpi)
    assert len(expected) > 3
    scale = {"inventory_value": 1, "net_sales": 1, "mttr": 1}.get(kpi, 100)
    assert figures(home, kpi, first_day=FIRST_DAY) == valued(expected, scale)


def test_scrap_is_measured_against_what_was_started(original):
    _, home = original
    assert published(
        home,
        "select sum(numerator), sum(denominator) from kpi_value where kpi_id = 'scrap_ratio' "
        "and node_id = 'ACME' and period_type = 'year'",
    ) == [(20, 625)]


def test_what_odoo_does_not_have_is_no_data(pair):
    _, home = pair
    assert not published(home, f"select * from kpi_value where kpi_id in {tuple(sorted(NO_DATA))}")
    shown = published(
        home,
        "select distinct kpi_id from scorecard "
        f"where kpi_id in {tuple(sorted(NO_DATA))} and status = 'no_data'",
    )
    assert {kpi for (kpi,) in shown} == NO_DATA


def test_no_row_is_lost_on_the_way(pair):
    """Every landed row of the fact tables comes out of staging, none is quarantined or unmapped."""
    url, home = pair
    assert warehouse(home, "select * from unmapped_code") == []
    assert not list(home.glob("landing/*/*/_quarantine.parquet"))
    counts = {
        "mes_equipment_state": "mrp_workcenter_productivity "
        "where date_end is null or date_end > date_start",
        "mes_operation": "mrp_workorder",
        "erp_sales_order_line": "sale_order_line",
        "erp_purchase_order_line": "purchase_order_line",
        "erp_item": "product_product",
        "hr_employee": "hr_employee",
        "mes_maintenance_order": "maintenance_request",
    }
    with psycopg.connect(url) as connection:
        for table, rows in counts.items():
            [there] = connection.execute(f"select count(*) from {rows}").fetchone()
            assert warehouse(home, f"select count(*) from {table}") == [(there,)], table


def test_mes_and_erp_agree_per_order(original):
    """Rule R1: what the last operation reported good is what was received into stock."""
    _, home = original
    [(orders, matched)] = warehouse(
        home, "select count(*), count(*) filter (where difference = 0) from order_reconciliation"
    )
    assert orders == matched == 73


RULES = {
    # rule: (status, rows that differ, rows compared)
    "order_reconciliation__matched": ("passed", 0, 73),
    "order_reconciliation__scrap_matched": ("passed", 0, 73),
    "mes_production_count__adds_up": ("passed", 0, None),
    "mes_production_count__scrap_once": ("passed", 0, None),
    "erp_sales_order__lines_agree": ("passed", 0, 100),
    "erp_gl_entry__balances": ("passed", 0, None),
    "erp_base_quantity__converted": ("not_applicable", 0, 0),
    "mes_equipment_state__stops_apart": ("passed", 0, None),
    "mes_stated_duration__agrees": ("failed", 54, 494),
    "fct_state_time__no_overlap": ("passed", 0, None),
    "production_order__split_agrees": ("passed", 0, None),
    "erp_inventory_balance__moved": ("passed", 0, None),
    "erp_purchase_order_line__received": ("passed", 0, None),
    "erp_sales_order_line__not_overdelivered": ("passed", 0, None),
    "mes_work_order__header_agrees": ("not_applicable", 0, 0),
    "xref_code__one_meaning": ("not_applicable", 0, 0),
}


@pytest.mark.parametrize("check", RULES)
def test_the_rules_find_what_is_wrong_in_odoo(original, check):
    _, home = original
    status, unexpected, evaluated = RULES[check]
    [found] = published(
        home,
        "select status, unexpected_count, evaluated_count from check_result "
        f"where check_id = '{check}'",
    )
    assert found[:2] == (status, unexpected)
    assert found[2] == evaluated if evaluated is not None else found[2] > 0


def test_stored_durations_of_stops_are_clipped(original):
    """Rule R9: of 920 minutes of stops for availability with an order in work, Odoo keeps 189."""
    _, home = original
    [(stated, lasted)] = warehouse(
        home,
        "select round(sum(minutes_stated)), floor(sum(epoch(d.end_ts - d.start_ts)) / 60) "
        "from mes_stated_duration as d inner join mes_equipment_state as s using (source_pk) "
        "where s.raw_state = 'availability' and s.order_no is not null",
    )
    assert (stated, lasted) == (189, 920)


def test_backorders_are_rolled_up_to_the_first_order(original):
    _, home = original
    split = "select order_no, qty_planned, qty_good from fct_production_order where order_no like "
    assert set(warehouse(home, f"{split} '%-00_'")) >= {
        ("WH/MO/00007-001", Decimal(12), Decimal(11)),
        ("WH/MO/00042-001", Decimal(5), Decimal(4)),
    }
    assert warehouse(home, f"{split} '%-002'") == []


@pytest.mark.slow
def test_names_and_codes_survive_the_traps(trapped):
    _, home = trapped
    assert warehouse(home, "select name from erp_item where item_code = 'FG-A'") == [
        ('Bracket "A"',)
    ]
    doubled = "select item_code from erp_item where item_code in ('TWICE', 'odoo-p61', 'odoo-p62')"
    assert sorted(warehouse(home, doubled)) == [("odoo-p61",), ("odoo-p62",)]
    assert warehouse(home, "select name from erp_party where party_code = 'P-8'") == [("P-8",)]


@pytest.mark.slow
def test_a_closed_day_has_no_shift(trapped):
    _, home = trapped
    nights = warehouse(
        home,
        "select cast(production_date as varchar) from mes_shift where equipment_code = 'odoo-wc4' "
        "and production_date between '2026-10-03' and '2026-10-17' order by 1",
    )
    assert nights == [("2026-10-03",), ("2026-10-17",)]


@pytest.mark.slow
def test_shift_patterns_become_instances_in_local_time(trapped):
    """Night 24 to 25 October 2026: the clock goes back at 3, so the shift has nine hours."""
    _, home = trapped
    shifts = warehouse(
        home,
        "select cast(start_ts as varchar), cast(end_ts as varchar), shift_code, "
        "cast(production_date as varchar), planned_break_min from mes_shift "
        "where equipment_code = 'odoo-wc4' "
        "and production_date between '2026-10-17' and '2026-10-31'",
    )
    half_hour = Decimal(30)
    assert sorted(shifts) == [
        ("2026-10-17 20:00:00", "2026-10-18 04:00:00", "22:00", "2026-10-17", half_hour),
        ("2026-10-24 20:00:00", "2026-10-25 05:00:00", "22:00", "2026-10-24", half_hour),
        ("2026-10-31 21:00:00", "2026-11-01 05:00:00", "22:00", "2026-10-31", half_hour),
    ]
    assert warehouse(home, "select count(*) from mes_shift where equipment_code <> 'odoo-wc4'") == [
        (0,)
    ]


def test_no_person_lands(pair):
    """No value of any landed column is or holds the name or address of a person."""
    url, home = pair
    with psycopg.connect(url) as connection:
        persons = connection.execute(
            "select name from res_partner where not is_company and name is not null "
            "union select name from hr_employee "
            "union select name from resource_resource where resource_type = 'user' "
            "union select email from res_partner where email is not null "
            "union select login from res_users where login like '%@%'"
        ).fetchall()
    names = {name for (name,) in persons if len(name) > 4}
    assert len(names) > 20
    found = set()
    for file in home.glob("landing/odoo/*/*.parquet"):
        rows = duckdb.sql(f"select to_json(t) from read_parquet('{file}') as t").fetchall()
        text = "\n".join(row for (row,) in rows)
        found |= {(file.stem, name) for name in names if name in text}
    assert not found


def test_tables_are_read_by_an_explicit_list_of_columns():
    """A column that a module adds, or that holds secrets, is never read by accident."""
    assert all(table.columns for table in load_system("odoo17").tables)
