"""A real Tryton 7.4 database through the whole product, against SQL straight on Tryton's tables.

The expected parts of each KPI are written in terms of Tryton and share nothing with the dbt
project. They must agree exactly, for every node, day, month and fiscal year, on the database as it
is and on a copy in which each trap is set.
"""

import re
import subprocess
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pytest
from oracle import as_of, ask, command, figures, published, rolled_up, run, valued, warehouse

from sources.spec import load_system

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = REPOSITORY / "examples/tryton.yml"
GRANTS = re.findall(
    r"```sql\n(.*?)```", (REPOSITORY / "docs/tryton.md").read_text("utf-8"), re.DOTALL
)
SQL = Path(__file__).with_name("tryton")
PRELUDE = (SQL / "prelude.sql").read_text("utf-8")
TRAPS = (SQL / "traps.sql").read_text("utf-8")
ENTERPRISE, SITE = "DUNDER", "tryton-site1"
ABOVE = {SITE: ENTERPRISE, "tryton-wc1": SITE} | {f"tryton-wc{n}": "tryton-wc1" for n in (2, 3, 4)}
FISCAL_MONTH = 3

# KPI: (node, day, numerator, denominator), any number of rows each; the test sums them.
EXPECTED = {
    "quality_ratio": "select node, day, good, good + scrap from output",
    "scrap_ratio": "select node, day, scrap, good + scrap from output",
    "schedule_attainment": """
        select coalesce('tryton-wc' || p.work_center, 'tryton-site' || p.company),
            coalesce(p.origin_planned_date, p.planned_date),
            least((select coalesce(sum(good), 0) from output where production = p.id), p.quantity),
            p.quantity
        from production p
        where p.state in ('waiting', 'assigned', 'running', 'done')
            and coalesce(p.origin_planned_date, p.planned_date)
                between (select min(day) from output) and pg_temp.today()
    """,
    "mes_erp_agreement": """
        select site, max(day), sum(good), sum(good) from output group by site, production
    """,
    "first_pass_yield": """
        select coalesce('tryton-wc' || p.work_center, 'tryton-site' || q.company),
            pg_temp.local_day(q.processed_at), (q.state = 'passed')::int, 1
        from quality_inspection q left join production p on q.origin = 'production,' || p.id
        where q.state in ('passed', 'failed') and not exists (
            select from quality_inspection e where e.origin = q.origin and e.control = q.control
                and e.state in ('passed', 'failed') and e.processed_at < q.processed_at)
    """,
    "otif": """
        select node, promised, (pg_temp.shipped(id, promised) >= quantity)::int, 1
        from order_line where promised <= pg_temp.today()
    """,
    "on_time_delivery": """
        select node, first_promised, (pg_temp.shipped(id, first_promised) >= quantity)::int, 1
        from order_line where first_promised <= pg_temp.today()
    """,
    "order_cycle_time": """
        select min(node), max(day), max(day) - min(sale_date), 1
        from order_line left join lateral (
            select min(m.effective_date) as day from moved m
            where m.origin = 'sale.line,' || order_line.id
                and pg_temp.shipped(order_line.id, m.effective_date) >= quantity
        ) as complete on true
        group by sale having bool_and(day is not null)
    """,
    "complaint_rate": """
        select 'tryton-site' || c.company, s.day, 1, 0
        from sale_complaint c join first_shipment s on c.origin = 'sale.sale,' || s.sale
        where c.state not in ('draft', 'cancelled')
        union all
        select 'tryton-site' || company, day, 0, 1 from first_shipment
    """,
    "return_rate": """
        select site, effective_date, case source when 'customer' then base_qty else 0 end,
            case source when 'customer' then 0 else base_qty end
        from moved where 'customer' in (source, target) and origin like 'sale.line,%'
    """,
    "net_sales": """
        select 'tryton-site' || i.company, coalesce(i.accounting_date, i.invoice_date),
            round((l.quantity * l.unit_price)::numeric, 2), 0
        from account_invoice_line l join account_invoice i on i.id = l.invoice
        where i.type = 'out' and i.state in ('posted', 'paid') and l.type = 'line'
    """,
    "gross_margin": """
        select node, day, -balance, -balance from posted where revenue
        union all
        select node, day, -cost, 0 from cost_of_sales
        where day >= date '2026-03-01'
    """,
    "ebitda_margin": """
        select node, day, -balance, -balance from posted where revenue
        union all
        select node, day, -cost, 0 from cost_of_sales
        where day >= date '2026-03-01'
    """,
    "dso": """
        select 'DUNDER', c.day,
            (select sum(balance) from posted where receivable and day <= c.day), 0
        from calendar c where day >= (select min(day) from posted where receivable)
        union all
        select 'DUNDER', day, 0, -balance from posted where revenue
    """,
    "dpo": """
        select 'DUNDER', c.day, -(select sum(balance) from posted where payable and day <= c.day), 0
        from calendar c where day >= date '2026-03-01'
        union all
        select 'DUNDER', day, 0, cost from cost_of_sales
    """,
    "dio": """
        select node, day, value, 0 from inventory
        where day >= date '2026-03-01'
        union all
        select node, day, 0, cost from cost_of_sales
    """,
    "inventory_turns": """
        select node, day, 0, value from inventory
        where day >= date '2026-03-01'
        union all
        select node, day, cost, 0 from cost_of_sales
    """,
    "inventory_value": "select node, day, sum(value), 0 from inventory group by node, day",
    "supplier_on_time": """
        with line as (
            select l.*, 'tryton-site' || o.company as node, case when l.delivery_date_edit
                then l.delivery_date_store else o.delivery_date end as promised
            from purchase_line l join purchase_purchase o on o.id = l.purchase
            where l.type = 'line' and l.quantity > 0
                and o.state in ('confirmed', 'processing', 'done')
        )
        select node, promised, (coalesce((
            select sum(m.quantity) from moved m where m.origin = 'purchase.line,' || line.id
                and m.source = 'supplier' and m.effective_date <= promised
            ), 0) >= quantity)::int, 1
        from line where promised <= pg_temp.today()
    """,
    "absenteeism": """
        select node, day, 1, 0 from absent
        union all
        select node, day, 0, 1 from people_day, people_recorded
        where extract(isodow from day) < 6 and day >= first_day
    """,
    "training_hours_per_fte": """
        select 'tryton-site' || l.company, l.date, extract(epoch from l.duration)::numeric / 3600, 0
        from timesheet_line l join timesheet_work w on w.id = l.work where w.name ilike '%training%'
        union all
        select node, day, 0, 1 from people_day, people_recorded where day >= first_day
    """,
    "fall_off_ratio": "select node, day, scrap, good + scrap from output",
    "finished_goods_ratio": """
        select node, day, good, 0 from output
        union all
        select coalesce('tryton-wc' || p.work_center, m.site), m.effective_date, 0, m.base_qty
        from moved m join production p on p.id = m.production_input
        where m.effective_date >= (select min(day) from output)
    """,
    "scrap_value_ratio": """
        select o.node, o.day, o.scrap * c.cost, (o.good + o.scrap) * c.cost
        from output o join production p on p.id = o.production
        cross join lateral (select pg_temp.cost(p.product, o.day) as cost) as c
    """,
    "manufacturing_lead_time": """
        select coalesce('tryton-wc' || work_center, 'tryton-site' || company), effective_date,
            24 * (effective_date - effective_start_date), 1
        from production where state = 'done'
    """,
    "throughput_rate": """
        select coalesce('tryton-wc' || p.work_center, 'tryton-site' || p.company), p.effective_date,
            (select sum(good + scrap) from output where production = p.id),
            24 * (p.effective_date - p.effective_start_date)
        from production p where p.state = 'done'
    """,
    "orders_on_time": """
        select coalesce('tryton-wc' || work_center, 'tryton-site' || company),
            coalesce(origin_planned_date, planned_date),
            (state = 'done'
                and effective_date <= coalesce(origin_planned_date, planned_date))::int, 1
        from production where state in ('waiting', 'assigned', 'running', 'done')
            and coalesce(origin_planned_date, planned_date) <= pg_temp.today()
    """,
    "customer_ppm": """
        select 'tryton-site' || c.company, s.day, -l.quantity, 0
        from sale_complaint c join sale_complaint_action a on a.complaint = c.id
        join sale_line l on a.result = 'sale.sale,' || l.sale
        join first_shipment s on c.origin = 'sale.sale,' || s.sale
        where c.state not in ('draft', 'cancelled')
        union all
        select site, effective_date, 0, base_qty from moved
        where target = 'customer' and origin like 'sale.line,%'
    """,
    "on_time_to_latest_promise": """
        select node, promised, (pg_temp.shipped(id, promised) >= quantity)::int, 1
        from order_line where promised <= pg_temp.today()
    """,
    "orders_in_full": """
        select min(node), max(first_promised), bool_and(
            pg_temp.shipped(id, pg_temp.today()) >= quantity)::int, 1
        from order_line group by sale having max(first_promised) <= pg_temp.today()
    """,
    "orders_on_commit": """
        select min(node), max(first_promised), bool_and(
            pg_temp.shipped(id, first_promised) >= quantity)::int, 1
        from order_line group by sale having max(first_promised) <= pg_temp.today()
    """,
    "line_fill_rate": """
        select node, promised, (
            select coalesce(sum(quantity), 0) from moved m
            where m.origin = 'sale.line,' || order_line.id and m.target = 'customer'
                and m.effective_date = (
                    select min(effective_date) from moved f
                    where f.origin = m.origin and f.target = 'customer')
        ), quantity
        from order_line where promised <= pg_temp.today()
    """,
    "ebitda": """
        select node, day, -balance, 0 from posted where revenue
        union all
        select node, day, -cost, 0 from cost_of_sales
        where day >= date '2026-03-01'
    """,
    "net_working_capital": """
        select 'DUNDER', c.day, (
            select sum(balance) from posted where (receivable or payable) and day <= c.day), 0
        from calendar c where day >= date '2026-03-01'
        union all
        select 'DUNDER', day, value, 0 from inventory
        where day >= date '2026-03-01'
        union all
        select 'DUNDER', day, 0, -365 * balance from posted where revenue
    """,
}
ROLLUP = {"inventory_value": "stock", "net_sales": "additive", "ebitda": "additive"}
SCALE = {
    **dict.fromkeys(("net_sales", "inventory_value", "ebitda", "order_cycle_time"), 1),
    **dict.fromkeys(("dso", "dpo", "dio", "manufacturing_lead_time", "throughput_rate"), 1),
    **dict.fromkeys(("inventory_turns", "training_hours_per_fte"), 365),
    "complaint_rate": 1000,
    "customer_ppm": 1_000_000,
}
NO_DATA = {
    "availability": "mes_equipment_state",
    "conversion_cost_per_good_unit": "erp_gl_entry",
    "effectiveness": "mes_equipment_state",
    "energy_per_good_unit": "mes_energy",
    "implemented_suggestions_per_100_fte": "hr_suggestion",
    "ltifr": "ehs_incident",
    "mtbf": "mes_equipment_state",
    "mttr": "mes_maintenance_order",
    "near_miss_rate": "ehs_incident",
    "nps": "erp_survey_response",
    "orders_undamaged": "erp_return_complaint with reason_class",
    "orders_with_right_documents": "erp_return_complaint with reason_class",
    "perfect_order": "erp_return_complaint with reason_class",
    "perfect_order_index": "erp_return_complaint with reason_class",
    "inherent_availability": "mes_maintenance_order",
    "oee": "mes_equipment_state",
    "oee_quality": "mes_equipment_state",
    "setup_ratio": "mes_equipment_state",
    "state_coverage": "mes_equipment_state",
    "trir": "ehs_incident",
}


