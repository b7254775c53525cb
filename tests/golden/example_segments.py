"""An enterprise of two ERPs that keeps its books in francs; each site is one example, by hand.

Segments in March and May, equal numbers of both ERPs in April, currencies in June, people in July,
targets in April and July. Today is 20 August 2026, noon; the fiscal year is that of the calendar.
"""

from contextlib import contextmanager

from example_plant import APR, FEB, MAR, MAY, Plant, day, due, month, share, since
from feed import numbers

JUN, JUL, AUG = (month(f"2026-{number:02}") for number in (6, 7, 8))
YEAR_TO_MARCH = since("rolling_12_months", "2025-04-01", "2026-03-31")
TO_DATE = since("year_to_date", "2026-01-01", "2026-08-20")
EURO = (("2020-01-01", 0.95), ("2026-06-11", 0.9), ("2026-06-21", 0.96))
POUND = (("2026-06-15", 1.1),)
"""What a euro and a pound are worth in francs; of a pound nobody knows it before 15 June."""
MEMBERS = (
    ("customer_group", "customer", "K0", "RETAIL"),
    ("customer_group", "customer", "K1", "RETAIL"),
    ("customer_group", "customer", "K2", "OEM"),
    ("item_group", "item", "H1", "SHAFTS"),
    ("company", "equipment", "SG1", "NORTH"),
    ("company", "equipment", "SG2", "NORTH"),
    ("company", "source", "other", "SOUTH"),
    ("company", "source", "feed", "CENTRE"),
    ("business_unit", "equipment", "SG2", "TRADE"),
    ("business_unit", "equipment", "SG3", "REPAIR"),
    ("business_unit", "cost_center", "SG1", "PARTS"),
)
"""Who belongs to which segment. Of G1 its category says that it is a gear; K3 is in no group."""
GOOD = ("2026-03-09", 10)
LATE = ("2026-03-12", 10)


def master_data(plant):
    """Sites, items, rates and segments."""
    plant.rates |= {"EUR": EURO, "GBP": POUND}
    columns = "currency valid_from rate"
    plant.rows(*("erp_exchange_rate", columns), *(("EUR", *step) for step in EURO))
    plant.rows(*("erp_exchange_rate", columns), *(("GBP", *step) for step in POUND))
    plant.item("G1", category="GEARS", launched_on="2024-01-01")
    plant.item("H1", launched_on="2010-01-01")
    plant.item("I1")
    plant.rows("erp_segment_member", "segment member_type member_code group_code", *MEMBERS)
    plant.add("erp_intercompany", kind="customer", code="SISTER")
    columns = "party_code name is_customer is_supplier"
    plant.rows("erp_party", columns, ("SECOND", "SECOND", "false", "true"))
    for site in ("SG1", "SG2", "SG3"):
        plant.site(site, lines=1, machines=1)


def case(plant, order, customer, reason, **columns):
    """A complaint of a customer on 20 March."""
    fixed = {"case_id": next(plant.number), "kind": "complaint", "customer_code": customer}
    fixed |= {"order_no": order, "opened_at": "2026-03-20 09:00:00", "reason_class": reason}
    plant.add("erp_return_complaint", **fixed | columns)


def orders(plant):
    """Five orders of 2 March, of two sites, two groups of customers and two of items.

    The first is good, but was asked for a day before. Of the second one line is late, and the
    papers are wrong. The third is closed four parts short. The fourth has two damaged shafts. The
    fifth is late, and of a customer without a group.
    """
    first = plant.sale(
        "SG1",
        due("2026-03-09", GOOD, customer_code="K0", item_code="G1", requested_date="2026-03-08"),
    )
    second = plant.sale(
        "SG1",
        due("2026-03-09", GOOD, customer_code="K0", item_code="G1"),
        due("2026-03-09", LATE, customer_code="K0", item_code="H1"),
    )
    short = {"status": "closed", "customer_code": "K1", "item_code": "G1"}
    plant.sale("SG2", due("2026-03-09", ("2026-03-09", 6), **short))
    fourth = plant.sale(
        "SG2",
        due("2026-03-09", GOOD, customer_code="K2", item_code="H1", requested_date="2026-03-09"),
        due("2026-03-09", GOOD, customer_code="K2", item_code="G1"),
    )
    plant.sale("SG1", due("2026-03-09", LATE, customer_code="K3", item_code="H1"))
    case(plant, second, "K0", "documentation", item_code="G1", qty=5)
    case(plant, fourth, "K2", "damage", item_code="H1", qty=2)
    plant.ship(first, "2026-03-20", 3, is_return="true", item_code="G1")
    retail, oem = "customer_group:RETAIL", "customer_group:OEM"
    gears, shafts = "item_group:GEARS", "item_group:SHAFTS"
    for node, good, lines in ((retail, 2, 4), (oem, 2, 2), (gears, 3, 4), (shafts, 1, 3)):
        punctual = share(good, lines)
        plant.expect(node, MAR, otif=punctual, on_time_delivery=punctual)
        plant.expect(node, MAR, on_time_to_latest_promise=punctual)
    plant.expect("E", MAR, otif=share(4, 7), perfect_order=share(1, 5))
    for node, filled, ordered in ((retail, 36, 40), (oem, 20, 20), (gears, 36, 40), (shafts, 1, 1)):
        plant.expect(node, MAR, line_fill_rate=share(filled, ordered))
    for node, asked in ((retail, 0), (oem, 100), (gears, 0), (shafts, 100)):
        plant.expect(node, MAR, on_time_to_request=asked)
    two_thirds = share(2, 3)
    plant.expect(retail, MAR, orders_in_full=two_thirds, orders_on_commit=two_thirds)
    plant.expect(retail, MAR, orders_with_right_documents=two_thirds, orders_undamaged=100)
    plant.expect(retail, MAR, perfect_order=share(1, 3), perfect_order_index=share(8, 27))
    plant.expect(oem, MAR, orders_in_full=100, orders_on_commit=100, orders_undamaged=0)
    plant.expect(oem, MAR, orders_with_right_documents=100, perfect_order_index=0)
    # The first takes 7 days and the second 10; nobody waits for what is short and closed.
    plant.expect(retail, MAR, order_cycle_time=8.5, order_cycle_time_median=8.5)
    plant.expect(retail, MAR, order_cycle_time_p90=7 + 0.9 * 3)
    plant.expect(oem, MAR, order_cycle_time=7, order_cycle_time_p90=7)
    plant.expect(retail, MAR, complaint_rate=1000 * 1 / 3, customer_ppm=0)
    plant.expect(oem, MAR, complaint_rate=1000, customer_ppm=1e6 * 2 / 20)
    plant.expect(gears, MAR, customer_ppm=0, return_rate=share(3, 36))
    plant.expect(shafts, MAR, customer_ppm=1e6 * 2 / 30, return_rate=0)
    plant.expect(retail, MAR, return_rate=share(3, 36))
    plant.expect(oem, MAR, return_rate=0)
    # What a customer group is not rolled up by, and an item group neither.
    plant.expect(retail, MAR, scrap_ratio=None, inventory_value=None)
    plant.expect(gears, MAR, perfect_order=None, complaint_rate=None)
    plant.expect(retail, ("quarter", "2026-01-01"), otif=50, perfect_order=share(1, 3))
    plant.expect(retail, ("week", "2026-03-09"), otif=50, order_cycle_time=8.5)
    for period in (YEAR_TO_MARCH, TO_DATE):
        plant.expect(retail, period, otif=50, order_cycle_time_median=8.5)
        plant.expect(retail, period, order_cycle_time_p90=9.7, perfect_order_index=share(8, 27))


