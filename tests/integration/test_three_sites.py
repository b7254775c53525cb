"""One company of several plants, each with a real system of its own, through the whole product.

The example configuration is run on real databases. What each plant contributes is taken from the
same independent SQL that its single-source test uses; the company's figures must be the sums over
the plants, so each plant's figures are those of its own run, and the company's are no averages.
"""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest import mock

import psycopg
import pytest
import test_odoo
import test_openmes
import test_tryton
from oracle import as_of, ask, figures, published, rolled_up, run, valued, warehouse

from models.config import load_config
from models.strategy import strategy
from orchestration.resident import ResidentBuild
from sources.definitions import write_definitions
from sources.extract import extract

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = REPOSITORY / "examples/three_sites.yml"
FIRST_DAY = date(2026, 1, 1)
COMPANY = "TRIO"
SITES = {"PS-HQ": "WAW", "odoo-site1": "BRU", "tryton-site1": "LIL"}
MACHINES = ("availability", "setup_ratio", "oee", "effectiveness", "oee_quality")
OUTPUT = ("quality_ratio", "scrap_ratio", "schedule_attainment")
BUSINESS = ("otif", "return_rate", "supplier_on_time")
PLANTS = {
    **{kpi: {"WAW", "BRU"} for kpi in MACHINES},
    **{kpi: {"WAW", "BRU", "LIL"} for kpi in OUTPUT},
    **{kpi: {"BRU", "LIL"} for kpi in BUSINESS},
}
MONEY = ("net_sales", "gross_margin")
# What two vendors might both use: an order number of Odoo's, and an item code of Odoo's for another
# thing. A third code is Odoo's on purpose (xref_code.csv maps TSHIRT to FG-A).
CLASHES = """
    update work_orders set order_no = 'WH/MO/00007-001' where id = 1;
    update product_types set code = 'FG-B', name = 'Nobody''s bracket' where code = 'MUG';
"""


@pytest.fixture(scope="module")
def company(real_dump, postgres, tmp_path_factory):
    """URLs of the databases, and home of the state that was computed from them."""
    odoo = real_dump("odoo17")
    real_dump("openmes")
    with postgres.connect() as connection:
        connection.execute('create database openmes_clash template "openmes"')
    tryton = real_dump("tryton")
    openmes = postgres.url("openmes_clash")
    with psycopg.connect(openmes, autocommit=True) as connection:
        connection.execute(CLASHES)
    home = run(
        EXAMPLE,
        tmp_path_factory.mktemp("trio"),
        OPENMES_URL=openmes,
        ODOO_URL=odoo,
        TRYTON_URL=tryton,
    )
    return openmes, odoo, tryton, home


def rows_of_plants(company, kpi):
    """(node, day, numerator, denominator) from all plants, and node -> node above."""
    openmes, odoo, tryton, home = company
    rows = []
    with psycopg.connect(openmes) as connection:
        above = test_openmes.above(connection)
        machines = {c for (c,) in connection.execute("select code from workstations")}
    above |= test_odoo.ABOVE | test_tryton.ABOVE
    machines |= {node for node in above if node.startswith("odoo-wc")}
    not_of_machines = kpi in test_openmes.NOT_OF_MACHINES
    for url, test in ((openmes, test_openmes), (odoo, test_odoo), (tryton, test_tryton)):
        if kpi not in test.EXPECTED:
            continue
        rows += [
            (above[node] if not_of_machines and node in machines else node, *rest)
            for node, *rest in ask(url, as_of(home), test.PRELUDE, test.EXPECTED[kpi])
        ]
    named = {node: SITES.get(node, node) for node in above}
    named |= dict.fromkeys((None, "ACME", test_tryton.ENTERPRISE), COMPANY)
    return (
        [(named.get(node, node), day, *rest) for node, day, *rest in rows if day >= FIRST_DAY],
        {named[node]: named.get(parent, parent) for node, parent in above.items()},
    )


def figures_of_site(home, site):
    """(KPI, node, period type, first day, last day, shift) -> (numerator, denominator, value).

    For the site and all below it.
    """
    rows = warehouse(
        home,
        "select kpi_id, node_id, period_type, period_start, period_end, shift_code, numerator, "
        "denominator, value from kpi_value where node_id in (select descendant_id "
        f"from organization_closure where ancestor_id = '{site}')",
    )
    return {row[:6]: row[6:] for row in rows}


