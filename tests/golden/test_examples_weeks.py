"""Examples in a fiscal year of months of four, four and five weeks, under other conventions.

One site for each example, worked out by hand; today is 20 September 2026, noon. The eighth month
is from 27 July to 23 August, the third quarter begins on 29 June. An order is in full with 95 %, a
product is new for three years, a customer lapses after 90 days, payables are measured on purchases.
"""

import pytest
from example_plant import (
    Plant,
    about,
    compute,
    day,
    due,
    first_of_everything,
    names,
    share,
    since,
)

CONFIG = """
enterprise: {code: E, name: Weeks, time_zone: UTC, currency: EUR, as_of: 2026-09-20T12:00:00,
  fiscal_calendar: 4-4-5, fiscal_year_end: nearest, conventions: {payables_basis: purchases,
  under_delivery_tolerance: 0.05, new_product_years: 3, customer_lapses_after_days: 90}}
"""
SEVENTH, EIGHTH, NINTH = (("month", first) for first in ("2026-06-29", "2026-07-27", "2026-08-24"))
QUARTER, YEAR = ("quarter", "2026-06-29"), ("year", "2025-12-29")
TWELVE_MONTHS = since("rolling_12_months", "2025-08-25", "2026-08-23")
AUGUST_5 = "2026-08-05"


def calendar(plant):
    """Sales and budgets on the first and last days of months of weeks."""
    plant.site("NS")
    for on, amount in (
        ("2026-06-28", 1),
        ("2026-06-29", 2),
        ("2026-07-26", 4),
        ("2026-07-27", 8),
        ("2026-08-23", 16),
        ("2026-08-24", 32),
        ("2026-09-20", 64),
    ):
        plant.invoice(on, "NS", amount)
    # A sister company buys, too: the site sells to it, the enterprise does not.
    plant.add("erp_intercompany", kind="customer", code="SISTER")
    plant.invoice("2026-09-01", "NS", 500, "SISTER")
    plant.expect("NS", day("2026-09-01"), net_sales=500)
    plant.expect("E", NINTH, net_sales=32 + 64)
    # So does the company that keeps its books in one source.
    columns = "member_code group_code segment member_type"
    plant.rows("erp_segment_member", columns, ("feed", "BOOKS", "company", "source"))
    plant.expect("company:BOOKS", NINTH, net_sales=32 + 64 + 500)
    for period, amount in (
        (("quarter", "2026-03-30"), 1),
        (SEVENTH, 2 + 4),
        (EIGHTH, 8 + 16),
        (NINTH, 32 + 64 + 500),
        (QUARTER, 2 + 4 + 8 + 16 + 32 + 64 + 500),
        (YEAR, 1 + 2 + 4 + 8 + 16 + 32 + 64 + 500),
        (TWELVE_MONTHS, 1 + 2 + 4 + 8 + 16),
        (since("month_to_date", "2026-07-27", "2026-08-22"), 8),
    ):
        plant.expect("NS", period, net_sales=amount)
    # A budget of August, of which 23 days lie in the eighth month; and one of that month itself.
    for site, first, budget in (("BCAL", "2026-08-01", 310), ("BFIS", "2026-07-27", 280)):
        plant.site(site)
        plant.budget(site, first, budget)
        plant.post(AUGUST_5, site, revenue=-140)
    plant.expect("BCAL", EIGHTH, revenue_attainment=share(140, 230))
    plant.expect("BCAL", NINTH, revenue_attainment=0)
    plant.expect("BCAL", QUARTER, revenue_attainment=share(140, 310))
    for period in (EIGHTH, QUARTER):
        plant.expect("BFIS", period, revenue_attainment=share(140, 280))
    plant.expect("BFIS", NINTH, revenue_attainment=None)
    # Moving ranges between the values of a month of weeks: 2; then one value, which has none.
    plant.site("CQ", lines=1, machines=1)
    plant.measured("CQ-L1M1", "2026-08-20", 10, 12)
    plant.measured("CQ-L1M1", "2026-08-24", 18)
    plant.expect("CQ-L1M1", EIGHTH, cp=15 / (6 * 2 / 1.128))
    plant.expect("CQ-L1M1", NINTH, cp=None)
    # Twelve months of weeks begin with one: 30 December 2024 is the first day of fiscal 2025.
    year = since("rolling_12_months", "2024-12-30", "2025-12-28")
    plant.expect("ANC", year, order_cycle_time=0, order_cycle_time_median=0)
    plant.site("TW")
    plant.employee("TW1", "TW", left="2026-08-21")
    plant.employee("TW2", "TW")
    plant.expect("TW", TWELVE_MONTHS, voluntary_turnover=share(365, 364 + 361))


