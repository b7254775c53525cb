"""Worked examples of orders, money, safety and people, through a file feed and the whole pipeline.

Published examples keep their numbers: W20 to W41 are calculators', vendors' and agencies'. Each has
a site, or a year or month of the enterprise, of its own in one feed, so one run serves all. The
others are worked out by hand, one for each trap of the catalogue.

Values are compared exactly, not rounded.
"""

import re
from datetime import date, timedelta

import pytest
from feed import Feed, command, numbers, run

from models.strategy import strategy
from orchestration.explanation import MEMBERS

MARCH = date(2026, 3, 2)
CONFIG = """
enterprise: {code: E, name: Examples, time_zone: UTC, currency: EUR, as_of: 2026-06-30T12:00:00}
sources: [{name: feed, system: files, path: feed}]
"""
KPIS = {kpi.id: kpi for kpi in strategy().kpis}


class Company(Feed):
    """A feed with the words of the examples."""

    def __init__(self):
        super().__init__()
        self.number = numbers("n")
        self.add("erp_item", item_code="PART", name="Part", base_uom="PCE")
        self.add("erp_item", item_code="NEW", name="New", base_uom="PCE", launched_on="2022-01-01")
        self.add("erp_item", item_code="OLD", name="Old", base_uom="PCE", launched_on="2010-01-01")
        for code in ("C", "SISTER", *(f"R{number}" for number in range(13))):
            self.add(
                "erp_party", party_code=code, name=code, is_customer="true", is_supplier="false"
            )

    def site(self, code):
        self.add("mes_equipment", equipment_code=code, name=code, level="site")
        self.add("erp_cost_center", cost_center_code=code, name=code, equipment_code=code)

    def post(self, day, site="", account="", **amounts):
        """A journal entry: positive amounts of account classes are debits; cash balances them."""
        entry = next(self.number)
        lines = [*amounts.items(), ("cash", -sum(amounts.values()))]
        for line, (name, amount) in enumerate(lines):
            self.add(
                "erp_gl_entry",
                entry_line_id=f"{entry}-{line}",
                entry_id=entry,
                posting_date=day,
                account_code=account or name,
                account_class=name,
                debit=max(amount, 0),
                credit=max(-amount, 0),
                cost_center_code=site,
            )

    def order(self, site, *lines, ordered=MARCH):
        """A sales order of lines for ten parts, promised a week later. Returns its number.

        A line is what differs from that, and when what was `shipped`: [(days, parts), ...].
        """
        number = next(self.number)
        promise = ordered + timedelta(days=7)
        for place, line in enumerate(lines, 1):
            columns = {
                "order_no": number,
                "line_no": place,
                "site_code": site,
                "customer_code": "C",
                "item_code": "PART",
                "qty": 10,
                "net_amount": 10,
                "ordered_at": f"{ordered} 08:00:00",
                "original_promised_date": promise,
                "promised_date": promise,
                "status": "confirmed",
            } | line
            for days, parts in columns.pop("shipped", ()):
                self.ship(number, place, ordered + timedelta(days=days), parts)
            self.add("erp_sales_order_line", **columns)
        return number

    def ship(self, order, line, day, qty, *, back="false"):
        self.add(
            "erp_delivery_line",
            delivery_no=next(self.number),
            line_no=1,
            order_no=order,
            order_line_no=line,
            item_code="PART",
            qty=qty,
            shipped_at=f"{day} 15:00:00",
            shipped_date=day,
            is_return=back,
        )

    def case(self, order, opened, reason, qty=0, kind="complaint"):
        self.add(
            "erp_return_complaint",
            case_id=next(self.number),
            kind=kind,
            customer_code="C",
            order_no=order,
            opened_at=f"{opened} 09:00:00",
            qty=qty,
            reason_class=reason,
        )

    def invoice(self, site, item, amount, customer="C", day=MARCH):
        self.add(
            "erp_invoice_line",
            invoice_no=next(self.number),
            line_no=1,
            type="invoice",
            site_code=site,
            customer_code=customer,
            item_code=item,
            qty=1,
            net_amount=amount,
            posted_date=day,
        )

    def incidents(self, site, hours, **cases):
        """So many cases of each severity, and the hours worked, in March."""
        for severity, count in cases.items():
            for _ in range(count):
                self.add(
                    "ehs_incident",
                    incident_id=next(self.number),
                    site_code=site,
                    occurred_on=MARCH,
                    severity=severity,
                )
        self.add(
            "hr_work_time",
            work_time_id=next(self.number),
            site_code=site,
            work_date=MARCH,
            hours_worked=hours,
        )

    def cost(self, site, kind, standard, actual):
        """Standard (quantity, price) and actual (quantity, amount) of one element of an order."""
        self.add(
            "erp_order_cost",
            order_no=f"{site}-O",
            cost_element=kind,
            kind=kind,
            equipment_code=site,
            posted_on=MARCH,
            standard_qty=standard[0],
            standard_price=standard[1],
            actual_qty=actual[0],
            actual_amount=actual[1],
        )