def voices(plant):
    """Answers on two scales, and customers who stay: of groups, and of nobody known."""
    columns = "response_id site_code customer_code answered_at score scale_max"
    for customer, score, top in (
        ("K0", 10, 10),
        ("K1", 0, 10),
        ("K2", 9, 10),
        ("K3", 3, 10),
        ("", 10, 10),
        ("K0", 5, 5),
        ("K1", 3, 5),
        ("K2", 2, 5),
    ):
        row = (next(plant.number), "SG1", customer, "2026-03-10 10:00", score, top)
        plant.rows("erp_survey_response", columns, row)
    plant.expect("customer_group:RETAIL", MAR, nps=0, csat=50)
    plant.expect("customer_group:OEM", MAR, nps=100, csat=0)
    plant.expect("SG1", MAR, nps=share(3 - 2, 5), csat=share(1, 3))
    # K0 and K1 buy in the year before 2026; in the year that ends with March only K0 does.
    for on, site, customer in (
        ("2025-02-10", "SG1", "K0"),
        ("2025-03-20", "SG2", "K1"),
        ("2026-01-15", "SG2", "K0"),
        ("2025-12-01", "SG1", "K2"),
    ):
        plant.invoice(on, site, 1, customer)
    first = ("quarter", "2026-01-01")
    plant.expect("customer_group:RETAIL", first, customer_retention=50)
    plant.expect("customer_group:OEM", first, customer_retention=100)
    plant.expect("customer_group:RETAIL", YEAR_TO_MARCH, customer_retention=50)
    plant.expect("customer_group:RETAIL", TO_DATE, customer_retention=100)  # both buy in May
    plant.expect("SG1", first, customer_retention=50)  # K0 goes to the other site, K2 stays
    plant.expect("SG2", first, customer_retention=0)