SCORES = (
    (
        "schedule_attainment",
        "TG-L1",
        SEVENTH,
        98.5,
        10 / 3 * (1 + (97 - 95) / (98.5 - 95)),
        "amber",
    ),
    ("schedule_attainment", "TG-L1", NINTH, 99, 10 / 3 * (1 + (97 - 96) / (99 - 96)), "amber"),
    ("schedule_attainment", "TG-L1", QUARTER, 99, 10 / 3 * (1 + (97 - 96) / (99 - 96)), "amber"),
    ("near_miss_rate", "TN", EIGHTH, 28, 10 - 20 / 3 * (28 - 20) / 16, "green"),
)
"""Target, score and status of 97 % and of a band: KPI, node, period, target, score, status."""


def targets(plant):
    """97 % of plan in July and September; the target rises on 1 August. Twenty near misses."""
    plant.site("TG", lines=1, machines=1)
    for number, at in (("TG1", "2026-07-10 12:00"), ("TG2", "2026-09-10 12:00")):
        plant.order(number, "TG-L1", 100, due_at=at)
        plant.count("TG-L1M1", at, 97, 97, order_no=number, op_seq=10)
    for period in (SEVENTH, NINTH, QUARTER):
        plant.expect("TG-L1", period, schedule_attainment=97)
    plant.site("TN")
    plant.worked("TN", AUGUST_5, 20_000)
    plant.incidents("TN", AUGUST_5, "near_miss", "near_miss")
    plant.expect("TN", EIGHTH, near_miss_rate=20)
    # An accident that belongs to no site is the enterprise's.
    plant.worked("TN", "2026-07-10", 1000)
    plant.incidents("", "2026-07-10", "fatality")
    plant.expect("E", SEVENTH, trir=200)
    plant.expect("TN", SEVENTH, trir=0)


def conventions(plant):
    """Each convention at its edge."""
    plant.site("TO")
    ordered = {"ordered": "2026-08-01 08:00:00"}
    for shipped in (9.5, 9.49, 10, 12):
        plant.sale("TO", due(AUGUST_5, (AUGUST_5, shipped)), **ordered)
    plant.sale("TO", due(AUGUST_5, (AUGUST_5, 9.5), ("2026-08-07", 0.5)), **ordered)
    plant.expect("TO", EIGHTH, otif=80, orders_in_full=80)
    plant.expect("TO", EIGHTH, line_fill_rate=share(9.5 + 9.49 + 10 + 10 + 9.5, 50))
    # Nobody promised anything: due when it was asked for.
    plant.site("RQ")
    asked = due("", ("2026-08-07", 10), requested_date=AUGUST_5)
    plant.sale("RQ", asked, **ordered)
    plant.expect("RQ", EIGHTH, otif=0, on_time_to_request=0, orders_in_full=100)
    # Payables of 282 until the end of the month, purchases of 100 EUR and 100 USD.
    plant.site("BX")
    plant.post("2026-07-27", "BX", cogs=281, payable=-281)
    plant.post("2026-08-24", "BX", payable=282)
    plant.purchase("BX", "2026-08-06", AUGUST_5, net_amount=100)
    dollars = {"ordered_at": "2026-08-01 06:00", "currency": "USD"}  # 80 EUR on that day
    plant.purchase("BX", "2026-08-06", "2026-08-06", net_amount=100, **dollars)
    open_ = {"status": "confirmed", "qty_received": 0}
    plant.purchase("BX", "2026-08-06", "", net_amount=77, **open_)
    plant.expect("E", EIGHTH, dpo=28 * 282 / (100 + 80))
    # Launched on 10 August 2023.
    plant.item("N3", launched_on="2023-08-10")
    plant.site("VI")
    plant.invoice("2026-08-09", "VI", 10, item_code="N3")
    plant.invoice("2026-08-11", "VI", 30, item_code="N3")
    plant.expect("VI", EIGHTH, vitality_index=25)
    plant.site("RT")
    for number, on in enumerate(("2026-05-10", "2026-06-10", "2026-07-20", "2026-04-01")):
        plant.invoice(on, "RT", 1, f"K{number}")
    plant.invoice("2026-08-20", "RT", 1, "K0")
    plant.site("NG")
    plant.post(AUGUST_5, "NG", revenue=100, cogs=50)
    plant.expect("NG", EIGHTH, gross_margin=150)