GOOD = {"shipped": [(7, 10)]}
"""A line shipped complete on the promised day."""


def lines(company):
    # W20: 1,080 of 1,200 lines, 440 of 450. The others: late, short, or never shipped.
    for site, good, lines in (("W20a", 1080, 1200), ("W20b", 440, 450)):
        company.site(site)
        bad = ({"shipped": [(8, 10)]}, {"shipped": [(7, 9)]}, {})
        for number in range(lines):
            company.order(site, GOOD if number < good else bad[number % 3])
    # Three dates: asked for the 4th, promised for the 9th, later for the 16th; shipped the 9th,
    # 12th, 17th and 4th.
    company.site("DATES")
    moved = {"requested_date": "2026-03-04", "promised_date": "2026-03-16"}
    for days in (7, 10, 15, 2):
        company.order("DATES", moved | {"shipped": [(days, 10)]})
    # Filled by the first shipment: 60 of 100; 40 of 40 though 45 came; 0 of 20.
    company.site("FILL")
    for qty, shipped in ((100, [(3, 60), (5, 40)]), (40, [(7, 45)]), (20, [])):
        company.order("FILL", {"qty": qty, "shipped": shipped})


def orders(company):
    # W21 and W22: rates of four criteria that no order fails twice.
    for site, count, faults in (("W21", 100, (2, 3, 1, 18)), ("W22", 200, (6, 4, 2, 1))):
        company.site(site)
        short, late, papers, _ = faults
        for number in range(count):
            line = GOOD
            if number < short:
                line = {"shipped": [(7, 9)], "status": "closed"}
            elif number < short + late:
                line = {"shipped": [(8, 10)]}
            order = company.order(site, line)
            if short + late <= number < short + late + papers:
                company.case(order, "2026-04-01", "documentation")
            elif short + late + papers <= number < sum(faults):
                company.case(order, "2026-04-01", "damage")
    # Every criterion failed by one and the same order of ten: 90 % perfect, and an index of .9^4.
    company.site("ONE")
    for _ in range(9):
        company.order("ONE", GOOD, GOOD)
    order = company.order("ONE", GOOD, {"shipped": [(8, 9)], "status": "closed"})
    company.case(order, "2026-04-01", "documentation")
    company.case(order, "2026-04-01", "damage")


def cycle_times(company):
    """Ten orders that take 1 to 10 days."""
    company.site("CYCLE")
    for days in range(1, 11):
        company.order("CYCLE", {"shipped": [(days, 10)]})


def retention(company):
    """R0 to R9 buy at RETa in 2024. R0 to R7 buy there again in 2025, R8 at RETb, R9 nowhere.

    Three new ones are no matter. At the enterprise C, who bought in 2024, is lost, too.
    """
    for site in ("RETa", "RETb"):
        company.site(site)
    for number in range(10):
        company.invoice("RETa", "OLD", 10, f"R{number}", day="2024-06-03")
    for number in (*range(8), 10, 11, 12):
        company.invoice("RETa", "OLD", 10, f"R{number}", day="2025-06-02")
    company.invoice("RETb", "OLD", 10, "R8", day="2025-06-02")


