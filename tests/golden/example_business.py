"""An enterprise of which each site is one example of orders, money and people, worked out by hand.

The enterprise's own values come from what all sites have posted, invoiced and stored, summed by a
few lines of Python. The fiscal year begins in April, today is 20 May 2026.
"""

from datetime import date, timedelta

from example_plant import (
    APR,
    FEB,
    JAN,
    MAR,
    MAY,
    QUARTER,
    TWELVE_MONTHS,
    YEAR,
    due,
    length,
    month,
    share,
    since,
)

SISTERS = ("IC1", "IC2")
"""Accounts of sales between sites."""
IN_MARCH = ("2026-03-09", 10)
GOOD = due("2026-03-09", IN_MARCH)
LATE = due("2026-03-09", ("2026-03-10", 10))
CANCELLED = due("2026-03-09", status="cancelled")


def lines(plant):
    """Lines in parts, late, short, overdue; and those that are not due."""
    plant.site("OT")
    for line in (
        due("2026-03-09", ("2026-03-05", 6), ("2026-03-09", 4)),  # the only one on time in March
        due("2026-03-09", ("2026-03-05", 6), ("2026-03-10", 4)),
        due("2026-03-09", ("2026-03-05", 6), status="closed"),
        CANCELLED,
        due("2026-03-09", status="draft"),
        due("2026-06-15", ("2026-03-05", 10)),
        due("2026-03-09"),
        due("2026-04-10", ("2026-03-20", 15), original_promised_date="2026-03-09"),
        due("", ("2026-03-05", 10)),
    ):
        plant.sale("OT", line)
    for period in (MAR, QUARTER):
        plant.expect("OT", period, otif=25)
    for period in (APR, ("quarter", "2026-04-01")):
        plant.expect("OT", period, otif=100)
    plant.expect("OT", MAR, on_time_delivery=20)
    plant.expect("OT", APR, on_time_delivery=None)
    # Promised for March, later for June, and not shipped: missed in March, due in June.
    plant.site("MV")
    plant.sale("MV", due("2026-06-15", original_promised_date="2026-03-09"))
    plant.expect("MV", MAR, on_time_delivery=0, otif=None, perfect_order=0)
    # Asked for in March, promised for and shipped in April.
    plant.site("RD")
    plant.sale("RD", due("2026-04-09", ("2026-04-01", 10), requested_date="2026-03-31"))
    plant.expect("RD", MAR, on_time_to_request=0, otif=None)
    plant.expect("RD", APR, on_time_to_request=None, otif=100)
    # Promised for today and tomorrow: what is promised by today is due.
    plant.site("DD")
    shipped = due("2026-05-20", ("2026-05-20", 10))
    plant.sale("DD", due("2026-05-20"), shipped, due("2026-05-21"), ordered="2026-05-10 08:00:00")
    plant.expect("DD", MAY, otif=50, on_time_delivery=50)
    # Of two shipments of a day, the first is that which left first: D9.
    plant.site("FS")
    order = plant.sale("FS", due("2026-03-09"))
    for delivery, hour, qty in (("D9", "08", 4), ("D10", "15", 6)):
        at = {"delivery_no": delivery, "shipped_at": f"2026-03-09 {hour}:00:00"}
        plant.ship(order, "2026-03-09", qty, **at)
    plant.expect("FS", MAR, line_fill_rate=40, otif=100)
    # 24 cans and two boxes of twelve; 47 come.
    plant.site("UO")
    cans = {"item_code": "CAN", "qty": 24}
    boxes = {"item_code": "CAN", "qty": 2, "uom": "BOX"}
    first, second = ("2026-03-09", 2, "BOX"), ("2026-03-09", 23)
    plant.sale("UO", due("2026-03-09", first, **cans), due("2026-03-09", second, **boxes))
    plant.expect("UO", MAR, otif=50, line_fill_rate=share(47, 48))


