"""The words of the examples: rows of a file feed, and what must come of them, in one place.

Does not belong here: the examples themselves.
"""

from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from feed import Feed, numbers, run

ONE_DAY = timedelta(days=1)
MONDAY = "2026-03-02"
FEED = """
sources: [{name: feed, system: files, path: feed}]
tolerance: {order_mismatch_share: 1}
"""
"""Orders of which MES and ERP disagree are among the examples: they must not stop a version."""


def share(part, whole):
    """Per cent."""
    return 100 * part / whole


def day(text):
    return "day", text


def month(text):
    return "month", f"{text}-01"


def since(kind, first, last):
    """A period that moves: to date, or of twelve months."""
    return kind, first, last


JAN, FEB, MAR, APR, MAY = (month(f"2026-{number:02}") for number in range(1, 6))
MONDAY_ONLY = day(MONDAY)
QUARTER, YEAR = ("quarter", "2026-01-01"), ("year", "2025-04-01")
TWELVE_MONTHS = since("rolling_12_months", "2025-05-01", "2026-04-30")


def days(first, last):
    current = date.fromisoformat(first)
    while str(current) <= last:
        yield str(current)
        current += ONE_DAY


def length(first, last):
    """Days from the first to the last, both counted."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days + 1


def due(promised, *shipped, **columns):
    """A line for ten parts, promised for a day, and when what of it was shipped."""
    dates = {"promised_date": promised, "original_promised_date": promised}
    return dates | columns | {"shipped": shipped}


class Plant(Feed):
    """A feed with the words of the examples; remembers invoices, postings and stocks for sums."""

    def __init__(self, *, mended=False):
        super().__init__()
        self.mended = mended
        self.number = numbers("n")
        self.others = numbers("other")
        self.expected = []
        self.postings = []
        self.stocks = []
        self.invoices = []
        self.rates = {
            "": (("2020-01-01", 1),),
            "USD": (("2020-01-01", 0.9), ("2026-02-15", 0.8)),
            "JPY": (("2020-01-01", 0.007 if mended else 0.006),),
            "KRW": (("2020-01-01", 0.00061234),),
        }
        for currency, steps in self.rates.items():
            if currency:
                columns = "currency valid_from rate"
                self.rows("erp_exchange_rate", columns, *((currency, *step) for step in steps))
        parties = ("C", "SISTER", "SUPPLIER", *(f"K{number}" for number in range(12)))
        columns = "party_code name is_customer is_supplier"
        self.rows("erp_party", columns, *((code, code, "true", "true") for code in parties))

    def expect(self, node, period, **values):
        """Values of KPIs at a node in a period; None where there must be none."""
        self.expected += [(kpi, node, period, value) for kpi, value in values.items()]

    def rows(self, table, columns, *rows):
        """Rows of a table, as values of the columns named."""
        for row in rows:
            self.add(table, **dict(zip(columns.split(), row, strict=True)))

    @contextmanager
    def aside(self):
        """Rows that only one of two plants has: the other rows keep their numbers."""
        self.number, self.others = self.others, self.number
        yield
        self.number, self.others = self.others, self.number

    def rate(self, currency, on):
        """What one unit of a currency is worth on a day."""
        return [worth for valid_from, worth in self.rates[currency] if valid_from <= str(on)][-1]

    def node(self, code, level, parent="", **columns):
        fixed = {"equipment_code": code, "name": code, "level": level, "parent_code": parent}
        self.add("mes_equipment", **fixed, **columns)

    def site(self, code, lines=0, machines=0, zone="", **columns):
        """Site S with lines S-L1 ..., machines S-L1M1 ... and a cost centre of its own."""
        self.node(code, "site", time_zone=zone)
        self.cost_center(code, code)
        for line in range(1, lines + 1):
            self.node(f"{code}-L{line}", "line", code)
            for machine in range(1, machines + 1):
                self.node(f"{code}-L{line}M{machine}", "machine", f"{code}-L{line}", **columns)

    def cost_center(self, code, node):
        self.add("erp_cost_center", cost_center_code=code, name=code, equipment_code=node)

    def item(self, code, unit="PCE", **columns):
        self.add("erp_item", item_code=code, name=code, base_uom=unit, **columns)

    def states(self, machine, on, *states, order=""):
        """States of a machine: (state, start, end), as times of the day or moments."""
        for state, *span in states:
            start, end = (f"{on} {time}" if len(time) == len("06:00") else time for time in span)
            fixed = {"equipment_code": machine, "state": state, "order_no": order}
            self.add("mes_equipment_state", **fixed, start_ts=start, end_ts=end)

    def shift(self, node, start, end, code="F", breaks=0):
        """A shift; it belongs to the day on which it starts."""
        columns = "equipment_code start_ts end_ts shift_code production_date planned_break_min"
        self.rows("mes_shift", columns, (node, start, end, code, start[:10], breaks))

    def count(self, machine, at, total, good, *, rework=0, **columns):
        """A count of final operations; what is neither good nor rework is scrap. Its number."""
        fixed = {"count_id": next(self.number), "is_final_op": "true", "item_code": "P"}
        quantities = {"qty_total": total, "qty_good": good, "qty_scrap": total - good - rework}
        at = {"equipment_code": machine, "counted_at": at, "qty_rework": rework}
        row = fixed | quantities | at | columns
        self.add("mes_production_count", **row)
        return row["count_id"]

    def order(self, number, line, planned, **columns):
        fixed = {"order_no": number, "equipment_code": line, "item_code": "P"}
        fixed |= {"qty_planned": planned, "status": "finished"}
        self.add("mes_work_order", **fixed | columns)

    def maintenance(self, machine, kind, start, hours=None):
        """A repair or service; without hours it lasts."""
        end = "" if hours is None else datetime.fromisoformat(start) + timedelta(hours=hours)
        columns = "maint_id equipment_code type requested_at started_at completed_at"
        row = (next(self.number), machine, kind, start, start, end)
        self.rows("mes_maintenance_order", columns, row)

    def inspection(self, machine, on, operation, *quantities, **columns):
        """Parts inspected, rejected and, if any, reworked."""
        inspected, rejected, reworked = (*quantities, 0)[:3]
        fixed = {"inspection_id": next(self.number), "equipment_code": machine, "item_code": "P"}
        fixed |= {"inspected_at": f"{on} 10:00:00", "op_seq": operation}
        fixed |= {"qty_inspected": inspected, "qty_rejected": rejected, "qty_reworked": reworked}
        self.add("mes_quality_inspection", **fixed | columns)

    def measured(self, machine, on, *values, lsl=5, usl=20):
        """Values of a characteristic, one an hour; taking them inspects no parts."""
        for hour, value in enumerate(values):
            columns = {"characteristic": "d", "value": value, "lsl": lsl, "usl": usl}
            at = f"{on} {hour:02d}:00:00"
            self.inspection(machine, on, "", 0, 0, **columns, inspected_at=at)

    def post(self, on, center="", currency="", account="", **amounts):
        """A journal entry: positive amounts of account classes are debits; cash balances them."""
        entry = next(self.number)
        columns = (
            "entry_line_id entry_id posting_date account_code account_class debit credit "
            "cost_center_code currency"
        )
        lines = [*amounts.items(), ("cash", -sum(amounts.values()))]
        for place, (name, amount) in enumerate(lines):
            worth = amount * self.rate(currency, on)
            self.postings.append((str(on), center, name, worth, account))
            sides = max(amount, 0), max(-amount, 0)
            row = (f"{entry}-{place}", entry, on, account or name, name, *sides, center, currency)
            self.rows("erp_gl_entry", columns, row)

    def posted(self, name, first, last, site=None, without=()):
        """Sum of the postings to a class of accounts from one day to another."""
        return sum(
            amount
            for on, center, of, amount, account in self.postings
            if of == name and first <= on <= last and site in {None, center}
            if account not in without
        )

    def balances(self, name, first, last, without=()):
        """Sum over days of what is posted until each."""
        return sum(self.posted(name, "", on, without=without) for on in days(first, last))

    def stock(self, on, site, qty, value, **columns):
        row = {"item_code": "P", "location_code": f"{site}-W", "currency": ""} | columns
        worth = value * self.rate(row["currency"], on)
        self.stocks.append((on, site, (row["item_code"], row["location_code"]), worth))
        row |= {"site_code": site, "as_of_date": on, "qty": qty, "value": value}
        self.add("erp_inventory_balance", **row)

    def stocked(self, first, last, site=None):
        """Sum over days of the latest value of each stock."""
        total = 0
        for today in days(first, last):
            stocks = sorted(s for s in self.stocks if s[0] <= today and site in {None, s[1]})
            total += sum({place: worth for _, _, place, worth in stocks}.values())
        return total

    def invoice(self, on, site, amount, customer="C", **columns):
        row = {"invoice_no": next(self.number), "line_no": 1, "type": "invoice", "item_code": "P"}
        row |= {"site_code": site, "customer_code": customer, "posted_date": on}
        row |= {"qty": 1, "net_amount": amount} | columns
        self.add("erp_invoice_line", **row)
        if row["type"] == "invoice":
            self.invoices.append((on, site, customer))

    def customers(self, on, site, lapse):
        """Who was invoiced in the days before, that day included."""
        first = str(date.fromisoformat(on) - (lapse - 1) * ONE_DAY)
        bought = (row for row in self.invoices if first <= row[0] <= on)
        return {customer for _, at, customer in bought if site in {None, at}}

    def retention(self, before, last, site=None, lapse=365):
        """Of the customers on the day before a period, the share that are so on its last day."""
        base = self.customers(before, site, lapse)
        return share(len(base & self.customers(last, site, lapse)), len(base)) if base else None

    def sale(self, site, *lines, ordered=f"{MONDAY} 08:00:00"):
        """A sales order of lines as `due` has them. Its number."""
        number = next(self.number)
        fixed = {"order_no": number, "site_code": site, "customer_code": "C", "item_code": "P"}
        fixed |= {"qty": 10, "net_amount": 10, "ordered_at": ordered, "status": "confirmed"}
        for place, columns in enumerate(lines, 1):
            row = fixed | {"line_no": place} | columns
            for on, qty, *unit in row.pop("shipped"):
                item = {"item_code": row["item_code"], "uom": "".join(unit)}
                self.ship(number, on, qty, order_line_no=place, **item)
            self.add("erp_sales_order_line", **row)
        return number

    def ship(self, order, on, qty, **columns):
        fixed = {"delivery_no": next(self.number), "line_no": 1, "order_no": order, "qty": qty}
        fixed |= {"order_line_no": 1, "item_code": "P", "is_return": "false"}
        times = {"shipped_at": f"{on} 10:00:00", "shipped_date": on}
        self.add("erp_delivery_line", **fixed | times | columns)

    def complaint(self, order, opened, reason, qty=0, **columns):
        fixed = {"case_id": next(self.number), "kind": "complaint", "customer_code": "C"}
        fixed |= {"order_no": order, "opened_at": f"{opened} 09:00:00", "qty": qty}
        self.add("erp_return_complaint", **fixed, reason_class=reason, **columns)

    def employee(self, number, site, left="", kind="voluntary", **columns):
        row = {"emp_no": number, "site_code": site, "hired_on": "2020-01-01", "fte": 1}
        row |= {"left_on": left, "leave_kind": kind if left else ""}
        self.add("hr_employee", **row | columns)

    def incidents(self, site, on, *severities):
        columns = "incident_id site_code occurred_on severity"
        rows = ((next(self.number), site, on, severity) for severity in severities)
        self.rows("ehs_incident", columns, *rows)

    def worked(self, site, on, hours):
        columns = "work_time_id site_code work_date hours_worked"
        self.rows("hr_work_time", columns, (next(self.number), site, on, hours))

    def absent(self, person, first, last, lost):
        columns = "absence_id emp_no start_date end_date days kind"
        self.rows("hr_absence", columns, (next(self.number), person, first, last, lost, "sickness"))

    def trained(self, person, on, hours, site=""):
        columns = "training_id emp_no site_code training_date hours"
        self.rows("hr_training", columns, (next(self.number), person, site, on, hours))

    def suggestion(self, person, submitted, implemented, status):
        columns = "suggestion_id emp_no submitted_on implemented_on status"
        row = (next(self.number), person, submitted, implemented, status)
        self.rows("hr_suggestion", columns, row)

    def labour(self, machine, start, end, **columns):
        fixed = {"labor_id": next(self.number), "equipment_code": machine}
        self.add("mes_labor_time", **fixed, started_at=start, finished_at=end, **columns)

    def answers(self, site, on, *scores):
        """Answers of a survey: (score, of how many)."""
        columns = "response_id site_code answered_at score scale_max"
        rows = ((next(self.number), site, f"{on} 10:00", *score) for score in scores)
        self.rows("erp_survey_response", columns, *rows)

    def budget(self, center, first, amount, version="1", currency=""):
        columns = "account_code account_class period_start cost_center_code version amount currency"
        row = ("8000", "revenue", first, center, version, amount, currency)
        self.rows("erp_budget", columns, row)

    def quality_cost(self, node, on, category, amount, currency=""):
        columns = "quality_cost_id posted_on category equipment_code amount currency"
        row = (next(self.number), on, category, node, amount, currency)
        self.rows("erp_quality_cost", columns, row)

    def cost(self, order, kind, standard, actual, **columns):
        """Standard (quantity, price) and actual (quantity, amount) of an element of an order."""
        fixed = {"order_no": order, "cost_element": kind, "kind": kind, "posted_on": "2026-03-31"}
        fixed |= {"standard_qty": standard[0], "standard_price": standard[1]}
        fixed |= {"actual_qty": actual[0], "actual_amount": actual[1]}
        self.add("erp_order_cost", **fixed | columns)

    def purchase(self, site, promised, received, **columns):
        """Ten parts of which all have come, or four if no day is given on which they were."""
        row = {"po_no": next(self.number), "line_no": 1, "site_code": site, "item_code": "P"}
        row |= {"supplier_code": "SUPPLIER", "ordered_at": "2024-12-01 06:00", "status": "closed"}
        row |= {"qty": 10, "qty_received": 10 if received else 4, "qty_rejected": 0}
        row |= {"promised_date": promised, "received_date": received, "net_amount": 10}
        self.add("erp_purchase_order_line", **row | columns)

    def movement(self, number, on, kind, qty, **columns):
        fixed = {"movement_id": number, "posting_date": on, "type": kind, "item_code": "P"}
        self.add("erp_goods_movement", **fixed, qty=qty, **columns)

    def inventory_count(self, site, on, *quantities):
        """Parts in the books, found and, if any, tolerated at a location of its own."""
        number = next(self.number)
        columns = "count_id item_code location_code site_code counted_on qty_book qty_counted"
        row = (number, "P", number, site, on, *(*quantities, "")[:3])
        self.rows("erp_inventory_count", f"{columns} qty_tolerance", row)

    def action(self, node, promised, closed):
        columns = "action_id node_id opened_on due_on closed_on"
        row = (next(self.number), node, "2025-01-01", promised, closed)
        self.rows("corrective_action", columns, row)


def first_of_everything(plant):
    """One row of every table in January 2025, so that every series has begun."""
    on, line, machine = "2025-01-01", "ANC-L1", "ANC-L1M1"
    six, seven = f"{on} 06:00", f"{on} 07:00"
    plant.site("ANC", lines=1, machines=1, ideal_rate_per_h=60)
    plant.item("P")
    plant.states(machine, on, ("RUN", "06:00", "07:00"), order="ANC-O")
    plant.count(machine, f"{on} 06:30", 10, 10, order_no="ANC-O", op_seq=10)
    times = {"due_at": f"{on} 08:00", "started_at": six, "finished_at": seven}
    plant.order("ANC-O", line, 10, **times, erp_order_no="ANC-O")
    plant.maintenance(machine, "corrective", f"{on} 08:00:00", 1)
    plant.inspection(machine, on, 10, 10, 0)
    plant.measured(machine, on, 1, 2, 3, lsl=0, usl=4)
    sale = plant.sale("ANC", due(on, (on, 10)), ordered=f"{on} 08:00:00")
    plant.complaint(sale, on, "damage", 1)
    plant.complaint(sale, on, "documentation", 1)
    plant.invoice(on, "ANC", 1)
    plant.post(on, "ANC", revenue=-10, cogs=5, direct_labour=1, manufacturing_overhead=1)
    plant.post(on, "ANC", receivable=1, payable=-1)
    plant.stock(on, "ANC", 1, 1)
    plant.stock("2025-01-02", "ANC", 0, 0)
    plant.budget("ANC", on, 31)
    columns = "item_code valid_from valid_to unit_cost currency"
    steps = ("2020-01-01", "2026-03-15", 2, ""), ("2026-03-15", "", 5, "USD")
    plant.rows("erp_standard_cost", columns, *(("P", *step) for step in steps))
    plant.quality_cost("ANC", on, "prevention", 1)
    plant.answers("ANC", on, (9, 10), (4, 5))
    plant.employee("ANC1", "ANC", left="2025-01-05")
    plant.trained("ANC1", on, 1)
    plant.absent("ANC1", on, on, 1)
    plant.suggestion("ANC1", on, on, "implemented")
    plant.worked("ANC", on, 8)
    plant.incidents("ANC", on, "lost_time")
    plant.labour(machine, six, seven, order_no="ANC-O")
    plant.purchase("ANC", on, on)
    plant.movement("a1", on, "GR_PROD", 10, location_code="ANC-W", order_no="ANC-O")
    plant.movement("a2", on, "GI_SO", -1, location_code="ANC-W")
    plant.inventory_count("ANC", on, 1, 1)
    where = {"equipment_code": line, "posted_on": on}
    plant.cost("ANC-O", "material", (1, 1), (1, 1), **where)
    plant.action("ANC", on, on)
    columns = "equipment_code skill_code valid_from people"
    plant.rows("hr_skill_requirement", columns, (machine, "S", on, 1))


def compute(plant, config, folder):
    """The version that the pipeline publishes of a plant; `config` says of which enterprise."""
    plant.write(folder / "feed")
    (folder / "scorecard.yml").write_text(config + FEED, "utf-8")
    return run(folder / "scorecard.yml", folder / "home")


def names(expected):
    """What the tests of expectations are called."""
    return ["-".join((kpi, node, *period)) for kpi, node, period, _ in expected]


def about(expected):
    """As a few lines of floating point have it."""
    return None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9)