@pytest.fixture(scope="module")
def alone(company, tmp_path_factory):
    """By site: home of what was computed from its source alone, until the same instant."""
    openmes, odoo, tryton, home = company
    urls = {"OPENMES_URL": openmes, "ODOO_URL": odoo, "TRYTON_URL": tryton}
    homes = {}
    with mock.patch.dict(os.environ, urls):
        whole = load_config(EXAMPLE)
        files, *systems = whole.sources
        for site, source in zip(("WAW", "BRU", "LIL"), systems, strict=True):
            homes[site] = tmp_path_factory.mktemp(site)
            config = whole.model_copy(
                update={
                    "home": homes[site],
                    "enterprise": whole.enterprise.model_copy(update={"as_of": as_of(home)}),
                    "sources": (files, source),
                }
            )
            for each in config.sources:
                extract(each, config)
            write_definitions(config, strategy(), folder=config.definitions)
            ResidentBuild(config).build(only=["+kpi_value"])
    return homes


ADDED = {"WAW": {"scrap_value_ratio"}}
"""KPIs that a site has in the company only: OpenMES knows no cost of items, other plants do."""


@pytest.mark.parametrize("site", ["WAW", "BRU", "LIL"])
def test_a_site_has_the_figures_of_its_source_alone(company, alone, site):
    """Value by value: what other plants record, or began to record earlier, is nothing to it.

    Periods before its own calendar begins are left out: a budget is spread over the days of them.
    """
    *_, home = company
    [(begins,)] = warehouse(alone[site], "select min(date_day) from dim_date")
    own, shared = (
        {key: parts for key, parts in figures_of_site(of, site).items() if key[3] >= begins}
        for of in (alone[site], home)
    )
    assert len(own) > 1000
    assert {key: shared.get(key) for key in own} == own
    assert {kpi for kpi, *_ in shared.keys() - own.keys()} == ADDED.get(site, set())


def test_what_a_plant_lacks_is_no_data_there_and_lowers_the_company_s_completeness(company):
    """Only Tryton has complaints here; Odoo delivers as well, OpenMES does not."""
    *_, home = company
    assert published(
        home,
        "select node_id, value is not null, completeness from kpi_value "
        "where kpi_id = 'complaint_rate' and period_type = 'year' "
        "and node_level in ('enterprise', 'site') order by all",
    ) == [("LIL", True, 1), ("TRIO", True, 0.5)]
    assert published(
        home,
        "select distinct node_id, no_data_reason from scorecard "
        "where kpi_id = 'complaint_rate' and period_type = 'year_to_date' and value is null "
        "and node_id in ('BRU', 'WAW') order by 1",
    ) == [
        ("BRU", "no rows in erp_return_complaint with kind complaint"),
        ("WAW", "no rows in erp_delivery_line, erp_return_complaint with kind complaint"),
    ]


def days_and_months(parts):
    return {key: value for key, value in parts.items() if key[1] != "year"}


def rounded(parts):
    return {key: tuple(round(part, 6) for part in values) for key, values in parts.items()}


@pytest.mark.parametrize("kpi", PLANTS)
def test_the_company_is_the_sum_of_its_plants(company, kpi):
    *_, home = company
    rows, above = rows_of_plants(company, kpi)
    expected = days_and_months(rolled_up(rows, above, first_day=FIRST_DAY))
    actual = {
        key: value
        for key, value in days_and_months(figures(home, kpi, first_day=FIRST_DAY)).items()
        if value[1]
    }
    assert rounded(actual) == rounded(valued(expected, 100))
    assert {node for node, *_ in actual} & {"WAW", "BRU", "LIL"} == PLANTS[kpi]


def in_euro(day, amount):
    """The rates of examples/three_sites/erp_exchange_rate.csv."""
    return Decimal(amount or 0) * (Decimal("0.90") if day >= date(2026, 10, 1) else Decimal("0.95"))