def skills(company):
    """Five skills that two people each must have: three are covered, until somebody leaves."""
    company.site("SKILL")
    for skill in "ABCDE":
        company.add(
            "hr_skill_requirement",
            equipment_code="SKILL",
            skill_code=skill,
            valid_from="2026-01-01",
            people=2,
        )
    for person, left, known in (("S1", "", "ABCD"), ("S2", "2026-04-15", "ABC"), ("S3", "", "C")):
        company.add(
            "hr_employee",
            emp_no=person,
            site_code="SKILL",
            hired_on="2020-01-01",
            left_on=left,
            leave_kind="retirement" if left else "",
            fte=1,
        )
        for skill in known:
            company.add(
                "hr_employee_skill", emp_no=person, skill_code=skill, valid_from="2026-01-01"
            )


def customers(company):
    # W24: 30 % promoters, 20 % detractors. And of five that were asked another question, 4 like it.
    company.site("W24")
    for score, top, count in ((9, 10, 30), (8, 10, 50), (6, 10, 20), (4, 5, 4), (3, 5, 1)):
        for _ in range(count):
            company.add(
                "erp_survey_response",
                response_id=next(company.number),
                site_code="W24",
                answered_at=f"{MARCH} 10:00:00",
                score=score,
                scale_max=top,
            )
    # W16: 110 and 45 bad parts of 120,000, 25 of 1,000. Refused in May, they count in March.
    for number, (bad, parts) in enumerate(((110, 120_000), (45, 120_000), (25, 1000))):
        company.site(f"W16-{number}")
        order = company.order(f"W16-{number}", {"qty": parts, "shipped": [(7, parts)]})
        company.case(order, "2026-05-04", "quality", bad)
        company.ship(order, 1, date(2026, 5, 4), bad, back="true")
    # Complaints by the month of shipment: of four orders that left in March, one has a complaint in
    # April; so has April's only order.
    company.site("SHIP")
    march = [company.order("SHIP", GOOD) for _ in range(4)]
    april = company.order("SHIP", GOOD, ordered=date(2026, 4, 1))
    company.case(march[0], "2026-04-20", "quality")
    company.case(april, "2026-04-21", "delivery")