@pytest.fixture(scope="module")
def source(real_dump):
    """The database as it is, and the URL of the role that docs/tryton.md grants."""
    url = real_dump("tryton")
    with psycopg.connect(url, autocommit=True) as connection:
        for grant in GRANTS:
            connection.execute(grant.replace("a long password", "test-password"))
    return url, url.replace("owner:", "tryton_reader:")


@pytest.fixture(scope="module")
def original(source, tmp_path_factory):
    """URL of the database, and home of the state that was computed from it."""
    url, reader_url = source
    return url, run(EXAMPLE, tmp_path_factory.mktemp("tryton"), TRYTON_URL=reader_url)


@pytest.fixture(scope="module")
def trapped(source, postgres, tmp_path_factory):
    """A copy in which every trap is set."""
    assert source
    with postgres.connect() as connection:
        connection.execute('create database tryton_traps template "tryton"')
    url = postgres.url("tryton_traps")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TRAPS)
    return url, run(EXAMPLE, tmp_path_factory.mktemp("traps"), TRYTON_URL=url)


@pytest.fixture(params=["original", pytest.param("trapped", marks=pytest.mark.slow)])
def pair(request):
    """URL of the database, and home of the state that was computed from it."""
    return request.getfixturevalue(request.param)


def expected(url, home, kpi):
    return rolled_up(
        ask(url, as_of(home), PRELUDE, EXPECTED[kpi]),
        ABOVE,
        rollup=ROLLUP.get(kpi, "ratio"),
        fiscal_month=FISCAL_MONTH,
    )