def resources(plant):
    """Energy of machine, line and site; material of two orders, in grams and kilograms."""
    plant.site("EN", lines=2, machines=1, zone="America/New_York")
    for meter, (node, at, used) in enumerate(
        (
            ("EN-L1", f"{AUGUST_5} 10:00", 100),
            ("EN-L1M1", f"{AUGUST_5} 10:00", 50),
            ("EN", f"{AUGUST_5} 10:00", 60),
            ("EN-L2", f"{AUGUST_5} 10:00", 40),
            ("EN-L1", "2026-08-24 03:45", 30),  # 23 August, 23:45
        )
    ):
        plant.rows(
            "mes_energy", "meter equipment_code start_ts kwh", (f"EN{meter}", node, at, used)
        )
    plant.count("EN-L1M1", f"{AUGUST_5} 12:00", 40, 30)
    plant.expect("EN-L1", day(AUGUST_5), energy_per_good_unit=150 / 30)
    plant.expect("EN-L1", EIGHTH, energy_per_good_unit=180 / 30)
    plant.expect("EN-L1", EIGHTH, comprehensive_energy_consumption=180 / 40)
    plant.expect("EN-L1", NINTH, energy_per_good_unit=None)
    plant.expect("EN-L2", EIGHTH, energy_per_good_unit=None)
    plant.expect("EN", EIGHTH, energy_per_good_unit=280 / 30)
    # No energy, no states, from a source that has other facts there: nothing was used, nothing ran.
    plant.site("NM", lines=1, machines=2)
    plant.count("NM-L1M2", f"{AUGUST_5} 12:00", 40, 30)
    plant.expect("NM", EIGHTH, energy_per_good_unit=0)
    plant.maintenance("NM-L1M1", "corrective", f"{AUGUST_5} 06:00", 2)
    plant.expect("NM-L1M1", EIGHTH, mtbf=0, mttr=2)
    plant.item("RAW", "KG")
    plant.item("FIN", "KG")
    plant.rows("erp_uom_conversion", "from_uom to_uom factor", ("G", "KG", 0.001))
    plant.site("MA", lines=1, machines=1)
    kinds = "integrated_goods", "production_loss", "storage_transport_loss", "other_loss"
    at = f"{AUGUST_5} 10:00"
    times = {"started_at": f"{AUGUST_5} 06:00", "finished_at": f"{AUGUST_5} 16:00"}
    for order, grams, good, *quantities in (
        ("MA1", 100_000, 80, 90, 5, 3, 2),
        ("MA2", 300_000, 190, 200, 60, 30, 10),
    ):
        plant.order(order, "MA-L1", good, item_code="FIN", **times)
        of = {"order_no": order, "item_code": "RAW"}
        used = {"consumption_id": order, "qty": grams, "uom": "G", "consumed_at": at}
        plant.add("mes_material_consumption", **of, **used)
        for kind, qty in zip(kinds, quantities, strict=True):
            booked = {"balance_id": f"{order}{kind}", "kind": kind, "qty": qty, "booked_at": at}
            plant.add("mes_material_balance", **of, **booked)
        made = {"order_no": order, "op_seq": 10, "item_code": "FIN"}
        plant.count("MA-L1M1", at, good + 10, good, **made)
    plant.add("mes_scrap_plan", order_no="MA1", item_code="FIN", qty_scrap_planned=4)
    plant.expect("MA-L1", EIGHTH, integrated_goods_ratio=share(90 + 200, 400))
    plant.expect("MA-L1", EIGHTH, production_loss_ratio=share(5 + 60, 400))
    plant.expect("MA-L1", EIGHTH, storage_transportation_loss_ratio=share(3 + 30, 400))
    plant.expect("MA-L1", EIGHTH, other_loss_ratio=share(2 + 10, 400))
    plant.expect("MA-L1", EIGHTH, finished_goods_ratio=share(80 + 190, 400))
    plant.expect("MA-L1", EIGHTH, actual_to_planned_scrap_ratio=share(10, 4))