def money(company):
    # W27 in 2023: stock of 100k rises to 150k, halfway through the year; cost of goods sold 600k.
    company.site("W27")
    balances = (("2023-01-01", 100), ("2023-07-02", 125), ("2023-07-03", 150), ("2024-01-01", 0))
    for day, thousands in balances:
        company.add(
            "erp_inventory_balance",
            item_code="PART",
            location_code="W27",
            site_code="W27",
            as_of_date=day,
            qty=thousands,
            value=1000 * thousands,
        )
    company.post("2023-01-01", "W27", revenue=-1)
    company.post("2023-06-30", "W27", cogs=600_000)
    # W29: net income 5 + tax 1.5 + interest 0.5 + depreciation 0.8, in millions.
    year = {"revenue": -20e6, "cogs": 9e6, "operating_expense": 3.2e6}
    company.post("2024-03-31", **year, tax=1.5e6, interest=0.5e6, depreciation=0.8e6)
    # W30: net income 1,000 + interest 200 + tax 400 + depreciation 225 and amortisation 100.
    year = {"revenue": -10e6, "cogs": 5.075e6, "direct_labour": 2e6, "operating_expense": 1e6}
    company.post("2024-05-31", **year, interest=200e3, tax=400e3, depreciation=325e3)
    # W25 in 2025: receivables of 50,000 all year, credit sales of 200,000, paid at once. The small
    # company also has inventory of 40,000, payables of 24,000 and cost of 146,000.
    company.post("2025-01-01", receivable=50_000, payable=-24_000)
    company.post("2025-08-31", receivable=200_000, revenue=-200_000)
    company.post("2025-08-31", receivable=-200_000)
    company.post("2025-08-31", cogs=146_000)
    company.add(
        "erp_inventory_balance",
        item_code="PART",
        location_code="HQ",
        as_of_date="2025-01-01",
        qty=1,
        value=40_000,
    )
    # W32: 1 k adverse by rate, 4 k by efficiency: 211 h allowed, 215 used at 1,000, paid 216 k.
    company.site("W32")
    company.cost("W32", "labour", (211, 1000), (215, 216_000))
    # All parts: material 110 for 462, 100 allowed at 4; labour 9.5 h for 199.5, 10 allowed at 20;
    # overhead 104 instead of 100.
    company.site("PARTS")
    company.cost("PARTS", "material", (100, 4), (110, 462))
    company.cost("PARTS", "labour", (10, 20), (9.5, 199.5))
    company.cost("PARTS", "overhead", (10, 10), (9.5, 104))
    # Cost of quality: 13 to prevent and inspect, 12 and 20 of failure, 3 of scrap; sales of 1,000.
    company.site("COPQ")
    company.add("erp_standard_cost", item_code="PART", valid_from="2026-01-01", unit_cost=1.5)
    company.add(
        "mes_production_count",
        count_id="COPQ",
        is_final_op="true",
        equipment_code="COPQ",
        item_code="PART",
        counted_at=f"{MARCH} 10:00:00",
        qty_total=10,
        qty_good=8,
        qty_scrap=2,
        qty_rework=0,
    )
    for category, amount in (
        ("prevention", 5),
        ("appraisal", 8),
        ("internal_failure", 12),
        ("external_failure", 20),
    ):
        company.add(
            "erp_quality_cost",
            quality_cost_id=category,
            posted_on=MARCH,
            category=category,
            equipment_code="COPQ",
            amount=amount,
        )
    company.post(MARCH, "COPQ", revenue=-1000, direct_labour=300, manufacturing_overhead=120)


def companies(company):
    """A sells 100 to customers and 40 to its sister B, whose cost that is; A's cost is 60."""
    for site in ("A", "B"):
        company.site(site)
    company.add("erp_intercompany", kind="account", code="sister sales")
    company.add("erp_intercompany", kind="account", code="sister cost")
    company.add("erp_intercompany", kind="customer", code="SISTER")
    day = "2024-09-30"
    company.post(day, "A", revenue=-100, cogs=60)
    company.post(day, "A", "sister sales", revenue=-40)
    company.post(day, "B", "sister cost", cogs=40)
    company.invoice("A", "OLD", 100, day=day)
    company.invoice("A", "OLD", 40, "SISTER", day=day)


def people(company):
    # W36: 22 cases with days away or restricted work; deaths and mere treatment are none of DART.
    company.site("W36")
    company.incidents(
        "W36", 645_089, lost_time=12, restricted_work=10, medical_treatment=5, fatality=1
    )
    # W38: two recordable cases in 28,400 h, and nine near misses and first aid that are not.
    company.site("W38")
    company.incidents(
        "W38", 28_400, medical_treatment=1, restricted_work=1, first_aid=4, near_miss=5
    )
    # W39: six injuries with lost time in 2.5 million hours.
    company.site("W39")
    company.incidents("W39", 2_500_000, lost_time=6, medical_treatment=9)
    # W40: two of ten leave in 2025. Ten on average: one leaves after 182 days, the other after 183.
    # A third is dismissed in the year before.
    company.site("W40")
    people = [("", "")] * 9
    people += [("2025-07-02", "voluntary"), ("2025-07-03", "voluntary")]
    people += [("2024-12-31", "involuntary")]
    for left, kind in people:
        company.add(
            "hr_employee",
            emp_no=next(company.number),
            site_code="W40",
            hired_on="2020-01-01",
            left_on=left,
            leave_kind=kind,
            fte=1,
        )
    # W41: 6 of 30 million with products younger than five years.
    company.site("W41")
    company.invoice("W41", "NEW", 6_000_000)
    company.invoice("W41", "OLD", 24_000_000)
    # Of five actions due, three were closed on time; one is open, one was late; a sixth is not due.
    company.site("PDCA")
    for due, closed in (
        ("2026-03-10", "2026-03-10"),
        ("2026-03-10", "2026-03-01"),
        ("2026-03-31", "2026-03-05"),
        ("2026-03-31", ""),
        ("2026-03-31", "2026-04-01"),
        ("2026-07-31", ""),
    ):
        company.add(
            "corrective_action",
            action_id=next(company.number),
            kpi_id="oee",
            node_id="PDCA",
            opened_on="2026-02-02",
            due_on=due,
            closed_on=closed,
            owner="Plant manager",
        )