def resources(plant):
    """Scrap, cost, stock and suppliers by group of items, and by supplier."""
    line, machine = "SG1-L1", "SG1-L1M1"
    gears, shafts = "item_group:GEARS", "item_group:SHAFTS"
    # 100 shafts begun: 10 are scrapped at the first operation, 5 at the last. One of 50 gears.
    first = {"is_final_op": "false", "op_seq": 10, "order_no": "SGO2"}
    plant.count(machine, "2026-03-03 10:00", 100, 90, item_code="H1", **first)
    last = {"op_seq": 20, "order_no": "SGO2"}
    plant.count(machine, "2026-03-03 11:00", 90, 85, item_code="H1", **last)
    plant.count("SG2-L1M1", "2026-03-03 11:00", 50, 49, item_code="G1")
    plant.expect(shafts, MAR, scrap_ratio=15)
    plant.expect(gears, MAR, scrap_ratio=2)
    plant.expect("E", MAR, scrap_ratio=share(16, 150))
    # The ERP says what the first order makes, the MES what the second does.
    columns = "erp_order_no site_code item_code qty status"
    plant.rows("erp_production_order", columns, ("SGO1", "SG1", "G1", 50, "finished"))
    plant.order("SGO2", line, 100, item_code="H1", erp_order_no="SGO2")
    at = {"equipment_code": line}
    plant.cost("SGO1", "material", (100, 4), (110, 462), **at)
    plant.cost("SGO1", "labour", (10, 20), (9.5, 199.5), **at)
    plant.cost("SGO2", "material", (50, 10), (40, 360), **at)
    plant.cost("SGO2", "overhead", (1, 100), (1, 150), **at)
    plant.expect(gears, MAR, production_cost_variance=share(462 + 199.5 - 600, 600))
    plant.expect(gears, MAR, material_price_variance=share(462 - 440, 600))
    plant.expect(gears, MAR, material_usage_variance=share(40, 600), overhead_variance=0)
    plant.expect(gears, MAR, labour_rate_variance=share(199.5 - 190, 600))
    plant.expect(gears, MAR, labour_efficiency_variance=share(-0.5 * 20, 600))
    plant.expect(shafts, MAR, production_cost_variance=share(360 + 150 - 600, 600))
    plant.expect(shafts, MAR, material_price_variance=share(360 - 400, 600))
    plant.expect(shafts, MAR, material_usage_variance=share(-10 * 10, 600))
    plant.expect(shafts, MAR, overhead_variance=share(50, 600), labour_rate_variance=0)
    plant.expect(line, MAR, production_cost_variance=share(61.5 - 90, 1200))
    # Gears at two sites, in francs for 20 and 11 days and in dollars for 21; shafts all month.
    for on, site, item, value, currency in (
        ("2026-03-01", "SG1", "G1", 1000, ""),
        ("2026-03-21", "SG1", "G1", 600, ""),
        ("2026-03-11", "SG2", "G1", 100, "USD"),
        ("2026-03-01", "SG1", "H1", 310, ""),
        ("2026-03-01", "", "H1", 40, ""),  # nobody knows of which site
        ("2026-04-01", "SG1", "G1", 0, ""),
        ("2026-04-01", "SG2", "G1", 0, ""),
        ("2026-04-01", "SG1", "H1", 0, ""),
        ("2026-04-01", "", "H1", 0, ""),
    ):
        where = {"item_code": item, "location_code": f"{site}-{item}", "currency": currency}
        plant.stock(on, site, 1, value, **where)
    total = 1000 * 20 + 600 * 11 + 0.8 * 100 * 21
    plant.expect(gears, MAR, inventory_value=total / 31)
    plant.expect(shafts, MAR, inventory_value=310 + 40)
    plant.expect("E", MAR, inventory_value=total / 31 + 310 + 40)
    plant.expect("SG1", MAR, inventory_value=(1000 * 20 + 600 * 11) / 31 + 310)
    plant.expect(gears, day("2026-03-25"), inventory_value=600 + 80)
    plant.expect(gears, ("quarter", "2026-04-01"), inventory_value=0)
    plant.expect(
        gears, since("month_to_date", "2026-03-01", "2026-03-11"), inventory_value=11080 / 11
    )
    for promised, received, supplier in (
        ("2026-03-09", "2026-03-09", "SUPPLIER"),
        ("2026-03-09", "2026-03-10", "SUPPLIER"),
        ("2026-03-09", "2026-03-02", "SECOND"),
        ("2026-03-10", "", "SECOND"),
        ("2026-03-10", "2026-03-20", "SECOND"),
        ("2026-09-10", "2026-03-20", "SECOND"),
    ):
        plant.purchase("SG1", promised, received, supplier_code=supplier)
    plant.expect("supplier:SUPPLIER", MAR, supplier_on_time=50)
    plant.expect("supplier:SECOND", MAR, supplier_on_time=share(1, 3))
    plant.expect("SG1", MAR, supplier_on_time=share(2, 5))


def sales(plant, other):
    """Sales of May, of companies with sites or sources, of which two sell to a sister."""
    for site, customer, item, amount, columns in (
        ("SG1", "K0", "G1", 100, {}),
        ("SG1", "K2", "H1", 200, {}),
        ("SG2", "K1", "G1", 40, {"currency": "USD"}),  # 32 francs
        ("SG2", "K3", "H1", 15, {"type": "credit"}),
        ("SG1", "SISTER", "I1", 50, {}),
        ("SG2", "K0", "", 7, {}),
        ("", "K0", "G1", 1000, {}),
        ("SG3", "C", "P", 5, {}),
        ("SG3-L1", "C", "P", 11, {}),
    ):
        plant.invoice("2026-05-04", site, amount, customer, item_code=item, **columns)
    # What names no site belongs to that of its source.
    for site, customer, item, amount, columns in (
        ("OS", "K0", "G1", 300, {}),
        ("", "K2", "H1", 70, {"currency": "CHF"}),
        ("OS", "SISTER", "I1", 60, {}),
        ("OS", "SISTER", "I1", 10, {"type": "credit"}),
    ):
        other.invoice("2026-05-04", site, amount, customer, item_code=item, **columns)
    for period in (MAY, day("2026-05-04"), ("quarter", "2026-04-01")):
        april = 30 if period[0] == "quarter" else 0  # of the same numbers: 10 and 20
        plant.expect("customer_group:RETAIL", period, net_sales=100 + 32 + 7 + 1000 + 300 + april)
        plant.expect("customer_group:OEM", period, net_sales=200 + 70)
        plant.expect("item_group:GEARS", period, net_sales=100 + 32 + 1000 + 300)
        plant.expect("item_group:SHAFTS", period, net_sales=200 - 15 + 70)
        plant.expect("company:NORTH", period, net_sales=100 + 200 + 32 - 15 + 50 + 7)
        plant.expect("business_unit:TRADE", period, net_sales=32 - 15 + 7)
        plant.expect("business_unit:REPAIR", period, net_sales=5 + 11)
        plant.expect("business_unit:PARTS", period, net_sales=None)
    plant.expect("SG3", MAY, net_sales=5 + 11)
    plant.expect("OS", MAY, net_sales=300 + 70 + 60 - 10)
    plant.expect("company:SOUTH", MAY, net_sales=300 + 70 + 60 - 10)
    # The company of the source, but for the sites of another one: no site, and the repair shop.
    plant.expect("company:CENTRE", MAY, net_sales=1000 + 5 + 11)
    sold = (100 + 200 + 32 - 15 + 7) + 1000 + (5 + 11) + (300 + 70)
    plant.expect("E", MAY, net_sales=sold)
    # Gears are new; at the site of the other ERP, which knows no launch, none is.
    plant.expect("customer_group:RETAIL", MAY, vitality_index=share(1132, 1139))
    plant.expect("OS", MAY, vitality_index=None)
    # That site is in no figure of the enterprise then, nor is what it sold to its sister taken off.
    plant.expect("E", MAY, vitality_index=share(1132, sold - 300 - 70))
    plant.expect("customer_group:OEM", MAY, vitality_index=0)
    plant.expect("item_group:GEARS", MAY, vitality_index=100)
    plant.expect("item_group:SHAFTS", MAY, vitality_index=0)