def codes(plant):
    """Segments, codes of other systems, times with offsets, counts of a line, shift patterns."""
    groups = ("K5", "RETAIL"), ("K6", "RETAIL"), ("K7", "OEM")
    columns = "member_code group_code segment member_type"
    rows = ((*group, "customer_group", "customer") for group in groups)
    plant.rows("erp_segment_member", columns, *rows)
    plant.site("SG1")
    plant.site("SG2")
    for site, customer, amount in (("SG1", "K5", 10), ("SG2", "K6", 20), ("SG2", "K7", 40)):
        plant.invoice(AUGUST_5, site, amount, customer)
    plant.invoice("2026-08-06", "SG2", 5, "K6", type="credit")
    plant.expect("customer_group:RETAIL", EIGHTH, net_sales=10 + 20 - 5)
    plant.expect("customer_group:OEM", EIGHTH, net_sales=40)
    plant.expect("SG2", EIGHTH, net_sales=20 + 40 - 5)
    # Machine 4711 is another one since 1 August; a part has an old name, one is unknown.
    plant.site("XR", lines=1, machines=1)
    columns = "entity source_code conformed_code valid_from valid_to"
    plant.rows(
        *("xref_code", columns),
        ("erp_item", "OLDP", "P", "", ""),
        ("mes_equipment", "4711", "XR-L1M1", "2026-08-01", ""),
        ("mes_equipment", "4711", "ANC-L1M1", "", "2026-08-01"),
    )
    plant.count("XR-L1M1", "2026-08-05 01:00:00+02:00", 10, 5, item_code="OLDP")  # the day before
    plant.count("XR-L1M1", "2026-08-05T03:00:00Z", 10, 10, item_code="UNKNOWN")
    plant.count("4711", f"{AUGUST_5} 12:00", 10, 8)
    plant.count("4711", "2026-07-31 12:00", 10, 1)
    plant.expect("XR-L1M1", day("2026-08-04"), quality_ratio=50)
    plant.expect("XR-L1M1", day(AUGUST_5), quality_ratio=80)
    plant.expect("XR-L1M1", EIGHTH, quality_ratio=share(5 + 8, 20))
    plant.expect("ANC-L1M1", EIGHTH, quality_ratio=10)
    # 180 min at the line, counted there, of 240 and 120 min on its machines.
    plant.site("LC", lines=1, machines=2)
    for machine, end in (("LC-L1M1", "10:00"), ("LC-L1M2", "08:00")):
        plant.states(machine, AUGUST_5, ("RUN", "06:00", end))
    plant.count("LC-L1", f"{AUGUST_5} 07:00", 200, 180, pri_s=60)
    plant.expect("LC-L1", EIGHTH, oee=share(180, 360))
    plant.expect("LC", EIGHTH, effectiveness=share(200, 360))
    # Nights of Saturday and Sunday: when the clocks go forward, 7 h of work; that Sunday is closed.
    plant.site("SP", lines=1, machines=1, zone="Europe/Berlin", ideal_rate_per_h=10)
    columns = "equipment_code shift_code valid_from weekdays start_time end_time planned_break_min"
    row = ("SP-L1", "N", "2026-03-20", "67", "22:00", "06:00", 30)
    plant.rows("mes_shift_pattern", columns, row)
    columns = "equipment_code exception_date"
    plant.rows("mes_calendar_exception", columns, ("SP", "2026-03-29"))
    plant.count("SP-L1M1", "2026-03-29 02:00", 35, 35)
    plant.states("SP-L1M1", "", ("RUN", "2026-03-28 21:00", "2026-03-29 04:00"))
    saturday, nights = day("2026-03-28"), 7 + 8 + 8
    plant.expect("SP-L1M1", saturday, equipment_load_ratio=share(35, 70), availability=100)
    march = ("month", "2026-02-23")
    plant.expect("SP-L1", march, equipment_load_ratio=share(35, 10 * nights))