def scores(company):
    """W42, with target and red flag of revenue attainment: 300 to 900 is one step of 200 each."""
    target = next(t for t in KPIS["revenue_attainment"].targets if t.node is None)
    for step, level in enumerate((300, 500, 700, 900)):
        site = f"W42-{level}"
        company.site(site)
        attained = target.red_flag + (step - 1) * (target.target - target.red_flag)
        company.post(MARCH, site, revenue=-attained)
        company.add(
            "erp_budget",
            account_code="8000",
            account_class="revenue",
            period_start="2026-03-01",
            cost_center_code=site,
            version="1",
            amount=100,
        )


EXAMPLES_OF = (
    *(lines, orders, cycle_times, customers, retention),
    *(money, companies, people, skills, scores),
)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """All examples after one run."""
    folder = tmp_path_factory.mktemp("business")
    company = Company()
    for examples in EXAMPLES_OF:
        examples(company)
    company.write(folder / "feed")
    (folder / "scorecard.yml").write_text(CONFIG, "utf-8")
    return run(folder / "scorecard.yml", folder / "home")


def month(text):
    return "month", f"{text}-01"


def year(text):
    return "year", f"{text}-01-01"


MAR = month("2026-03")
EXAMPLES = [
    ("otif", "W20a", MAR, 90, 90.00),
    ("otif", "W20b", MAR, 100 * 440 / 450, 97.78),
    ("orders_in_full", "W21", MAR, 98, 98),
    ("orders_on_commit", "W21", MAR, 97, 97),
    ("orders_with_right_documents", "W21", MAR, 99, 99),
    ("orders_undamaged", "W21", MAR, 82, 82),
    ("perfect_order", "W21", MAR, 76, None),
    ("orders_in_full", "W22", MAR, 97, 97),
    ("orders_on_commit", "W22", MAR, 98, 98),
    ("orders_with_right_documents", "W22", MAR, 99, 99),
    ("orders_undamaged", "W22", MAR, 99.5, 99.5),
    ("perfect_order", "W22", MAR, 93.5, None),
    ("perfect_order", "ONE", MAR, 90, None),
    ("perfect_order_index", "W21", MAR, 98 * 0.97 * 0.99 * 0.82, 77.17),
    ("perfect_order_index", "W22", MAR, 97 * 0.98 * 0.99 * 0.995, 93.639),
    ("perfect_order_index", "ONE", MAR, 100 * 0.9**4, None),
    ("order_cycle_time", "CYCLE", MAR, 5.5, None),
    ("order_cycle_time_median", "CYCLE", MAR, 5.5, None),
    ("order_cycle_time_p90", "CYCLE", MAR, 9.1, None),
    ("customer_retention", "RETa", year("2025"), 80, None),
    ("customer_retention", "E", year("2025"), 100 * 9 / 11, None),
    ("skill_coverage", "SKILL", MAR, 60, None),
    ("skill_coverage", "SKILL", month("2026-04"), 20, None),
    ("on_time_delivery", "DATES", MAR, 50, None),
    ("on_time_to_latest_promise", "DATES", MAR, 75, None),
    ("on_time_to_request", "DATES", MAR, 25, None),
    ("otif", "DATES", MAR, 75, None),
    ("line_fill_rate", "FILL", MAR, 100 * 100 / 160, None),
    ("otif", "FILL", MAR, 100 * 2 / 3, None),
    ("nps", "W24", MAR, 10, 10),
    ("csat", "W24", MAR, 80, None),
    ("customer_ppm", "W16-0", MAR, 1e6 * 110 / 120_000, 917),
    ("customer_ppm", "W16-1", MAR, 375, 375),
    ("customer_ppm", "W16-2", MAR, 25_000, 25_000),
    ("customer_ppm", "W16-0", month("2026-05"), None, None),
    ("complaint_rate", "SHIP", MAR, 250, None),
    ("complaint_rate", "SHIP", month("2026-04"), 1000, None),
    ("dso", "E", year("2025"), 91.25, 91.25),
    ("dio", "E", year("2025"), 100, None),
    ("dpo", "E", year("2025"), 60, None),
    ("cash_to_cash", "E", year("2025"), 131.25, None),
    ("net_working_capital", "E", year("2025"), 33, None),
    ("gross_margin", "E", year("2025"), 27, None),
    ("inventory_turns", "W27", year("2023"), 4.8, 4.8),
    ("dio", "W27", year("2023"), 365 * 125 / 600, 76.04),
    ("inventory_value", "W27", year("2023"), 125_000, None),
    ("ebitda", "E", month("2024-03"), 7_800_000, 7_800_000),
    ("ebitda_margin", "E", month("2024-03"), 39, None),
    ("ebitda", "E", month("2024-05"), 1_925_000, 1_925_000),
    ("production_cost_variance", "W32", MAR, 100 * 5000 / 211_000, None),
    ("labour_rate_variance", "W32", MAR, 100 * 1000 / 211_000, None),
    ("labour_efficiency_variance", "W32", MAR, 100 * 4000 / 211_000, None),
    ("production_cost_variance", "PARTS", MAR, 100 * 65.5 / 700, None),
    ("cost_of_poor_quality", "COPQ", MAR, 3.5, None),
    ("internal_failure_cost", "COPQ", MAR, 1.5, None),
    ("external_failure_cost", "COPQ", MAR, 2, None),
    ("prevention_appraisal_cost", "COPQ", MAR, 1.3, None),
    ("conversion_cost_per_good_unit", "COPQ", MAR, 420 / 8, None),
    ("net_sales", "A", month("2024-09"), 140, None),
    ("net_sales", "E", month("2024-09"), 100, None),
    ("gross_margin", "A", month("2024-09"), 100 * 80 / 140, None),
    ("gross_margin", "E", month("2024-09"), 40, None),
    ("ebitda", "E", month("2024-09"), 40, None),
    ("dart_rate", "W36", MAR, 200_000 * 22 / 645_089, 6.8),
    ("trir", "W36", MAR, 200_000 * 28 / 645_089, None),
    ("trir", "W38", MAR, 200_000 * 2 / 28_400, 14.08),
    ("near_miss_rate", "W38", MAR, 200_000 * 5 / 28_400, None),
    ("ltifr", "W39", MAR, 2.4, 2.4),
    ("voluntary_turnover", "W40", year("2025"), 20, 20),
    ("vitality_index", "W41", MAR, 20, 20),
    ("corrective_actions_on_time", "PDCA", MAR, 60, None),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e[0]}-{e[1]}-{e[2][1]}")