def documents_without_site(other):
    """What the other ERP posts, budgets and stores without a site is that of its only one."""
    other.post("2026-06-10", "", revenue=-100, cogs=40)
    other.budget("", "2026-06-01", 200)
    other.stock("2026-06-01", "", 1, 70, location_code="OS-X")
    other.stock("2026-07-01", "", 0, 0, location_code="OS-X")
    other.expect("OS", JUN, gross_margin=60, revenue_attainment=50, inventory_value=70)


def ledger_without_cost(plant, third):
    """A site whose ledger knows no cost of goods sold: the enterprise has neither margin of it.

    So what it sold to a sister, 500 of 600, is not taken back from anybody else's sales.
    """
    plant.add("erp_intercompany", kind="account", code="IC1")
    plant.post("2026-02-10", "SG1", revenue=-1000, cogs=600)
    third.site("TH")
    third.post("2026-02-10", "TH", revenue=-100)
    third.post("2026-02-10", "TH", account="IC1", revenue=-500)
    plant.expect("TH", FEB, gross_margin=None, ebitda=None, ebitda_margin=None)
    plant.expect("SG1", FEB, gross_margin=40, ebitda=400)
    plant.expect("E", FEB, gross_margin=40, ebitda=400, ebitda_margin=40)


def beginnings(other):
    """One row of every table of the other ERP in January 2025; its site has a line and machine."""
    on = "2025-01-01"
    other.site("OS", lines=1, machines=1)
    other.order("AN", "OS-L1", 1, erp_order_no="AN", due_at=f"{on} 12:00")
    other.count("OS-L1M1", f"{on} 06:30", 1, 1, order_no="AN", op_seq=10)
    other.movement("an", on, "GR_PROD", 1, order_no="AN")
    sale = other.sale("OS", due(on, (on, 10)), ordered=f"{on} 08:00:00")
    other.complaint(sale, on, "damage", 1)
    other.complaint(sale, on, "documentation", 1)
    other.invoice(on, "OS", 1)
    other.post(on, "OS", revenue=-10, cogs=5)
    other.stock(on, "OS", 1, 1)
    other.stock("2025-01-02", "OS", 0, 0)
    other.purchase("OS", on, on)


@contextmanager
def numbered_alike(plant, prefix):
    """What two ERPs write down meanwhile bears the same numbers."""
    own, plant.number = plant.number, numbers(prefix)
    yield
    plant.number = own


def same_numbers(plant, other):
    """Orders, deliveries, invoices and postings of two ERPs: equal numbers, different things.

    One ships its first order and never its second, the other the reverse, and that one is damaged.
    """
    plant.site("TW", lines=1, machines=1)
    shipped, never = due("2026-04-10", ("2026-04-09", 10)), due("2026-04-10")
    for each, site, lines, cost, value, received, amount in (
        (plant, "TW", (shipped, never), 60, 500, "2026-04-10", 10),
        (other, "OS", (never, shipped), 160, 300, "2026-04-13", 20),
    ):
        for prefix, line in zip(("one", "two"), lines, strict=True):
            with numbered_alike(each, prefix):
                order = each.sale(site, line, ordered="2026-04-01 08:00:00")
        if site == "OS":
            each.complaint(order, "2026-04-20", "damage", 4)
            each.ship(order, "2026-04-20", 4, is_return="true")
        with numbered_alike(each, "same"):
            each.invoice("2026-04-09", site, amount, "K0")
            each.post("2026-04-09", site, revenue=-200, cogs=cost)
            each.purchase(site, "2026-04-10", received)
        where = {"item_code": "P", "location_code": "W"}
        each.stock("2026-04-01", site, 1, value, **where)
        each.stock("2026-05-01", site, 0, 0, **where)
    plant.expect("TW", APR, otif=50, perfect_order=50, orders_undamaged=100, complaint_rate=0)
    plant.expect("OS", APR, otif=50, perfect_order=0, orders_undamaged=50, complaint_rate=1000)
    plant.expect("E", APR, otif=50, perfect_order=25, orders_undamaged=75, complaint_rate=500)
    plant.expect("TW", APR, return_rate=0, customer_ppm=0, net_sales=10, gross_margin=70)
    plant.expect("OS", APR, return_rate=40, customer_ppm=4e5, net_sales=20, gross_margin=20)
    plant.expect("E", APR, return_rate=20, customer_ppm=2e5, net_sales=30)
    plant.expect("customer_group:RETAIL", APR, net_sales=30)
    plant.expect("company:SOUTH", APR, net_sales=20)
    plant.expect("TW", APR, supplier_on_time=100, inventory_value=500)
    plant.expect("OS", APR, supplier_on_time=0, inventory_value=300)
    plant.expect("supplier:SUPPLIER", APR, supplier_on_time=50)