def people(plant):
    """Who left, was never hired, is trained elsewhere or is nobody."""
    plant.site("AL")
    plant.employee("AL1", "AL", hired_on="")
    plant.employee("AL2", "AL", left=AUGUST_5, kind="other")
    plant.absent("AL1", "2026-08-08", "2026-08-08", 1)  # a Saturday
    plant.expect("AL", EIGHTH, absenteeism=share(1, 20 + 7))
    plant.trained("", "2026-08-03", 5, site="AL")
    plant.trained("AL1", "2026-08-03", 7, site="TW")
    plant.expect("AL", EIGHTH, training_hours_per_fte=365 * 5 / (28 + 9))
    plant.expect("TW", EIGHTH, training_hours_per_fte=365 * 7 / (28 + 25))


def expect_of_all(plant):
    """What the enterprise sold, with an invoice of no site, and whom it kept for 90 days."""
    plant.invoice(AUGUST_5, "", 1000)
    sold = (8 + 16) + (10 + 30) + 1 + (10 + 20 + 40 - 5) + 1000  # NS, VI, RT, SG1 and SG2, none
    plant.expect("E", EIGHTH, net_sales=sold)
    for period, before, last in (
        (SEVENTH, "2026-06-28", "2026-07-26"),
        (EIGHTH, "2026-07-26", "2026-08-23"),
        (QUARTER, "2026-06-28", "2026-09-20"),
    ):
        for site in ("", "RT"):
            kept = plant.retention(before, last, site or None, lapse=90)
            plant.expect(site or "E", period, customer_retention=kept)


def build():
    plant = Plant()
    first_of_everything(plant)
    for example in (calendar, targets, conventions, resources, codes, people, expect_of_all):
        example(plant)
    return plant


PLANT = build()


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return compute(PLANT, CONFIG, tmp_path_factory.mktemp("weeks"))


@pytest.mark.parametrize("case", PLANT.expected, ids=names(PLANT.expected))
def test_example(published, case):
    kpi, node, period, expected = case
    assert published.value(kpi, node, *period) == about(expected)


@pytest.mark.parametrize("case", SCORES, ids=[f"{case[0]}-{case[2][1]}" for case in SCORES])
def test_the_target_of_a_period_is_that_of_its_last_day(published, case):
    kpi, node, period, target, score, status = case
    ((found, reached, shown),) = published.rows(
        "select target, score, status from kpi_value where kpi_id = ? and node_id = ? "
        "and period_type = ? and period_start = ?",
        *(kpi, node, *period),
    )
    assert (found, shown) == (target, status)
    assert reached == pytest.approx(score, rel=1e-9)


def test_more_credit_than_sales_is_shown_but_not_judged(published):
    assert published.rows(
        "select value, score, status from kpi_value where kpi_id = 'gross_margin' "
        "and node_id = 'NG' and period_type = 'month'"
    ) == [(150, None, "not_meaningful")]