@pytest.mark.parametrize("kpi", EXPECTED)
def test_a_kpi_agrees_with_tryton_itself(pair, kpi):
    url, home = pair
    parts = expected(url, home, kpi)
    assert len(parts) > 3
    assert figures(home, kpi) == valued(parts, SCALE.get(kpi, 100))


def test_a_budget_of_a_year_is_spread_evenly_over_its_months(original):
    """40,000 from March to February: 3,333.33 a month, each day its share of the month.

    The calendar begins on 26 July, the first day on which anything happened.
    """
    url, home = original
    parts = rolled_up(
        ask(
            url,
            as_of(home),
            PRELUDE,
            """
            select node, day, -balance, 0 from posted where revenue
            union all
            select 'tryton-site' || b.company, c.day, 0, -l.amount / 12
                / extract(day from date_trunc('month', c.day) + interval '1 month - 1 day')
            from account_budget_line l join account_budget b on b.id = l.budget
            join account_account a on a.id = l.account
            join account_account_type y on y.id = a.type and y.revenue
            join calendar c on c.day >= date '2026-07-26'
            """,
        ),
        ABOVE,
        fiscal_month=FISCAL_MONTH,
    )
    actual = figures(home, "revenue_attainment")
    assert actual.keys() == parts.keys()
    for key, values in valued(parts, 100).items():
        assert actual[key] == pytest.approx(values, rel=1e-6), key