def orders(plant):
    """Perfect orders: one line cancelled, with complaints, of two periods, of two sites."""
    plant.site("PO")
    plant.sale("PO", GOOD, GOOD)
    plant.sale("PO", GOOD, LATE)
    plant.sale("PO", GOOD, CANCELLED)
    plant.sale("PO", CANCELLED, CANCELLED)
    plant.complaint(plant.sale("PO", GOOD), "2026-03-20", "quality")
    order = plant.sale("PO", GOOD)
    plant.complaint(order, "2026-03-20", "damage")
    plant.complaint(order, "2026-03-21", "damage")
    plant.expect("PO", MAR, perfect_order=60, orders_undamaged=80, orders_on_commit=80)
    plant.expect("PO", MAR, orders_in_full=100, perfect_order_index=64)
    plant.expect("PO", MAR, complaint_rate=1000 * 3 / 5)
    # Lines of one order that are promised for two months: due in the later.
    plant.site("P2")
    plant.sale("P2", GOOD, due("2026-04-10", ("2026-04-01", 10)))
    plant.expect("P2", MAR, perfect_order=None, order_cycle_time=None)
    plant.expect("P2", APR, perfect_order=100, order_cycle_time=30)
    plant.expect("P2", TWELVE_MONTHS, perfect_order=100)
    # Promised for March, later for April, and shipped then: an order of March, a line of April.
    plant.site("RP")
    plant.sale("RP", due("2026-04-10", ("2026-04-10", 10), original_promised_date="2026-03-09"))
    plant.expect("RP", MAR, perfect_order=0, orders_on_commit=0, orders_in_full=100, otif=None)
    plant.expect("RP", APR, perfect_order=None, orders_in_full=None, otif=100)
    plant.site("TWO1")
    plant.site("TWO2")
    one = due("2026-01-09", ("2026-01-09", 10))
    other = due("2026-01-09", ("2026-01-12", 10), site_code="TWO2")
    plant.sale("TWO1", one, other, ordered="2026-01-02 08:00:00")
    plant.expect("E", JAN, perfect_order=0, order_cycle_time=10, otif=50)
    plant.expect("TWO1", JAN, otif=100)
    plant.expect("TWO2", JAN, otif=0)


def cycle_times(plant):
    """Two sites' orders take 1, 2 and 9, and 3 and 4 days; one has a line that never comes."""
    for site, lengths in (("CT1", (1, 2, 9)), ("CT2", (3, 4))):
        plant.site(site)
        for taken in lengths:
            last = str(date.fromisoformat("2026-02-02") + timedelta(days=taken))
            first = due("2026-02-10", ("2026-02-03", 10))
            second = due("2026-02-10", ("2026-02-03", 5), (last, 5))
            plant.sale(site, first, second, ordered="2026-02-02 09:00:00")
    lines_ = due("2026-02-10", ("2026-02-03", 10)), due("2026-02-10")
    plant.sale("CT2", *lines_, ordered="2026-02-02 09:00:00")
    plant.expect("CT1", FEB, order_cycle_time=4, order_cycle_time_median=2)
    plant.expect("CT2", FEB, order_cycle_time=3.5, order_cycle_time_median=3.5)
    # 1, 2, 3, 4, 9: the mean of all, not of the sites; nine tenths of the way lie between 4 and 9.
    plant.expect("E", FEB, order_cycle_time=19 / 5, order_cycle_time_median=3)
    plant.expect("E", FEB, order_cycle_time_p90=4 + 0.6 * 5)
    plant.expect("E", ("week", "2026-02-02"), order_cycle_time_median=2.5)
    # Received on 2 March, 20:00 UTC, which is 3 March in Kolkata.
    plant.sale("KOL", due("2026-03-09", ("2026-03-05", 10)), ordered="2026-03-02 20:00:00")
    plant.expect("KOL", MAR, order_cycle_time=2)