def same_orders(plant, other):
    """Production orders, counts and movements of two ERPs that bear the same numbers.

    W1 is an order for a hundred gears that takes four hours, and one for shafts that takes two.
    """
    movements = "movement_id posting_date type item_code qty order_no reversal_of"
    used = "consumption_id order_no item_code qty consumed_at"
    for each, site, item, made, hours, running, material, planned, paid in (
        (plant, "TW", "G1", 100, 4, 3, 200, 5, 110),
        (other, "OS", "H1", 50, 2, 1, 200, 20, 90),
    ):
        line, machine, on = f"{site}-L1", f"{site}-L1M1", "2026-04-09"
        start, end = f"{on} 06:00", f"{on} {6 + hours:02}:00"
        times = {"due_at": "2026-04-10 12:00", "started_at": start, "finished_at": end}
        each.order("W1", line, 100, item_code=item, erp_order_no="W1", **times)
        each.states(machine, on, ("RUN", "06:00", f"{6 + running:02}:00"), order="W1")
        counted = {"order_no": "W1", "op_seq": 10, "count_id": "c1", "item_code": item}
        each.count(machine, f"{on} 07:00", made + 10, made, **counted)
        each.rows("mes_material_consumption", used, ("u1", "W1", "I1", material, start))
        each.add("mes_scrap_plan", order_no="W1", item_code=item, qty_scrap_planned=planned)
        each.cost("W1", "material", (10, 10), (10, paid), posted_on=on)
        each.rows("erp_goods_movement", movements, ("m1", on, "GR_PROD", item, 100, "W1", ""))
    # Only the first ERP says itself what it makes; of the other, the shop floor does.
    columns = "erp_order_no site_code item_code qty status"
    plant.rows("erp_production_order", columns, ("W1", "TW", "G1", 100, "finished"))
    # The second takes 20 back, and 10 that were a mistake; the first sells by that number.
    second = ("m2", "2026-04-09", "REVERSAL", "H1", -20, "W1", "m1")
    wrong = ("m3", "2026-04-09", "GR_PROD", "H1", 10, "W1", "")
    other.rows(*("erp_goods_movement", movements), second, wrong)
    back = ("m4", "2026-04-09", "REVERSAL", "H1", -10, "W1", "m3")
    other.rows("erp_goods_movement", movements, back)
    sold = ("m3", "2026-04-09", "GI_SO", "G1", -5, "", "")
    plant.rows("erp_goods_movement", movements, sold)
    # Of W2 in May the first has received what it made, the second nothing yet: 40 - 0 - 30 of 40.
    for each, site, made in ((plant, "TW", 40), (other, "OS", 30)):
        each.order("W2", f"{site}-L1", made, item_code="G1", erp_order_no="W2")
        counted = {"order_no": "W2", "op_seq": 10, "count_id": "c2", "item_code": "G1"}
        each.count(f"{site}-L1M1", "2026-05-05 10:00", made, made, **counted)
    received = ("m5", "2026-05-05", "GR_PROD", "G1", 40, "W2", "")
    plant.rows("erp_goods_movement", movements, received)
    plant.expect("TW", MAY, mes_erp_agreement=100)
    plant.expect("OS", MAY, mes_erp_agreement=None)
    plant.expect("E", MAY, mes_erp_agreement=share(40 - 30, 40))
    plant.expect("TW-L1", APR, schedule_attainment=100, manufacturing_lead_time=4)
    plant.expect("OS-L1", APR, schedule_attainment=50, manufacturing_lead_time=2)
    plant.expect("E", APR, schedule_attainment=75, manufacturing_lead_time=3)
    plant.expect("TW", APR, mes_erp_agreement=100)
    plant.expect("OS", APR, mes_erp_agreement=share(80 - 30, 80))
    plant.expect("E", APR, mes_erp_agreement=share(100 + 50, 180))
    plant.expect("TW-L1", APR, production_process_ratio=75, throughput_rate=110 / 4)
    plant.expect("OS-L1", APR, production_process_ratio=50, throughput_rate=60 / 2)
    plant.expect("TW-L1", APR, finished_goods_ratio=50, production_cost_variance=10)
    plant.expect("OS-L1", APR, finished_goods_ratio=25, production_cost_variance=-10)
    plant.expect("TW-L1", APR, actual_to_planned_scrap_ratio=200)
    plant.expect("OS-L1", APR, actual_to_planned_scrap_ratio=50)
    plant.expect("item_group:GEARS", APR, scrap_ratio=share(10, 110), production_cost_variance=10)
    plant.expect("item_group:SHAFTS", APR, scrap_ratio=share(10, 60), production_cost_variance=-10)


def numbers_of_nobody(plant, other):
    """An order of the other ERP is left out, because nobody knows its customer.

    The first ERP has one of the same number. It neither ships what the other does, nor is damaged.
    """
    promised = {"order_no": "S9", "line_no": 1, "promised_date": "2026-06-10"}
    columns = {"item_code": "P", "qty": 10, "net_amount": 10, "status": "confirmed"}
    columns |= {"ordered_at": "2026-06-01 08:00:00", "original_promised_date": "2026-06-10"}
    for each, site, customer in ((plant, "TW", "C"), (other, "OS", "NOBODY")):
        fixed = promised | {"site_code": site, "customer_code": customer}
        each.add("erp_sales_order_line", **fixed | columns)
    other.ship("S9", "2026-06-09", 10)
    other.complaint("S9", "2026-06-20", "damage")
    plant.expect("TW", JUN, otif=0, line_fill_rate=0, order_cycle_time=None)
    plant.expect("TW", JUN, perfect_order=0, orders_in_full=0, orders_undamaged=100)
    plant.expect("OS", JUN, otif=None, perfect_order=None)