@pytest.mark.parametrize("kpi", MONEY)
def test_money_is_converted_at_the_rate_of_its_day(company, kpi):
    *_, home = company
    rows, above = rows_of_plants(company, kpi)
    rows = [(node, day, in_euro(day, n), in_euro(day, d)) for node, day, n, d in rows]
    rollup = "additive" if kpi == "net_sales" else "ratio"
    expected = days_and_months(rolled_up(rows, above, first_day=FIRST_DAY, rollup=rollup))
    actual = days_and_months(figures(home, kpi, first_day=FIRST_DAY))
    assert set(actual) == set(expected)
    scale = 1 if kpi == "net_sales" else 100
    for key, (numerator, denominator, value) in valued(expected, scale).items():
        # money has four decimals in the warehouse, so each row may be off by half a unit
        assert actual[key][0] == pytest.approx(numerator, abs=0.05)
        assert actual[key][1] == pytest.approx(denominator, abs=0.05)
        assert actual[key][2] == pytest.approx(value, abs=0.05)


def test_the_fiscal_year_is_the_company_s(company):
    *_, home = company
    starts = published(
        home, "select distinct period_start from kpi_value where period_type = 'year'"
    )
    assert {(start.month, start.day) for (start,) in starts} == {(4, 1)}


def test_every_node_hangs_below_its_site(company):
    *_, home = company
    sites = dict(
        published(home, "select node_id, site_id from dim_organization where node_id <> 'TRIO'")
    )
    assert sites["DTG-1"] == sites["L-01"] == sites["WAW"] == "WAW"
    assert sites["odoo-wc1"] == "BRU"
    assert sites["tryton-wc2"] == "LIL"
    assert None not in sites.values()
    assert published(
        home,
        "select node_id, node_name, time_zone from dim_organization "
        "where node_id in ('WAW', 'BRU', 'LIL') order by 1",
    ) == [
        ("BRU", "Brussels", "Europe/Brussels"),
        ("LIL", "Lille", "Europe/Paris"),
        ("WAW", "Warsaw", "Europe/Warsaw"),
    ]


def test_items_that_mean_the_same_are_one_item(company):
    openmes, odoo, _, home = company
    with psycopg.connect(openmes) as connection:
        [(shirts,)] = connection.execute("""
            select sum(b.produced_qty - coalesce(b.scrap_qty, 0)) from batches b
            join work_orders o on o.id = b.work_order_id
            join product_types p on p.id = o.product_type_id where p.code = 'TSHIRT'
        """)
    with psycopg.connect(odoo) as connection:
        [(brackets,)] = connection.execute("""
            select sum(m.quantity) from stock_move m join product_product p on p.id = m.product_id
            join mrp_production o on o.id = m.production_id and o.product_id = m.product_id
            where p.default_code = 'FG-A' and m.state = 'done' and not m.scrapped
        """)
    assert warehouse(
        home,
        "select sum(qty_good) from fct_production where item_code = 'FG-A' and is_final_op",
    ) == [(shirts + brackets,)]
    assert warehouse(home, "select count(*) from erp_item where item_code = 'TSHIRT'") == [(0,)]


def test_a_customer_of_two_plants_is_one_customer(company):
    """Tryton's customer 5 is Odoo's 11."""
    *_, home = company
    assert warehouse(
        home,
        "select source_system, count(*) > 0 from erp_sales_order_line "
        "where customer_code = 'odoo-11' group by 1 order by 1",
    ) == [("odoo", True), ("tryton", True)]


def test_equal_order_numbers_of_two_vendors_never_meet(company):
    *_, home = company
    orders = dict(
        warehouse(
            home,
            "select source_system, qty_planned from fct_production_order "
            "where order_no = 'WH/MO/00007-001'",
        )
    )
    assert orders == {"openmes": Decimal(250), "odoo": Decimal(12)}


def test_a_code_that_two_vendors_use_by_chance_is_reported(company):
    """The mapped item and the sites of the file are not."""
    *_, home = company
    assert warehouse(
        home,
        "select canonical_table, code, source_system, held_by from shared_code where is_other_name",
    ) == [("erp_item", "FG-B", "odoo", "openmes")]
    assert published(
        home,
        "select status, unexpected_count from check_result "
        "where check_id = 'shared_code__one_name'",
    ) == [("failed", 1)]
    assert published(
        home, "select status from check_result where check_id = 'shared_code__one_thing'"
    ) == [("passed",)]


def test_nothing_is_left_unmapped(company):
    *_, home = company
    assert warehouse(home, "select * from unmapped_code") == []