def complaints(plant):
    """Returns on their own day, complaints on the day of the order's first shipment."""
    plant.site("RR")
    order = plant.sale("RR", due("2026-03-09", ("2026-03-09", 100), qty=100))
    plant.ship(order, "2026-04-02", 10, is_return="true")
    plant.sale("RR", due("2026-04-09", ("2026-04-09", 50), qty=50))
    plant.expect("RR", MAR, return_rate=0)
    plant.expect("RR", APR, return_rate=20)
    plant.expect("RR", TWELVE_MONTHS, return_rate=share(10, 150))
    # 6 + 12 + 2 cans of 1,200; neither delivery nor papers are the parts' fault.
    plant.site("PM")
    cans = due("2026-03-09", ("2026-03-09", 100, "BOX"), item_code="CAN", qty=1200)
    order = plant.sale("PM", cans)
    for reason, qty, unit in (
        ("quality", 6, ""),
        ("damage", 1, "BOX"),
        ("delivery", 100, ""),
        ("documentation", 50, ""),
        ("", 2, ""),
    ):
        plant.complaint(order, "2026-04-02", reason, qty, item_code="CAN", uom=unit)
    plant.expect("PM", MAR, customer_ppm=1e6 * 20 / 1200)
    plant.site("CO")
    parts = ("2026-03-31", 10), ("2026-04-01", 10)
    order = plant.sale("CO", due("2026-03-31", *parts, qty=20))
    plant.complaint(order, "2026-05-02", "quality")
    plant.sale("CO", due("2026-04-01", ("2026-04-01", 10)))
    plant.expect("CO", MAR, complaint_rate=1000)
    plant.expect("CO", APR, complaint_rate=0)
    # Of four purchases due, two came on time, one late, one in part.
    plant.site("SU")
    for promised, received, status in (
        ("2026-03-09", "2026-03-09", "closed"),
        ("2026-03-09", "2026-03-10", "closed"),
        ("2026-03-09", "", "confirmed"),
        ("2026-03-09", "", "cancelled"),
        ("2026-06-09", "2026-03-01", "closed"),
        ("2026-03-10", "2026-03-01", "closed"),
    ):
        plant.purchase("SU", promised, received, status=status)
    plant.expect("SU", MAR, supplier_on_time=50)


def customers(plant):
    """Answers on two scales; customers of two sites who come, stay and lapse after a year."""
    plant.site("NP1")
    plant.site("NP2")
    plant.answers("NP1", "2026-02-10", *((score, 10) for score in (10, 9, 8, 7, 6, 0)))
    plant.answers("NP2", "2026-02-10", (0, 10), (6, 10), (5, 5))
    plant.expect("NP1", FEB, nps=0, csat=None)
    plant.expect("NP2", FEB, nps=-100, csat=100)
    plant.expect("E", FEB, nps=-25)
    plant.site("RA")
    plant.site("RB")
    for on, site, customer in (
        *(("2025-02-10", "RA", f"K{number}") for number in range(3)),
        ("2026-01-20", "RA", "K0"),
        ("2026-03-20", "RB", "K1"),
        ("2025-12-20", "RB", "K3"),
        ("2026-02-20", "RB", "K4"),
    ):
        plant.invoice(on, site, 10, customer)
    plant.expect("RA", JAN, customer_retention=100)
    plant.expect("RA", FEB, customer_retention=share(1, 3))
    plant.expect("RA", MAR, customer_retention=100)
    plant.expect("RA", QUARTER, customer_retention=share(1, 3))
    plant.expect("RB", QUARTER, customer_retention=100)
    # On the last day before the year, and on its first and last day.
    plant.site("RL")
    plant.invoice("2025-03-31", "RL", 10, "K10")
    plant.invoice("2025-04-01", "RL", 10, "K11")
    plant.invoice("2026-03-31", "RL", 10, "K11")
    plant.expect("RL", YEAR, customer_retention=0)
    plant.expect("RL", ("quarter", "2025-04-01"), customer_retention=100)