def currencies(plant):
    """A site that keeps its books in euros, whose rate changes twice in June; pounds, too."""
    plant.site("CU", lines=1, machines=1)
    for on, amount, columns in (
        ("2026-06-10", 1000, {"currency": "EUR"}),  # 950
        ("2026-06-11", 1000, {"currency": "EUR"}),  # 900
        ("2026-06-20", 1000, {"currency": "EUR"}),  # 900
        ("2026-06-21", 1000, {"currency": "EUR"}),  # 960
        ("2026-06-30", 100, {"currency": "EUR", "type": "credit"}),  # 96
        ("2026-06-12", 5, {"currency": "CHF"}),
        ("2026-06-14", 100, {"currency": "GBP"}),  # nobody knows
        ("2026-06-15", 100, {"currency": "GBP"}),  # 110
    ):
        plant.invoice(on, "CU", amount, **columns)
    plant.expect("CU", JUN, net_sales=950 + 900 + 900 + 960 - 96 + 5 + 110)
    plant.expect("CU", day("2026-06-14"), net_sales=None)
    ten_days = since("month_to_date", "2026-06-01", "2026-06-10")
    plant.expect("CU", ten_days, net_sales=950)
    plant.post("2026-06-05", "CU", "EUR", revenue=-1000)
    plant.post("2026-06-25", "CU", "EUR", cogs=600)
    plant.expect("CU", JUN, gross_margin=share(950 - 576, 950))
    # 950 until the 15th, then 1,800, which no later rate changes; and 110 from the 20th on.
    plant.stock("2026-06-01", "CU", 1, 1000, currency="EUR")
    plant.stock("2026-06-16", "CU", 1, 2000, currency="EUR")
    plant.stock("2026-07-01", "CU", 0, 0)
    columns = "item_code location_code site_code as_of_date qty value currency"
    for on, value in (("2026-06-10", 500), ("2026-06-20", 100), ("2026-07-01", 0)):
        row = ("P", "CU-X", "CU", on, 1, value, "GBP")
        plant.rows("erp_inventory_balance", columns, row)
    total = 950 * 15 + 1800 * 15 + 110 * 11
    plant.expect("CU", JUN, inventory_value=total / 30, inventory_turns=365 * 576 / total)
    plant.expect("CU", JUN, dio=total / 576)
    # 3,000 euros on the 1st are 2,850 francs, 95 a day.
    plant.budget("CU", "2026-06-01", 3000, currency="EUR")
    plant.expect("CU", JUN, revenue_attainment=share(950, 2850))
    plant.expect("CU", ten_days, revenue_attainment=100)
    plant.quality_cost("CU", "2026-06-21", "external_failure", 50, "EUR")
    plant.quality_cost("CU", "2026-06-20", "prevention", 50, "EUR")
    plant.expect("CU", JUN, external_failure_cost=share(48, 950))
    plant.expect("CU", JUN, prevention_appraisal_cost=share(45, 950))
    line = {"equipment_code": "CU-L1"}
    euros = {"posted_on": "2026-06-10", "currency": "EUR"}
    plant.cost("CU1", "material", (10, 10), (10, 110), **line | euros)
    plant.cost("CU2", "material", (10, 10), (10, 100), **line | {"posted_on": "2026-06-30"})
    plant.expect("CU-L1", JUN, production_cost_variance=share(9.5, 95 + 100))


SCORES = (
    ("trir", "SCA", APR, 3, 3, 20 / 3, "green"),
    ("ltifr", "SCA", APR, 5, 6, 20 / 3 + 1 / 6 * 10 / 3, "green"),
    ("near_miss_rate", "SCA", APR, 36, 28, 20 / 3, "green"),
    ("trir", "SCA", month("2025-11"), 3, None, None, "no_target"),
    ("trir", "SCB", APR, 3, 3, 20 / 3, "green"),
    ("ltifr", "SCB", APR, 6, 6, 20 / 3, "green"),
    ("near_miss_rate", "SCB", APR, 20, 28, 20 / 3, "green"),
    ("trir", "SCC", APR, 5, 3, 10 / 3, "amber"),
    ("ltifr", "SCC", APR, 15, 6, 10 / 3 - 3 / 6 * 10 / 3, "red"),
    ("near_miss_rate", "SCC", APR, 44, 28, 10 / 3, "amber"),
    ("trir", "SCD", APR, 0, 3, 10, "green"),
    ("ltifr", "SCD", APR, 0, 6, 10, "green"),
    ("near_miss_rate", "SCD", APR, 0, 28, 0, "red"),
    ("gross_margin", "OBJ", APR, 30, 30, 20 / 3, "green"),
    ("ebitda_margin", "OBJ", APR, 9, 13, 10 / 3, "amber"),
    ("cost_of_poor_quality", "OBJ", APR, 2.5, 2.5, 20 / 3, "green"),
    ("dio", "OBJ", APR, 60, 45, 10 / 3, "amber"),
    ("inventory_turns", "OBJ", APR, 365 / 60, 8, 10 / 3 * (1 + (365 / 60 - 6) / 2), "amber"),
    ("gross_margin", "NM", APR, 150, 30, None, "not_meaningful"),
    ("revenue_attainment", "NM", APR, -100, 100, 0, "red"),
    ("nps", "NP", APR, -50, 35, 0, "red"),
    ("otif", "TG", JUL, 94, 93, 20 / 3 + 1 / 5 * 10 / 3, "green"),
    ("otif", "TG", ("week", "2026-07-27"), 94, 95, 10 / 3 * (1 + 4 / 5), "amber"),
    ("otif", "TG", ("quarter", "2026-07-01"), 94, 95, 10 / 3 * (1 + 4 / 5), "amber"),
    ("otif", "TG", ("year", "2026-01-01"), 94, 95, 10 / 3 * (1 + 4 / 5), "amber"),
    (
        *("otif", "TG", since("rolling_12_months", "2025-08-01", "2026-07-31")),
        *(94, 93, 20 / 3 + 1 / 5 * 10 / 3, "green"),
    ),
    (
        *("otif", "TG", since("year_to_date", "2026-01-01", "2026-07-31")),
        *(94, 93, 20 / 3 + 1 / 5 * 10 / 3, "green"),
    ),
    (
        *("otif", "TG", since("year_to_date", "2026-01-01", "2026-08-01")),
        *(94, 95, 10 / 3 * (1 + 4 / 5), "amber"),
    ),
    ("otif", "JOL", JUL, 94, 95, 10 / 3 * (1 + 3 / 4), "amber"),
    ("otif", "JOL", ("week", "2026-07-27"), 94, 95, 10 / 3 * (1 + 3 / 4), "amber"),
    ("otif", "customer_group:RETAIL", MAR, 50, 93, 0, "red"),
    ("otif", "customer_group:OEM", MAR, 100, 93, 10, "green"),
)
"""KPI, node, period, value, target, score and status."""
OBJECTIVES = (
    # TRIR weighs 2, absenteeism is missing.
    ("safe_work", "SCA", APR, (2 * 20 / 3 + 65 / 9 + 20 / 3) / 4, "green"),
    ("safe_work", "SCB", APR, 20 / 3, "green"),
    ("safe_work", "SCC", APR, (2 * 10 / 3 + 5 / 3 + 10 / 3) / 4, "red"),
    ("safe_work", "SCD", APR, (2 * 10 + 10 + 0) / 4, "green"),
    # Gross margin weighs 2; there is no budget, and net sales have no target.
    ("profitable_growth", "OBJ", APR, (2 * 20 / 3 + 10 / 3) / 3, "amber"),
    ("low_unit_cost", "OBJ", APR, 20 / 3, "green"),
    ("free_cash", "OBJ", APR, (10 / 3 + 10 / 3 * (1 + (365 / 60 - 6) / 2)) / 2, "amber"),
    # Two margins of negative sales are not judged: what is left is the budget that was missed.
    ("profitable_growth", "NM", APR, 0, "red"),
    ("loyal_customers", "NP", APR, 0, "red"),
)
"""Objective, node, period, score and status."""
GROWTH, CASH = 50 / 9, 10 / 3 * (2 + (365 / 60 - 6) / 2) / 2
PERSPECTIVES = (
    ("learning_growth", "SCA", APR, (2 * 20 / 3 + 65 / 9 + 20 / 3) / 4, "green"),
    ("learning_growth", "SCB", APR, 20 / 3, "green"),
    ("learning_growth", "SCD", APR, 7.5, "green"),
    # Growth weighs 2, cost and cash 1.
    ("financial", "OBJ", APR, (2 * GROWTH + 20 / 3 + CASH) / 4, "amber"),
)