def test_worked_example(published, example):
    kpi, node, period, exact, shown = example
    value = published.value(kpi, node, *period)
    if exact is None:
        assert value in {None, 0}
        return
    assert value == pytest.approx(exact, rel=1e-14, abs=0)
    if shown is not None:
        decimals = len(str(shown).partition(".")[2])
        assert round(value, decimals) == shown


@pytest.mark.parametrize(
    ("node", "amounts", "total"),
    [("W32", (0, 0, 1000, 4000, 0), 5000), ("PARTS", (22, 40, 9.5, -10, 4), 65.5)],
)
def test_the_parts_of_a_cost_variance_add_up_to_it(published, node, amounts, total):
    parts = dict(
        published.rows(
            "select kpi_id, numerator from kpi_value where node_id = ? "
            "and period_type = 'month' and kpi_id like '%variance'",
            node,
        )
    )
    assert parts.pop("production_cost_variance") == total == sum(parts.values())
    assert parts == {
        "material_price_variance": amounts[0],
        "material_usage_variance": amounts[1],
        "labour_rate_variance": amounts[2],
        "labour_efficiency_variance": amounts[3],
        "overhead_variance": amounts[4],
    }


@pytest.mark.parametrize("rollup", ["ratio", "additive"])
def test_the_rows_that_explain_a_value_sum_to_its_parts(published, rollup):
    """At nodes of the organization and at segments."""
    values = published.rows(
        """
        select kpi_id, node_id, period.label, value.numerator, value.denominator
        from kpi_value as value
        join dim_period as period using (period_type, period_start, period_end)
        join dim_kpi using (kpi_id)
        where period_type in ('month', 'year') and rollup = ?
            and (node_level in ('enterprise', 'site') or node_id like '%:%')
        qualify row_number() over (partition by kpi_id, node_level order by label, node_id) <= 2
        order by all
        """,
        rollup,
    )
    assert len(values) > 5
    for kpi, node, label, numerator, denominator in values:
        (found,) = published.behind(
            kpi, node, label, "select sum(numerator) as n, sum(denominator) as d from behind"
        )
        assert float(found["n"]) == pytest.approx(numerator, rel=1e-12, abs=1e-9)
        if rollup == "ratio":
            assert float(found["d"]) == pytest.approx(denominator, rel=1e-12, abs=1e-9)