def sales(plant):
    """Sales in currencies whose rates change, of new products, to date, and of tomorrow."""
    plant.site("NS")
    for on, amount, columns in (
        ("2026-02-14", 100, {"currency": "USD"}),
        ("2026-02-15", 100, {"currency": "USD"}),
        ("2026-02-15", 50, {"currency": "USD", "type": "credit"}),
        ("2026-02-16", 10_000, {"currency": "JPY"}),
        ("2026-02-17", 7, {}),
    ):
        plant.invoice(on, "NS", amount, **columns)
    yen = 10_000 * plant.rate("JPY", "2026-02-16")
    plant.expect("NS", FEB, net_sales=90 + 80 - 40 + yen + 7)
    # Nobody knows what a franc is worth.
    plant.site("NR")
    plant.invoice("2026-02-17", "NR", 100, currency="CHF")
    plant.invoice("2026-02-18", "NR", 50)
    plant.expect("NR", FEB, net_sales=50)
    plant.item("N1", launched_on="2021-03-10")
    plant.site("VI")
    plant.invoice("2026-03-09", "VI", 100, item_code="N1")
    plant.invoice("2026-03-11", "VI", 100, item_code="N1")  # five years and a day
    plant.invoice("2026-03-12", "VI", 300)
    plant.invoice("2026-03-09", "VI", 20, item_code="N1", type="credit")
    plant.expect("VI", MAR, vitality_index=share(80, 480))
    plant.site("ZS")
    plant.invoice("2026-03-12", "ZS", 30)
    plant.invoice("2026-03-12", "ZS", 30, type="credit")
    plant.expect("ZS", MAR, vitality_index=None, net_sales=0)
    # Up to the 20th of a month; the day after it must not enter.
    plant.site("TD")
    for on, amount in (
        ("2025-05-20", 30),
        ("2025-05-21", 2000),
        ("2026-01-15", 3),
        ("2026-02-19", 7),
        ("2026-02-20", 900),
        ("2026-04-20", 40),
        ("2026-04-21", 1000),
        ("2026-05-10", 100),
    ):
        plant.invoice(on, "TD", amount)
    for period, amount in (
        (since("month_to_date", "2026-05-01", "2026-05-20"), 100),
        (since("month_to_date", "2026-04-01", "2026-04-20"), 40),
        (since("quarter_to_date", "2026-04-01", "2026-05-20"), 1140),
        (since("year_to_date", "2026-04-01", "2026-05-20"), 1140),
        (since("year_to_date", "2025-04-01", "2025-05-20"), 30),
        (since("year_to_date", "2025-04-01", "2026-02-19"), 2040),
        (TWELVE_MONTHS, 2030 + 3 + 7 + 900 + 1040),
    ):
        plant.expect("TD", period, net_sales=amount)
    # What will be after today: who leaves, what is put to work, what is invoiced.
    plant.site("FU")
    plant.employee("FU1", "FU", left="2026-05-31")
    plant.suggestion("FU1", "2026-05-05", "2026-05-30", "accepted")
    plant.expect("FU", MAY, voluntary_turnover=0, implemented_suggestions_per_100_fte=0)
    plant.invoice("2026-05-25", "FU", 100)
    plant.invoice("2026-05-20", "FU", 10)
    plant.expect("FU", MAY, net_sales=10)


def ledger(plant):
    """Fourteen months of two sites; GB keeps its books in dollars and buys from GA once."""
    plant.site("GA")
    plant.site("GB")
    plant.rows("erp_intercompany", "kind code", *(("account", code) for code in SISTERS))
    for number in range(14):
        years, of_year = divmod(3 + number, 12)
        on = date(2025 + years, of_year + 1, 10)
        sold, cost = 1000 + 100 * number, 500 + 20 * number
        plant.post(on, "GA", revenue=-sold, receivable=sold)
        plant.post(on, "GA", cogs=cost, inventory=-cost)
        plant.post(on + timedelta(days=12), "GA", receivable=100 - sold)
        plant.post(on, "GB", "USD", revenue=-500, receivable=500)
        plant.post(on, "GB", "USD", cogs=450, payable=-450)
        plant.post(on + timedelta(days=5), "GB", "USD", payable=300)
        plant.post(on, "GA", operating_expense=100, depreciation=50, interest=20, tax=30)
    plant.post("2026-02-11", "GA", account="IC1", revenue=-400, receivable=400)
    plant.post("2026-02-11", "GB", account="IC2", cogs=400, payable=-400)
    for on, qty, value in (
        ("2025-04-01", 10, 4000),
        ("2025-09-16", 10, 6000),
        ("2026-04-20", 0, 0),
    ):
        plant.stock(on, "GA", qty, value)
    plant.stock("2025-08-01", "GA", 10, 1000, item_code="FAST")
    for on in ("2025-10-10", "2026-02-25"):
        plant.stock(on, "GB", 10, 2000, currency="USD")
    # Of January 2025, with sales 10, cost 5, receivables and payables 1: 90 days.
    nothing = dict.fromkeys(("dso", "cash_to_cash", "gross_margin"))
    plant.expect("E", month("2025-02"), **nothing)
    year = ("year", "2024-04-01")
    plant.expect("E", year, dso=9, dpo=18, dio=0.2, cash_to_cash=0.2 + 9 - 18)