def scores(plant):
    """Values at target, at red flag and beyond; objectives of which some KPIs are missing."""
    for site, hours, severities in (
        ("SCA", 200_000, {"lost_time": 1, "restricted_work": 2, "near_miss": 36}),
        ("SCB", 1_000_000, {"lost_time": 6, "medical_treatment": 9, "near_miss": 100}),
        ("SCC", 200_000, {"lost_time": 3, "medical_treatment": 2, "near_miss": 44}),
        ("SCD", 100_000, {}),
    ):
        plant.site(site)
        plant.worked(site, "2026-04-10", hours)
        for severity, count in severities.items():
            plant.incidents(site, "2026-04-10", *[severity] * count)
    plant.worked("SCA", "2025-11-10", 200_000)
    plant.incidents("SCA", "2025-11-10", *["restricted_work"] * 3)
    plant.site("OBJ")
    plant.post("2026-04-10", "OBJ", revenue=-1000, cogs=700, operating_expense=210)
    plant.quality_cost("OBJ", "2026-04-10", "external_failure", 25)
    plant.stock("2026-04-01", "OBJ", 1, 1400)
    plant.stock("2026-05-01", "OBJ", 0, 0)
    plant.site("NM")
    plant.post("2026-04-10", "NM", revenue=100, cogs=50)
    plant.budget("NM", "2026-04-01", 100)
    plant.site("NP")
    plant.answers("NP", "2026-04-10", (10, 10), (0, 10), (3, 10), (6, 10))
    # 47 of 50 lines in the week in which the target rises from 93 to 95; JOL has one of its own.
    for site in ("TG", "JOL"):
        plant.site(site)
        good, bad = due("2026-07-28", ("2026-07-28", 10)), due("2026-07-28")
        plant.sale(site, *[good] * 47, *[bad] * 3, ordered="2026-07-20 08:00:00")


def actions(plant):
    """Actions of a machine, a line, a site and nobody; open, late and before their time."""
    plant.site("CA", lines=1, machines=1)
    for node, promised, closed in (
        ("CA-L1M1", "2026-06-10", "2026-06-10"),
        ("CA-L1M1", "2026-06-10", "2026-06-11"),
        ("CA-L1", "2026-06-12", ""),
        ("CA", "2026-06-15", "2026-06-01"),
        ("", "2026-06-20", "2026-06-19"),
        ("", "2026-07-02", "2026-06-30"),
        ("CA", "2026-08-21", "2026-08-01"),
    ):
        plant.action(node, promised, closed)
    plant.expect("CA-L1M1", JUN, corrective_actions_on_time=50)
    plant.expect("CA-L1", JUN, corrective_actions_on_time=share(1, 3))
    plant.expect("CA", JUN, corrective_actions_on_time=50)
    plant.expect("E", JUN, corrective_actions_on_time=60)
    plant.expect("E", JUL, corrective_actions_on_time=100)
    plant.expect("CA", JUL, corrective_actions_on_time=None)
    plant.expect("CA", ("quarter", "2026-07-01"), corrective_actions_on_time=None)