def members(published, kpi, node, period):
    """Names of the members of the base, and of those that count, as `explain` lists them."""
    (set_base,) = published.rows("select set_base from dim_kpi where kpi_id = ?", kpi)[0]
    select, _, _ = MEMBERS["set"]
    select = select.replace("$base", f"'{set_base}'").format(behind="select * from behind")
    found = published.behind(kpi, node, period, f"select * from ({select})")
    return (
        {row["member"] for row in found},
        {row["member"] for row in found if row["on the last day"]},
    )


def test_the_members_of_a_set_explain_its_value(published):
    base, kept = members(published, "customer_retention", "RETa", "2025")
    assert base == {f"R{number}" for number in range(10)}
    assert kept == {f"R{number}" for number in range(8)}
    base, kept = members(published, "customer_retention", "E", "2025")
    assert base - kept == {"R9", "C"}
    assert "R8" in kept
    for month_of, covered in (("2026-03", 3), ("2026-04", 1)):
        base, kept = members(published, "skill_coverage", "SKILL", month_of)
        assert (len(base), len(kept)) == (5, covered)


def test_the_command_lists_the_members_of_a_set(published):
    home = published.folder.parents[1]
    out = command(
        *(home.parent / "scorecard.yml", home),
        *("explain", "customer_retention", "--node", "RETa", "--period", "2025", "--rows", "3"),
    )
    assert "(3 of 10)" in out
    listed = out[out.index("Members of the base") : out.index("Rows behind it")]
    assert re.findall(r"\bR\d\b", listed) == ["R8", "R9", "R0"]


@pytest.mark.parametrize(
    ("level", "score", "status"),
    [(300, 0, "red"), (500, 10 / 3, "amber"), (700, 20 / 3, "green"), (900, 10, "green")],
)
def test_w42(published, level, score, status):
    ((found, shown),) = published.rows(
        "select score, status from kpi_value where kpi_id = 'revenue_attainment' and node_id = ? "
        "and period_type = 'month'",
        f"W42-{level}",
    )
    assert found == pytest.approx(score, rel=1e-12, abs=1e-12)
    assert shown == status


def test_actions_are_published(published):
    assert published.rows(
        "select count(*), count(closed_on), min(owner) from corrective_action"
    ) == [(6, 4, "Plant manager")]