PERIODS = (
    (FEB, "2026-02-01", "2026-02-28"),
    (QUARTER, "2026-01-01", "2026-03-31"),
    (YEAR, "2025-04-01", "2026-03-31"),
    *(
        (period, *period[1:])
        for period in (
            TWELVE_MONTHS,
            since("year_to_date", "2026-04-01", "2026-05-20"),
            since("quarter_to_date", "2026-01-01", "2026-02-20"),
            since("month_to_date", "2026-05-01", "2026-05-12"),
        )
    ),
)


def expect_of_all(plant):
    """The enterprise's ledger and customers; last, because every example has a part in them."""
    expenses = ("operating_expense", "direct_labour", "manufacturing_overhead", "material")
    for period, first, last in PERIODS:
        count = length(first, last)
        sold = -plant.posted("revenue", first, last, without=SISTERS)
        cost = plant.posted("cogs", first, last, without=SISTERS)
        owed = plant.balances("receivable", first, last, without=SISTERS) / count
        owing = -plant.balances("payable", first, last, without=SISTERS) / count
        stored = plant.stocked(first, last) / count
        dso, dio, dpo = (count * owed / sold, count * stored / cost, count * owing / cost)
        plant.expect("E", period, dso=dso, dio=dio, dpo=dpo, cash_to_cash=dio + dso - dpo)
        plant.expect("E", period, inventory_turns=cost * 365 / count / stored)
        plant.expect("E", period, inventory_value=stored, gross_margin=share(sold - cost, sold))
        capital = share(owed + stored - owing, sold * 365 / count)
        spent = sum(plant.posted(name, first, last) for name in expenses)
        plant.expect("E", period, net_working_capital=capital, ebitda=sold - cost - spent)
        for site in ("GA", "GB"):
            sold = -plant.posted("revenue", first, last, site)
            cost = plant.posted("cogs", first, last, site)
            stored = plant.stocked(first, last, site)
            plant.expect(site, period, gross_margin=share(sold - cost, sold), dio=stored / cost)
            plant.expect(site, period, inventory_turns=365 * cost / stored)
            spent = plant.posted("operating_expense", first, last, site)
            plant.expect(site, period, ebitda_margin=share(sold - cost - spent, sold))
    for period, before, last in (
        (FEB, "2026-01-31", "2026-02-28"),
        (QUARTER, "2025-12-31", "2026-03-31"),
        (YEAR, "2025-03-31", "2026-03-31"),
        (TWELVE_MONTHS, "2025-04-30", "2026-04-30"),
        (since("year_to_date", "2026-04-01", "2026-05-20"), "2026-03-31", "2026-05-20"),
    ):
        for site in ("", "XI", "TD"):
            kept = plant.retention(before, last, site or None)
            plant.expect(site or "E", period, customer_retention=kept)


def budgets(plant):
    """Versions, currencies and parts of a month; cost of poor quality with and without sales."""
    for site, budget, currency, sold in (("BU1", 3100, "", 1550), ("BU2", 1000, "USD", 880)):
        plant.site(site)
        plant.budget(site, "2026-03-01", 5 * budget, currency=currency)
        plant.budget(site, "2026-03-01", budget, "2", currency)
        plant.post("2026-03-03", site, revenue=-sold)
    plant.budget("BU1", "2026-04-01", 300, "2")
    for period, attained in (
        (FEB, None),
        (MAR, 50),
        (APR, 0),
        (QUARTER, 50),
        (since("month_to_date", "2026-03-01", "2026-03-10"), share(1550, 1000)),
        (TWELVE_MONTHS, share(1550, 3400)),
    ):
        plant.expect("BU1", period, revenue_attainment=attained)
    plant.expect("BU2", MAR, revenue_attainment=share(880, 0.8 * 1000))
    for site, cost in (("PQ1", 50), ("PQ2", 90)):
        plant.site(site)
        plant.quality_cost(site, "2026-03-05", "external_failure", cost)
        plant.quality_cost(site, "2026-03-05", "internal_failure", 10, "USD")
    plant.post("2026-03-05", "PQ1", revenue=-1000)
    plant.expect("PQ1", MAR, cost_of_poor_quality=5.8, external_failure_cost=5)
    plant.expect("PQ2", MAR, cost_of_poor_quality=None)
    plant.site("GZ")
    plant.post("2026-03-05", "GZ", cogs=10)
    plant.expect("GZ", MAR, gross_margin=None, ebitda_margin=None, ebitda=-10)