def test_cash_to_cash_is_made_of_its_three_parts(original):
    _, home = original
    year = (ENTERPRISE, "year", date(2026, 3, 1))
    dio, dso, dpo = (figures(home, kpi)[year][2] for kpi in ("dio", "dso", "dpo"))
    assert figures(home, "cash_to_cash")[year][2] == pytest.approx(dio + dso - dpo)


def test_what_tryton_does_not_have_is_no_data_and_says_what_is_missing(original):
    _, home = original
    assert not published(home, f"select * from kpi_value where kpi_id in {tuple(NO_DATA)}")
    reasons = published(
        home,
        "select kpi_id, string_agg(distinct no_data_reason, ' ') from scorecard "
        f"where status = 'no_data' and kpi_id in {tuple(NO_DATA)} group by kpi_id",
    )
    assert {kpi for kpi, _ in reasons} == set(NO_DATA)
    for kpi, reason in reasons:
        assert NO_DATA[kpi] in reason, kpi


def test_mes_and_erp_agree_per_order(original):
    """Rule R1: what the production reported good is what was received into stock."""
    _, home = original
    [(orders, matched)] = warehouse(
        home, "select count(*), count(*) filter (where difference = 0) from order_reconciliation"
    )
    assert orders == matched == 82


def test_scrap_is_what_left_stock_as_scrap(original):
    """Rule R2, per order."""
    _, home = original
    counted = dict(
        warehouse(
            home,
            "select order_no, sum(qty_scrap) from mes_production_count "
            "where qty_scrap > 0 group by 1",
        )
    )
    moved = dict(
        warehouse(
            home,
            "select order_no, -sum(qty) from erp_goods_movement where type = 'SCRAP' group by 1",
        )
    )
    assert counted == moved
    assert len(counted) == 26
    assert sum(counted.values()) == 33


def test_lines_add_up_to_their_sale(original):
    """Rule R4, against the total that Tryton stores on the sale."""
    url, home = original
    with psycopg.connect(url) as connection:
        totals = dict(
            connection.execute(
                "select number, untaxed_amount_cache from sale_sale "
                "where number is not null and untaxed_amount_cache is not null"
            ).fetchall()
        )
    lines = dict(
        warehouse(home, "select order_no, sum(net_amount) from erp_sales_order_line group by 1")
    )
    assert len(totals) >= 67
    assert {number: lines[number] for number in totals} == totals


def test_debit_equals_credit(original):
    """Rule R5, per entry and altogether."""
    _, home = original
    assert (
        warehouse(
            home,
            "select entry_id from erp_gl_entry group by entry_id having sum(debit) <> sum(credit)",
        )
        == []
    )
    [(debit, credit)] = warehouse(home, "select sum(debit), sum(credit) from erp_gl_entry")
    assert debit - credit == Decimal("0.00")
    assert debit > 100_000