def people(plant):
    """Seven people: in part time, hired and leaving within July, of two sites and of none.

    July has 31 days, 23 of them from Monday to Friday. Until today August has 20, and 14.
    """
    plant.site("LG1", lines=1, machines=1)
    plant.site("LG2")
    plant.employee("L1", "LG1")
    plant.employee("L2", "LG1", fte=0.5)
    plant.employee("L3", "LG1", hired_on="2026-07-13")
    plant.employee("L4", "LG1", left="2026-07-20")
    plant.employee("L5", "LG1", left="2026-07-01", kind="involuntary")
    plant.employee("L6", "LG2")
    plant.employee("N1", "")
    heads, equivalents = 31 + 31 + 19 + 19, 31 + 15.5 + 19 + 19
    plant.expect("LG1", JUL, voluntary_turnover=share(365, heads))
    plant.expect("LG1", AUG, voluntary_turnover=0)
    plant.expect("LG2", JUL, voluntary_turnover=0)
    plant.expect("E", JUL, voluntary_turnover=share(365, heads + 31 + 31))
    quarter, year = ("quarter", "2026-07-01"), ("rolling_12_months", "2025-08-01", "2026-07-31")
    plant.expect("LG1", quarter, voluntary_turnover=share(365, heads + 3 * 20))
    of_a_year = 365 + 365 + 19 + (365 - 12) + (365 - 31)
    plant.expect("LG1", year, voluntary_turnover=share(365, of_a_year))
    # Eight hours, and four of somebody of the other site here; two of nobody known; six of no site.
    plant.trained("L1", "2026-07-10", 8)
    plant.trained("L6", "2026-07-10", 4, site="LG1")
    plant.trained("", "2026-07-10", 2, site="LG2")
    plant.trained("N1", "2026-07-10", 6)
    plant.expect("LG1", JUL, training_hours_per_fte=365 * 12 / equivalents)
    plant.expect("LG2", JUL, training_hours_per_fte=365 * 2 / 31)
    plant.expect("E", JUL, training_hours_per_fte=365 * 20 / (equivalents + 62))
    # Monday to Wednesday; Thursday to Monday; Friday to Monday into August; from yesterday on.
    plant.absent("L1", "2026-07-06", "2026-07-08", 3)
    plant.absent("L2", "2026-07-16", "2026-07-20", 3)
    plant.absent("L1", "2026-07-31", "2026-08-03", 2)
    plant.absent("L1", "2026-08-19", "2026-08-25", 5)
    plant.absent("N1", "2026-07-01", "2026-07-01", 1)
    weekdays = 23 + 23 + 15 + 13
    plant.expect("LG1", JUL, absenteeism=share(3 + 3 + 1, weekdays))
    plant.expect("LG1", AUG, absenteeism=share(1 + 2, 3 * 14))
    plant.expect("E", JUL, absenteeism=share(7 + 1, weekdays + 23 + 23))
    plant.expect("LG1", day("2026-07-18"), absenteeism=None)  # a Saturday
    plant.suggestion("L1", "2026-06-01", "2026-07-05", "implemented")
    plant.suggestion("L6", "2026-06-01", "2026-07-31", "implemented")
    plant.suggestion("L2", "2026-07-01", "", "rejected")
    plant.expect("LG1", JUL, implemented_suggestions_per_100_fte=share(365, equivalents))
    plant.expect("LG2", JUL, implemented_suggestions_per_100_fte=share(365, 31))
    both = share(2 * 365, equivalents + 62)
    plant.expect("E", JUL, implemented_suggestions_per_100_fte=both)


def skills(plant):
    """Two must master W, one from 15 July on; one of them lapses on the 10th, X is lost later."""
    columns = "equipment_code skill_code valid_from valid_to people"
    plant.rows(
        *("hr_skill_requirement", columns),
        ("LG1-L1M1", "W", "2026-01-01", "2026-07-15", 2),
        ("LG1-L1M1", "W", "2026-07-15", "", 1),
        ("LG1-L1M1", "X", "2026-01-01", "", 1),
    )
    columns = "emp_no skill_code valid_from valid_to"
    plant.rows(
        *("hr_employee_skill", columns),
        ("L1", "W", "2026-01-01", "2026-07-10"),
        ("L2", "W", "2026-01-01", ""),
        ("L4", "X", "2026-01-01", ""),
        ("L6", "X", "2026-01-01", ""),
    )
    for node in ("LG1-L1M1", "LG1"):
        plant.expect(node, JUN, skill_coverage=100)
        plant.expect(node, JUL, skill_coverage=50)
        plant.expect(node, ("week", "2026-07-06"), skill_coverage=50)
        plant.expect(node, ("week", "2026-07-13"), skill_coverage=100)
        plant.expect(node, ("week", "2026-07-20"), skill_coverage=50)
    plant.expect("E", JUL, skill_coverage=share(1, 3))  # nobody masters what the first site needs


def safety(plant):
    """A thousand hours: eight of a site, and 992 of an employee, which count at that one's site."""
    columns = "work_time_id emp_no site_code work_date hours_worked"
    plant.rows("hr_work_time", columns, (next(plant.number), "L6", "", "2026-07-06", 992))
    plant.worked("LG1", "2026-07-06", 8)
    kinds = "fatality", "lost_time", "restricted_work", "medical_treatment", "first_aid"
    plant.incidents("LG2", "2026-07-06", *kinds, "near_miss")
    plant.incidents("", "2026-07-07", "medical_treatment")
    plant.expect("LG2", JUL, trir=200_000 * 4 / 992, ltifr=1e6 * 2 / 992)
    plant.expect("LG2", JUL, dart_rate=200_000 * 2 / 992, near_miss_rate=200_000 * 1 / 992)
    plant.expect("LG1", JUL, trir=0, near_miss_rate=0)
    plant.expect("E", JUL, trir=200 * 5, ltifr=1000 * 2, dart_rate=200 * 2, near_miss_rate=200)
    # Six of eight hours on orders; what has not ended is not counted yet.
    plant.labour("LG1-L1M1", "2026-07-06 06:00", "2026-07-06 12:00", emp_no="L1")
    plant.labour("LG1-L1M1", "2026-07-06 12:00", "", emp_no="L1")
    plant.expect("LG1", JUL, worker_efficiency=75)
    plant.expect("E", JUL, worker_efficiency=share(6, 1000))


def build(beginning):
    """Two ERPs and a ledger; `beginning` writes the first rows of the first."""
    plant, other, third = Plant(), Plant(), Plant()
    other.tables.clear()
    third.tables.clear()
    beginning(plant)
    beginnings(other)
    master_data(plant)
    for example in (orders, voices, resources, currencies, scores):
        example(plant)
    for example in (actions, people, skills, safety):
        example(plant)
    sales(plant, other)
    same_numbers(plant, other)
    same_orders(plant, other)
    numbers_of_nobody(plant, other)
    documents_without_site(other)
    ledger_without_cost(plant, third)
    plant.expected += other.expected
    return plant, other, third