def costs(plant):
    """Conversion of two lines with overhead of their site; variances in euros and dollars."""
    plant.site("CC", lines=2, machines=1)
    for line, wages, overhead, good, seconds in ((1, 100, 300, 40, 3600), (2, 50, 50, 10, 7200)):
        plant.cost_center(f"CC{line}", f"CC-L{line}")
        plant.post("2026-03-31", f"CC{line}", direct_labour=wages, manufacturing_overhead=overhead)
        plant.count(f"CC-L{line}M1", "2026-03-03 10:00", good + 5, good, pri_s=seconds)
    plant.post("2026-03-31", "CC", manufacturing_overhead=25)
    for node, cost, good, hours in (
        ("CC-L1", 400, 40, 40),
        ("CC-L2", 100, 10, 20),
        ("CC", 525, 50, 60),
    ):
        per_hour = cost / hours
        plant.expect(node, MAR, conversion_cost_per_good_unit=cost / good)
        plant.expect(node, MAR, conversion_cost_per_standard_hour=per_hour)
    plant.site("CV", lines=1, machines=1)
    line = {"equipment_code": "CV-L1"}
    plant.cost("CV1", "material", (100, 4), (110, 462), **line)
    plant.cost("CV1", "labour", (10, 20), (9.5, 199.5), **line)
    plant.cost("CV2", "material", (50, 10), (40, 360), **line, currency="USD")
    plant.cost("CV2", "overhead", (1, 100), (1, 150), **line, currency="USD")
    standard, actual = 400 + 200 + 0.8 * 600, 462 + 199.5 + 0.8 * 510
    plant.expect("CV-L1", MAR, production_cost_variance=share(actual - standard, standard))
    plant.expect("CV-L1", MAR, material_price_variance=share(22 + 0.8 * -40, standard))
    plant.expect("CV", MAR, material_usage_variance=share(40 + 0.8 * -100, standard))
    plant.expect("CV", MAR, overhead_variance=share(0.8 * 50, standard))
    # Two won are 0.12 cents and 1.25 cents of a dollar one euro cent: no digit may get lost.
    plant.item("SCREW")
    columns = "item_code valid_from unit_cost currency"
    plant.rows("erp_standard_cost", columns, ("SCREW", "2020-01-01", 2, "KRW"))
    plant.site("KR", lines=1, machines=1)
    plant.count("KR-L1M1", "2026-03-03 10:00", 2_000_000, 1_000_000, item_code="SCREW")
    plant.count("KR-L1M1", "2026-03-03 10:00", 1000, 1000)
    plant.post("2026-03-03", "KR", revenue=-10_000)
    plant.quality_cost("KR", "2026-03-03", "appraisal", 1)
    scrapped = 1_000_000 * 2 * 0.00061234
    plant.expect("KR", MAR, internal_failure_cost=share(scrapped, 10_000))
    plant.expect("KR", MAR, scrap_value_ratio=share(scrapped, 2 * scrapped + 1000 * 2))
    line = {"equipment_code": "KR-L1", "currency": "KRW"}
    plant.cost("KR1", "material", (1_000_000, 2), (1_000_000, 2_000_000), **line)
    plant.expect("KR-L1", MAR, production_cost_variance=0, material_price_variance=0)
    plant.site("US", lines=1, machines=1)
    line = {"equipment_code": "US-L1", "currency": "USD", "posted_on": "2026-02-10"}
    plant.cost("US1", "material", (100_000, 0.0125), (110_000, 1375), **line)
    plant.expect("US-L1", FEB, material_usage_variance=10, material_price_variance=0)
    plant.expect("US-L1", FEB, production_cost_variance=10)