def test_every_code_is_known(original):
    """Rule R6: none is unmapped or quarantined."""
    _, home = original
    assert warehouse(home, "select * from unmapped_code") == []
    assert not list(home.glob("landing/*/*/_quarantine.parquet"))


def test_movements_in_grams_are_what_tryton_says_in_kilograms(original):
    """Rule R7: of 577 movements 90 are in grams against kilograms, 3 of them cancelled."""
    url, home = original
    with psycopg.connect(url) as connection:
        moves = connection.execute("""
            select m.id::text, m.internal_quantity::numeric(18, 6), m.state, u.symbol, b.symbol
            from stock_move m join product_uom u on u.id = m.unit
            join product_product p on p.id = m.product
            join product_template t on t.id = p.template join product_uom b on b.id = t.default_uom
        """).fetchall()
    converted = [move for move in moves if move[3] != move[4]]
    assert Counter((state, *units) for _, _, state, *units in converted) == {
        ("done", "g", "kg"): 87,
        ("cancelled", "g", "kg"): 3,
    }
    assert published(
        home,
        "select status, unexpected_count, evaluated_count from check_result "
        "where check_id = 'erp_base_quantity__converted'",
    ) == [("passed", 0, 90)]
    ours = dict(warehouse(home, "select movement_id, qty from erp_base_quantity"))
    assert ours == {key: qty for key, qty, *_ in moves}
    assert len(ours) == 577
    consumed = dict(
        warehouse(home, "select consumption_id, qty from mes_material_consumption where uom = 'kg'")
    )
    assert {key: consumed[key] for key, _, state, *_ in converted if state == "done"} == {
        key: qty for key, qty, state, *_ in converted if state == "done"
    }


def test_stock_is_the_sum_of_its_movements(original):
    """Rule R17, and the last balance is what Tryton's moves add up to."""
    url, home = original
    movements = warehouse(
        home, "select item_code, sum(qty) from erp_goods_movement group by 1 order by 1"
    )
    balances = warehouse(
        home,
        "select item_code, arg_max(qty, as_of_date) from erp_inventory_balance "
        "group by 1 order by 1",
    )
    own = ask(
        url,
        as_of(home),
        PRELUDE,
        "select p.code, qty::numeric(18, 6) from stock s "
        "join product_product p on p.id = s.product where day = pg_temp.today() order by 1",
    )
    assert movements == balances == own
    assert len(own) == 5


def test_receipts_and_shipments_are_what_was_ordered(original):
    """Rules R18 and R19."""
    _, home = original
    assert warehouse(
        home,
        "select sum(qty_received) - (select sum(qty) from erp_goods_movement where type = 'GR_PO') "
        "from erp_purchase_order_line",
    ) == [(Decimal(0),)]
    assert warehouse(home, "select * from fct_order_line where qty_shipped > qty_ordered") == []


def test_no_row_is_lost_on_the_way(original):
    url, home = original
    counts = {
        "mes_work_order": "production",
        "erp_production_order": "production",
        "mes_operation": "production_work",
        "mes_production_count": "stock_move where production_output > 0 and state = 'done'",
        "mes_material_consumption": "stock_move where production_input > 0 and state = 'done'",
        "erp_sales_order_line": "sale_line where type = 'line' and quantity >= 0",
        "erp_purchase_order_line": "purchase_line where type = 'line'",
        "erp_invoice_line": "account_invoice_line l join account_invoice i on i.id = l.invoice "
        "where i.type = 'out' and i.state in ('posted', 'paid')",
        "erp_item": "product_product",
        "erp_return_complaint": "sale_complaint",
        "hr_employee": "company_employee",
        "hr_training": "timesheet_line",
    }
    with psycopg.connect(url) as connection:
        for table, rows in counts.items():
            [there] = connection.execute(f"select count(*) from {rows}").fetchone()
            assert warehouse(home, f"select count(*) from {table}") == [(there,)], table
        [(hours,)] = connection.execute(
            "select sum(extract(epoch from duration))::numeric / 60 from production_work_cycle"
        ).fetchall()
    [(minutes,)] = warehouse(home, "select sum(act_time_min) from mes_operation")
    assert minutes == pytest.approx(hours, abs=Decimal("0.001"))