def stocks(plant):
    """A stock that begins within a month, and turns of issues that were reversed."""
    for site, on, value in (("IV1", "2026-03-01", 100), ("IV2", "2026-03-16", 62)):
        plant.site(site)
        plant.stock(on, site, 1, value)
        plant.stock("2026-04-01", site, 0, 0)
        plant.expect(site, MAR, inventory_value=value)
    plant.expect("IV1", ("quarter", "2026-04-01"), inventory_value=0)
    plant.site("IT")
    for on, qty in (("2026-03-01", 100), ("2026-03-11", 50), ("2026-04-01", 0)):
        plant.stock(on, "IT", qty, 0)
    for number, kind, qty, reversal_of in (
        ("it1", "GI_SO", -30, ""),
        ("it2", "GI_PROD", -20, ""),
        ("it3", "GR_PO", 70, ""),
        ("it4", "SCRAP", -5, ""),
        ("it5", "GI_SO", -10, ""),
        ("it6", "REVERSAL", 10, "it5"),
    ):
        where = {"location_code": "IT-W", "reversal_of": reversal_of}
        plant.movement(number, "2026-03-05", kind, qty, **where)
    plant.expect("IT", MAR, inventory_turns_quantity=365 * 50 / (100 * 10 + 50 * 21))


def people(plant):
    """Heads who come and go, work in part, are absent over a month's end and have accidents."""
    plant.site("TR")
    plant.employee("T1", "TR")
    plant.employee("T2", "TR", fte=0.5)
    plant.employee("T3", "TR", hired_on="2026-03-16")
    plant.employee("T4", "TR", left="2026-03-11")
    plant.trained("T1", "2026-03-05", 8)
    plant.trained("T3", "2026-03-20", 4.5)
    for period, full, since_, until in ((MAR, 31, 16, 10), (QUARTER, 90, 16, 31 + 28 + 10)):
        equivalents = 1.5 * full + since_ + until
        plant.expect("TR", period, training_hours_per_fte=365 * 12.5 / equivalents)
        turnover = share(365, 2 * full + since_ + until)
        plant.expect("TR", period, voluntary_turnover=turnover)
    plant.expect("TR", APR, training_hours_per_fte=0)
    plant.suggestion("T1", "2026-02-05", "2026-03-05", "implemented")
    plant.suggestion("T1", "2026-03-05", "", "rejected")
    fte_days = 31 + 0.5 * 31 + 16 + 10
    plant.expect("TR", MAR, implemented_suggestions_per_100_fte=share(365, fte_days))
    # Monday 30 March to Friday 3 April; Friday to Monday; half a day. 22 working days a month.
    plant.site("AB")
    plant.employee("A1", "AB")
    plant.employee("A2", "AB")
    plant.absent("A1", "2026-03-30", "2026-04-03", 5)
    plant.absent("A2", "2026-03-06", "2026-03-09", 2)
    plant.absent("A2", "2026-03-18", "2026-03-18", 0.5)
    plant.expect("AB", MAR, absenteeism=share(2 + 2 + 0.5, 44))
    plant.expect("AB", APR, absenteeism=share(3, 44))
    # Three of five working days lost, from Thursday 26 February to Wednesday 4 March.
    plant.site("AP")
    plant.employee("AP1", "AP")
    plant.absent("AP1", "2026-02-26", "2026-03-04", 3)
    plant.expect("AP", FEB, absenteeism=share(2 * 3 / 5, 20))
    plant.expect("AP", QUARTER, absenteeism=share(3, 22 + 20 + 22))
    for site, hours, cases in (
        ("SF1", 100_000, ("fatality", "medical_treatment")),
        ("SF2", 300_000, ("restricted_work", "lost_time", "first_aid", "near_miss")),
    ):
        plant.site(site)
        plant.worked(site, "2025-11-03", hours)
        plant.worked(site, "2026-02-03", hours)
        plant.incidents(site, "2025-11-03", *cases)
    year, november = since("rolling_12_months", "2025-03-01", "2026-02-28"), month("2025-11")
    plant.expect("SF1", november, trir=4)
    plant.expect("SF1", year, trir=2, dart_rate=0)
    plant.expect("SF2", year, near_miss_rate=200_000 * 1 / 600_000)
    plant.expect("E", november, trir=200_000 * 4 / 400_000)
    plant.expect("E", year, trir=1, dart_rate=200_000 * 2 / 800_000, ltifr=1e6 * 2 / 800_000)
    plant.site("SZ")
    plant.incidents("SZ", "2026-03-05", "lost_time")
    plant.expect("SZ", MAR, trir=None, ltifr=None)


EXAMPLES = (
    *(lines, orders, cycle_times, complaints, customers, sales),
    *(ledger, budgets, costs, stocks, people),
)
"""Every example of orders, money and people; `expect_of_all` comes after them."""