def test_attendance_becomes_hours_at_work(original):
    url, home = original
    with psycopg.connect(url) as connection:
        [(seconds,)] = connection.execute(
            "select sum(extract(epoch from at) * case type when 'out' then 1 else -1 end)::numeric "
            "from attendance_line"
        ).fetchall()
    [(hours,)] = warehouse(home, "select sum(hours_worked) from hr_work_time")
    assert hours == pytest.approx(seconds / 3600, abs=Decimal("0.001"))


def test_parties_have_the_role_of_their_documents(original):
    """Of 18 parties 8 bought, 3 sold; the company and six employees are neither."""
    _, home = original
    roles = warehouse(home, "select is_customer, is_supplier from erp_party")
    assert Counter(roles) == {(True, False): 8, (False, True): 3}


def test_the_role_that_reads_can_neither_write_nor_read_names(source):
    """The run of `original` read with this role."""
    _, reader_url = source
    with psycopg.connect(reader_url, autocommit=True) as connection:
        for forbidden in (
            "insert into stock_move (id) values (0)",
            "update stock_move set quantity = 0",
            "delete from stock_move",
            "truncate stock_move",
            "create table mine (id int)",
            "select name from party_party",
            "select password_hash from res_user",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)
        assert (
            connection.execute(
                "select relname from pg_class where relnamespace = 'public'::regnamespace "
                "and relkind in ('r', 'p') "
                "and has_any_column_privilege(oid, 'INSERT, UPDATE, REFERENCES')"
            ).fetchall()
            == []
        )
        [(moves,)] = connection.execute("select count(id) from stock_move").fetchall()
    assert moves == 577


def test_no_person_lands(original):
    """No value of any landed column is or holds the name of a party or user."""
    url, home = original
    with psycopg.connect(url) as connection:
        names = {
            name
            for (name,) in connection.execute(
                "select name from party_party union select name from res_user "
                "union select login from res_user"
            ).fetchall()
            if name and len(name) > 5
        }
    assert len(names) >= 18
    found = set()
    for file in home.glob("landing/tryton/*/*.parquet"):
        rows = duckdb.sql(f"select to_json(t) from read_parquet('{file}') as t").fetchall()
        text = "\n".join(row for (row,) in rows)
        found |= {(file.stem, name) for name in names if name in text}
    assert not found


def test_tables_are_read_by_an_explicit_list_of_columns():
    """A column that a module adds is never read by accident."""
    assert all(table.columns for table in load_system("tryton74").tables)


@pytest.fixture(scope="module")
def empty(real_dump, postgres, tmp_path_factory):
    """The same tables without any row."""
    url = real_dump("tryton")
    bare = postgres.create_database("tryton_empty")
    schema = subprocess.run(
        [postgres.binaries / "pg_dump", "--schema-only", "--no-owner", "--no-privileges", url],
        check=True,
        capture_output=True,
    )
    subprocess.run(
        [postgres.binaries / "psql", "-q", "-v", "ON_ERROR_STOP=1", bare],
        input=schema.stdout,
        check=True,
        capture_output=True,
    )
    return run(EXAMPLE, tmp_path_factory.mktemp("empty"), TRYTON_URL=bare)


@pytest.mark.slow
def test_an_empty_database_is_no_data_everywhere(empty):
    assert published(empty, "select * from kpi_value") == []
    shown = published(empty, "select kpi_id, status, no_data_reason from scorecard")
    assert {kpi for kpi, _, _ in shown} >= set(EXPECTED) | set(NO_DATA)
    assert {status for _, status, _ in shown} == {"no_data"}
    assert all(reason for _, _, reason in shown)


@pytest.mark.slow
def test_the_scorecard_of_an_empty_database_names_each_kpi_and_what_it_lacks(empty):
    core = published(
        empty,
        "select distinct kpi_name, no_data_reason from scorecard "
        f"where role = 'core' and node_id = '{ENTERPRISE}' and period_type = 'month'",
    )
    assert len(core) > 20
    lines = command(EXAMPLE, empty, "show", COLUMNS="200").splitlines()
    for name, reason in core:
        [row] = [line for line in lines if line.strip().startswith(f"{name}  ")]
        assert "- no data" in row
        [why] = [line for line in lines if line.strip().startswith(f"no data, {reason}: ")]
        assert name in why.partition(": ")[2].strip().split(", ")
    missing = {reason for _, reason in core}
    assert {
        "no rows in mes_equipment_state, mes_production_count",
        "no rows in ehs_incident, hr_work_time",
    } <= missing
