"""The office: selling, buying, stock and ledger, as the ERP writes it down.

Belongs here: everything that moves goods or money in one day. Does not belong here: making things
(`shopfloor`) and people (`people`), although their wages are posted here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sources.demo.books import (
    Books,
    Document,
    money_text,
    quantity_text,
    sales_quantity_text,
    value,
)
from sources.demo.calendar import DAY, HEADQUARTERS, HOUR, MINUTE, instant, utc_text
from sources.demo.company import (
    ACCOUNTS,
    BILLS,
    BREMEN,
    CUSTOMERS,
    EMPTY_DATE,
    GOODS,
    HEAD_OFFICE,
    ITEM,
    ITEMS,
    JOLIET,
    KILOGRAM,
    LINES,
    PER_KG,
    RAW,
    RAWS,
    SITES,
    SUPPLIERS,
    daily_demand,
    overhead_center,
    rng,
)
from sources.demo.state import Purchase, Return, SalesLine
from sources.demo.today import SATURDAY, SUNDAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sources.demo.calendar import Zone
    from sources.demo.company import (
        Item,
        Line,
        Raw,
        Site,
    )
    from sources.demo.journal import Journal
    from sources.demo.state import Order, State
    from sources.demo.today import Today

_LINE = {line.code: line for line in LINES}

_BACKLOG_DAYS = 9
_FINISHED_COVER_DAYS = 22.0
_RAW_COVER_DAYS = 22.0
_RAW_LOT_DAYS = 4.0
_RAW_LEAD_DAYS = 14
_RECEIVABLE_DAYS = 45
_PAYABLE_DAYS = 40

_WAGE_PER_DAY = 25_500
"""Labour cost in cents of one person and working day."""
_OVERHEAD_SHARE = 0.52
_CONVERSION = (("labour", 0.66, 3400), ("overhead", 0.34, 1750))
"""Kind of conversion cost, its share, and its standard rate in cents per hour."""
_ADMINISTRATION_PER_DAY: Mapping[str, int] = {
    overhead_center(BREMEN): 1_350_000,
    overhead_center(JOLIET): 520_000,
    HEAD_OFFICE: 750_000,
}
"""Selling and administration in cents per weekday by cost centre."""
_FIXED_ASSETS: Mapping[str, int] = {"1000": 1_300_000_000, "2000": 500_000_000}
_LOAN: Mapping[str, int] = {"1000": 600_000_000, "2000": 200_000_000}
_CASH: Mapping[str, int] = {"1000": 400_000_000, "2000": 150_000_000}
_INTEREST_PER_MONTH = 0.004
_DEPRECIATION_PER_MONTH = 1 / 120
_TAX_PER_MONTH: Mapping[str, int] = {"1000": 9_000_000, "2000": 3_500_000}

# Faults of the data, as shares of the rows concerned.
_QUANTITY_OFF = 0.008
_QUANTITY_NEARLY = 0.04
_LATE_POSTING = 0.02
_WRONG_RECEIPT = 0.02
_DUPLICATE = 0.004
_REVERSED_INVOICE = 0.004
_PROMISE_MOVED = 0.05

# What goes wrong in the world.
_SHORT = 0.03
"""Share of lines shipped short at first."""
_BLAMED_ON_DATE = 0.5
"""Share of complaints about a late line that are about its being late."""
_SENT_BACK = 0.5
"""Share of bad goods that come back."""
_RECEIPT_BAD = 0.25
"""Share of receipts of which something is refused."""


def _rate(day: date) -> float:
    """Euro for one dollar in the month of `day`."""
    return 0.90 + (day.year * 12 + day.month) * 7 % 11 * 0.004


def _raw_demand(raw: Raw) -> float:
    """Quantity (MES units) of a raw item used per weekday."""
    return sum(
        daily_demand(line) * sum(i.line is line for i in ITEMS) * quantity / 1000
        for line in LINES
        for code, quantity in BILLS[line.code]
        if code == raw.code
    )


def _daily_revenue(line: Line) -> int:
    """Planned sales in euro cents of a line per weekday."""
    demand = daily_demand(line)
    return round(sum(demand * i.price / line.base for i in ITEMS if i.line is line))


def _daily_cost(line: Line) -> int:
    """Planned cost of goods sold in euro cents of a line per weekday."""
    demand = daily_demand(line)
    return round(sum(demand * i.cost / line.base for i in ITEMS if i.line is line))


class Office:
    """One day of the office."""

    def __init__(self, journal: Journal, state: State, today: Today) -> None:
        self.journal, self.state, self.today = journal, state, today
        self.books = Books(journal, state)
        self.seed, self.day, self.start = today.seed, today.day, today.start
        self.story = today.story
        self.random = rng(self.seed, self.day, "office")

    def open(self) -> None:
        """Master data, opening balances and the order backlog of the first day."""
        self._masters()
        self._opening()
        for back in range(_BACKLOG_DAYS, 0, -1):
            self._receive_orders(self.day - timedelta(days=back))

    def _masters(self) -> None:
        at, write = self.start, self.journal.write
        for site in SITES:
            write("PLANT", at, site.werks, site.name, site.zone.name)
        for item in ITEMS:
            line = item.line
            write(
                "ITEM", at, item.code, item.name, "F", line.base_uom, "M", line.name, item.launched
            )
            self._cost_rows(item.code, item.cost)
            if item.box > 1:
                write("ITEM_UOM", at, item.code, "BX", line.base_uom, item.box, 1)
        for raw in RAWS:
            write(
                "ITEM", at, raw.code, raw.name, "R", raw.base_uom, "B", "Raw material", EMPTY_DATE
            )
            self._cost_rows(raw.code, raw.cost)
        write("ITEM_UOM", at, "*", "G", KILOGRAM, 1, PER_KG)
        for partner in (*CUSTOMERS, *SUPPLIERS):
            write(
                "PARTNER",
                at,
                partner.code,
                partner.name,
                partner.role,
                partner.country,
                partner.since,
            )
        write("COSTCTR", at, HEAD_OFFICE, "Head office", "")
        for site in SITES:
            write("COSTCTR", at, overhead_center(site), f"{site.name} general", site.werks)
        for line in LINES:
            write("COSTCTR", at, line.cost_center, line.name, line.erp_code)
        for account, (name, group) in ACCOUNTS.items():
            write("GL_ACCT", at, account, name, group)
        month = self.day.replace(day=1)
        # The backlog of the first day was ordered the month before, perhaps.
        for first in ((month - timedelta(days=1)).replace(day=1), month):
            write("FX", at, "USD", first.isoformat(), f"{_rate(first):.6f}")
        self._budgets()

    def _cost_rows(self, code: str, cost: int) -> None:
        year = self.day.year
        old = round(cost * 0.97)
        for first, last, cents in (
            (f"{year - 1}-01-01", f"{year}-01-01", old),
            (f"{year}-01-01", "9999-12-31", cost),
        ):
            self.journal.write("ITEM_COST", self.start, code, first, last, money_text(cents), "EUR")

    def _budgets(self) -> None:
        """Budgets from this month to the end of next year; every weekday is worth the same."""
        for year in (self.day.year, self.day.year + 1):
            for month in range(self.day.month if year == self.day.year else 1, 13):
                first = date(year, month, 1)
                following = date(year + month // 12, month % 12 + 1, 1)
                days = sum(
                    (first + timedelta(days=n)).weekday() < SATURDAY
                    for n in range((following - first).days)
                )
                for line in LINES:
                    labour = line.people * _WAGE_PER_DAY
                    for account, amount in (
                        ("4000", _daily_revenue(line)),
                        ("5000", _daily_cost(line)),
                        ("6000", labour),
                        ("6100", round(labour * _OVERHEAD_SHARE)),
                    ):
                        self.journal.write(
                            "BUDGET",
                            self.start,
                            account,
                            first.isoformat()[:7],
                            line.cost_center,
                            "V1",
                            amount * days,
                        )
                for center, amount in _ADMINISTRATION_PER_DAY.items():
                    self.journal.write(
                        "BUDGET",
                        self.start,
                        "7000",
                        first.isoformat()[:7],
                        center,
                        "V1",
                        amount * days,
                    )

    def _opening(self) -> None:
        """Stocks, receivables, payables, assets and debts that the plant starts with."""
        random = self.random
        for item in ITEMS:
            cover = _FINISHED_COVER_DAYS * random.uniform(0.8, 1.15)
            self.state.stock[item.code] = round(daily_demand(item.line) * cover)
        for raw in RAWS:
            self.state.stock[raw.code] = round(_raw_demand(raw) * _RAW_COVER_DAYS * 0.8)
        for site in SITES:
            center = overhead_center(site)
            lines = [line for line in LINES if line.site is site]
            receivable = sum(map(_daily_revenue, lines)) * _RECEIVABLE_DAYS * 5 // 7
            raws = [raw for raw in RAWS if raw.site is site]
            payable = round(
                sum(value(r, round(_raw_demand(r))) for r in raws) * _PAYABLE_DAYS * 5 / 7
            )
            raw_value = sum(value(raw, self.state.stock[raw.code]) for raw in raws)
            finished = sum(value(i, self.state.stock[i.code]) for i in ITEMS if i.line.site is site)
            postings = [
                ("1000", _CASH[site.werks], center),
                ("1200", receivable, center),
                ("1300", raw_value, center),
                ("1310", finished, center),
                ("1500", _FIXED_ASSETS[site.werks], center),
                ("2000", -payable, center),
                ("2500", -_LOAN[site.werks], center),
            ]
            postings.append(("3000", -sum(amount for _, amount, _ in postings), center))
            self.books.post(Document(self.day, self.start), postings)
            self._run_off("1200", receivable, center, _RECEIVABLE_DAYS)
            self._run_off("2000", -payable, center, _PAYABLE_DAYS)

    def _run_off(self, account: str, amount: int, center: str, days: int) -> None:
        """Settle an opening balance bit by bit."""
        for n in range(1, days + 1):
            part = amount * n // days - amount * (n - 1) // days
            day = self.day + timedelta(days=n)
            self.books.post(
                Document(day, _noon(day)), [("1000", part, center), (account, -part, center)]
            )

    def work(self) -> None:
        """Sell, ship, take back, buy, receive and pay."""
        if self.day.day == 1 and self.today.index:
            rate = f"{_rate(self.day):.6f}"
            self.journal.write("FX", self.start, "USD", self.day.isoformat(), rate)
        self._receive_goods()
        self._take_back()
        if not self.today.is_weekend:
            self._receive_orders(self.day)
            self._ship()
            self._buy()
        self._wages()

    def close(self) -> None:
        """Count and close what the day leaves; after the shop floor's day."""
        sunday = self.day.weekday() == SUNDAY
        month_end = (self.day + timedelta(days=1)).day == 1
        if month_end:
            self._month_end()
        if sunday:
            self._count_stock()
        if sunday or month_end or self.today.index == 0:
            self.books.balances(self.day, self.today.end - MINUTE, GOODS)

    def _moment(self, first: float, last: float, zone: Zone = HEADQUARTERS) -> int:
        """Some instant of today between two local hours."""
        return zone.at(self.day) + round(self.random.uniform(first, last) * HOUR)

    # Selling

    def _receive_orders(self, day: date) -> None:
        """Orders of a day; before the first day, the backlog that the plant starts with."""
        if day.weekday() >= SATURDAY:
            return
        random = rng(self.seed, day, "orders")
        wanted: dict[tuple[str, Site], list[tuple[Item, int]]] = {}
        for item in ITEMS:
            for _ in range(random.choices((0, 1, 2), (12, 76, 12))[0]):
                buyer = random.choice([c for c in CUSTOMERS if item.line.code in c.lines])
                pack = item.box * item.base
                size = daily_demand(item.line) * random.uniform(0.5, 1.5)
                quantity = max(1, round(size / pack)) * pack
                wanted.setdefault((buyer.code, item.site), []).append((item, quantity))
        for (customer, site), lines in wanted.items():
            received = site.zone.at(day) + round(random.uniform(8, 16) * HOUR)
            at = max(received, self.start)
            number = f"{45_000_000 + self.state.number('sale')}"
            currency = site.currency
            self.journal.write(
                "SO_HEAD", at, number, customer, site.werks, currency, utc_text(received)
            )
            promise = weekday(day + timedelta(days=random.randint(9, 14)))
            for position, (item, quantity) in enumerate(lines, 1):
                line = self._promise(customer, item, quantity, promise)
                line.order, line.position = number, position * 10
                self._sales_row(line, "O", at)
                if day >= self.day and random.random() < _PROMISE_MOVED:
                    line.promise = weekday(promise + timedelta(days=3)).isoformat()
                    self._sales_row(line, "O", at + 3 * DAY)
                self.state.sales.append(line)
                self.state.backlog[item.code] += quantity

    def _promise(self, customer: str, item: Item, quantity: int, promise: date) -> SalesLine:
        """A sales order line, still without a number."""
        random = rng(self.seed, self.state.numbers["sale"], item.code)
        requested = weekday(promise - timedelta(days=random.choice((0, 0, 1, 3))))
        if random.random() < self.story.late_delivery(customer):
            ship_on = weekday(promise + timedelta(days=random.randint(1, 5)))
        else:
            ship_on = earlier(promise, random.randint(0, 2))
        price = item.price * item.site.price_per_euro * random.uniform(0.97, 1.03)
        return SalesLine(
            order="",
            position=0,
            customer=customer,
            item=item.code,
            quantity=quantity,
            open=quantity,
            net=round(quantity * price / item.base),
            requested=requested.isoformat(),
            first_promise=promise.isoformat(),
            promise=promise.isoformat(),
            ship_on=ship_on.isoformat(),
        )

    def _sales_row(self, line: SalesLine, status: str, at: int) -> None:
        item = ITEM[line.item]
        self.journal.write(
            "SO_LINE",
            at,
            line.order,
            line.position,
            line.item,
            sales_quantity_text(item, line.quantity),
            item.sales_uom,
            money_text(line.net),
            line.requested,
            line.first_promise,
            line.promise,
            status,
        )

    def _ship(self) -> None:
        """Ship what is meant to go and in stock; what was meant to go first, first."""
        today = self.day.isoformat()
        state = self.state
        state.sales.sort(key=lambda s: (s.ship_on, s.order, s.position))
        for line in state.sales:
            if line.ship_on > today or state.stock[line.item] < line.open:
                continue
            pack = ITEM[line.item].box * ITEM[line.item].base
            quantity = line.open
            if line.open == line.quantity and self.random.random() < _SHORT:
                quantity = max(pack, round(line.open * 0.9 / pack) * pack)
            self._deliver(line, quantity)
            line.ship_on = weekday(self.day + timedelta(days=4)).isoformat()
        state.sales = [line for line in state.sales if line.open]

    def _deliver(self, line: SalesLine, quantity: int) -> None:
        item = ITEM[line.item]
        document = Document(self.day, self._moment(10, 17, item.site.zone), line.order)
        center, cost = item.line.cost_center, value(item, quantity)
        line.open -= quantity
        self.state.backlog[item.code] -= quantity
        self._delivery_row(document.at, line, quantity)
        self.books.move(document, "601", item, -quantity)
        self.books.post(document, [("5000", cost, center), ("1310", -cost, center)])
        self._invoice(document.later(20 * MINUTE), line, quantity)
        if not line.open:
            self._sales_row(line, "C", document.at + 30 * MINUTE)
        if self.random.random() < self.story.complaint(line.customer):
            self._complaint(line, quantity, document.at)

    def _delivery_row(self, at: int, goods: SalesLine | Return, quantity: int) -> None:
        item = ITEM[goods.item]
        values = (
            f"{80_000_000 + self.state.number('delivery')}",
            10,
            goods.order,
            goods.position,
            item.site.werks,
            item.code,
            sales_quantity_text(item, quantity),
            item.sales_uom,
            utc_text(at),
            "X" if isinstance(goods, Return) else "",
        )
        self.journal.write("DLV_LINE", at, self.state.number("delivery_row"), *values)
        if self.random.random() < _DUPLICATE:
            again = self.state.number("delivery_row")
            self.journal.write("DLV_LINE", at + 2 * MINUTE, again, *values)

    def _invoice(self, document: Document, goods: SalesLine | Return, quantity: int) -> None:
        """Invoice (or credit note for a return), its entry, and the payment that will follow."""
        item = ITEM[goods.item]
        site = item.site
        net = goods.net * quantity // goods.quantity
        number = f"{90_000_000 + self.state.number('invoice')}"
        is_credit = isinstance(goods, Return)
        self.journal.write(
            "INV_LINE",
            document.at,
            number,
            10,
            "G2" if is_credit else "F2",
            goods.order,
            site.werks,
            goods.customer,
            item.code,
            sales_quantity_text(item, quantity),
            item.sales_uom,
            money_text(net),
            site.currency,
            document.day.isoformat(),
        )
        euro = (-1 if is_credit else 1) * _euro(net, site, document.day)
        center = item.line.cost_center
        entry = [("1200", euro, center), ("4000", -euro, center)]
        lines = self.books.post(document, entry)
        if self.random.random() < _REVERSED_INVOICE:
            # Posted, taken back and posted again: a slip of the clerk.
            back = [(account, -cents, owner) for account, cents, owner in entry]
            self.books.post(replace(document.later(30 * MINUTE), reverses=lines), back)
            self.books.post(document.later(35 * MINUTE), entry)
        paid = self.day + timedelta(days=round(self.random.gauss(_RECEIVABLE_DAYS, 7)))
        payment = [("1000", euro, center), ("1200", -euro, center)]
        self.books.post(Document(paid, _noon(paid), goods.order), payment)

    def _complaint(self, line: SalesLine, quantity: int, shipped: int) -> None:
        random, item = self.random, ITEM[line.item]
        late = self.day.isoformat() > line.promise
        group = "L" if late and random.random() < _BLAMED_ON_DATE else random.choice("QQQDPO")
        pack = item.box * item.base
        parts = max(1, round(quantity * random.uniform(0.02, 0.15) / pack)) * pack
        amount = line.net * parts // line.quantity
        opened = shipped + random.randint(2, 12) * DAY
        closed = opened + random.randint(3, 25) * DAY
        comes_back = group in "QD" and random.random() < _SENT_BACK
        head = (
            f"{60_000 + self.state.number('case')}",
            "R" if comes_back else "K",
            line.customer,
            line.order,
            item.code,
            item.sales_uom,
            item.site.werks,
            utc_text(opened),
        )
        tail = (sales_quantity_text(item, parts), money_text(amount), item.site.currency, group)
        self.journal.write("SERVICE_CASE", opened, *head, "", *tail)
        self.journal.write("SERVICE_CASE", closed, *head, utc_text(closed), *tail)
        if comes_back:
            day = weekday(item.site.zone.day(opened) + timedelta(days=6)).isoformat()
            back = Return(day, line.order, line.position, line.customer, item.code, parts, amount)
            self.state.returns.append(back)

    def _take_back(self) -> None:
        """Goods that come back: into stock, out of it as scrap, and credited."""
        today = self.day.isoformat()
        due = [r for r in self.state.returns if r.day <= today]
        self.state.returns = [r for r in self.state.returns if r.day > today]
        for back in due:
            item = ITEM[back.item]
            document = Document(self.day, self._moment(9, 15, item.site.zone), back.order)
            scrapping = replace(document.later(HOUR), reference="")
            center, cost = item.line.cost_center, value(item, back.quantity)
            self._delivery_row(document.at, back, back.quantity)
            self.books.move(document, "653", item, back.quantity)
            self.books.post(document, [("1310", cost, center), ("5000", -cost, center)])
            self.books.move(scrapping, "551", item, -back.quantity)
            self.books.post(scrapping, [("5200", cost, center), ("1310", -cost, center)])
            self._invoice(document.later(2 * HOUR), back, back.quantity)

    # Making

    def order_released(self, order: Order, at: int) -> None:
        """A production order is planned and released."""
        self._production_row(order, "REL", at)

    def _production_row(self, order: Order, status: str, at: int) -> None:
        line = _LINE[order.line]
        self.journal.write(
            "MFG_ORDER",
            at,
            order.erp_number,
            line.site.werks,
            order.item,
            quantity_text(order.total, line.base),
            line.base_uom,
            status,
            line.site.zone.day(order.due).isoformat(),
        )

    def order_started(self, order: Order, now: int) -> None:
        """Issue the material."""
        line = _LINE[order.line]
        reference, center = order.erp_number or "", line.cost_center
        document = Document(line.site.zone.day(now), now + 5 * MINUTE, reference)
        cost = 0
        for code, per_thousand in BILLS[order.line]:
            quantity = order.input * per_thousand // 1000
            self.books.move(document, "261", RAW[code], -quantity)
            cost += value(RAW[code], quantity)
        self.books.post(document, [("1350", cost, center), ("1300", -cost, center)])
        self.state.wip[reference] = self.state.wip.get(reference, 0) + cost
        if order.split_from is None:
            self._production_row(order, "CNF", document.at)

    def order_finished(self, order: Order, good: int, now: int) -> None:
        """Receive what the MES reports as good, more or less, and settle the order."""
        line, item = _LINE[order.line], ITEM[order.item]
        random = rng(self.seed, "receipt", order.number)
        received = good
        off = random.random()
        if off < _QUANTITY_OFF:
            received -= max(2, round(good * 0.04 / line.base)) * line.base
        elif off < _QUANTITY_NEARLY:
            received += random.choice((-1, 1)) * line.base
        received = max(0, received)
        at = now + random.randint(10, 90) * MINUTE
        if random.random() < _LATE_POSTING:
            at += random.randint(1, 3) * DAY
        document = Document(line.site.zone.day(now), at, order.erp_number or "")
        if random.random() < _WRONG_RECEIPT:
            wrong = self.books.move(document, "101", item, received * 2)
            undo = replace(document.later(HOUR), reverses=(wrong,))
            self.books.move(undo, "102", item, -received * 2)
            document = document.later(HOUR + MINUTE)
        self.books.move(document, "101", item, received)
        self._settle(document, order, received)
        self.state.coming[order.item] -= order.planned
        if order.last_part:
            self._production_row(order, "DLV", document.at + MINUTE)
            if order.split_from is None:
                self._cost_report(document, order, received)

    def _cost_report(self, document: Document, order: Order, received: int) -> None:
        """What the order should have cost for what was received, and what it cost; into the feed.

        Material is counted in sets for one base unit, labour and overhead in hours.
        """
        line, item = _LINE[order.line], ITEM[order.item]
        material = item.cost - item.conversion
        if received == 0 or material == 0:
            return
        random = rng(self.seed, "cost", order.number)
        units = received / item.base
        issued = sum(
            value(RAW[code], order.input * per_thousand // 1000)
            for code, per_thousand in BILLS[order.line]
        )
        elements = [("material", units, material, issued / material)]
        for kind, share, rate in _CONVERSION:
            hours = units * item.conversion * share / rate
            elements.append((kind, hours, rate, hours * random.gauss(1.02, 0.06)))
        for kind, standard, price, used in elements:
            paid = used * price * random.gauss(1.005, 0.015)
            self.journal.write(
                "erp_order_cost",
                document.at + 2 * MINUTE,
                document.reference,
                kind.upper(),
                kind,
                line.code,
                document.day.isoformat(),
                f"{standard:.6f}",
                f"{price / 100:.4f}",
                f"{used:.6f}",
                f"{paid / 100:.2f}",
            )

    def _settle(self, document: Document, order: Order, received: int) -> None:
        """Absorb conversion cost, receive at standard; what remains at the end is variance."""
        item = ITEM[order.item]
        center, reference = item.line.cost_center, document.reference
        conversion = round(received * item.conversion / item.base)
        standard = value(item, received)
        postings = [
            ("1350", conversion, center),
            ("4900", -conversion, center),
            ("1310", standard, center),
            ("1350", -standard, center),
        ]
        self.state.wip[reference] += conversion - standard
        if order.last_part:
            variance = self.state.wip.pop(reference)
            postings += [("5100", variance, center), ("1350", -variance, center)]
        self.books.post(document, postings)

    # Buying

    def _buy(self) -> None:
        for raw in RAWS:
            demand = _raw_demand(raw)
            if self.state.stock[raw.code] + self.state.coming[raw.code] < demand * _RAW_COVER_DAYS:
                self._order_raw(raw, max(1, round(demand * _RAW_LOT_DAYS / raw.base)) * raw.base)

    def _order_raw(self, raw: Raw, quantity: int) -> None:
        random, site = self.random, raw.site
        promise = weekday(self.day + timedelta(days=_RAW_LEAD_DAYS))
        if random.random() < self.story.late_supply(raw.supplier):
            arrives = weekday(promise + timedelta(days=random.randint(2, 8)))
        else:
            arrives = earlier(promise, random.choice((0, 0, 1, 2)))
        at = self._moment(8, 16, site.zone)
        price = value(raw, quantity) * random.uniform(0.985, 1.02) * site.price_per_euro
        purchase = Purchase(
            number=f"{46_000_000 + self.state.number('purchase')}",
            raw=raw.code,
            quantity=quantity,
            net=round(price),
            ordered=utc_text(at),
            promise=promise.isoformat(),
            arrives=arrives.isoformat(),
        )
        self._purchase_row(purchase, at)
        self.state.coming[raw.code] += quantity
        self.state.purchases.append(purchase)

    def _purchase_row(
        self, purchase: Purchase, at: int, received: int = 0, refused: int = 0
    ) -> None:
        raw = RAW[purchase.raw]
        self.journal.write(
            "PO_LINE",
            at,
            purchase.number,
            10,
            raw.site.werks,
            raw.supplier,
            raw.code,
            quantity_text(purchase.quantity, raw.base),
            quantity_text(received, raw.base),
            quantity_text(refused, raw.base),
            raw.base_uom,
            purchase.ordered,
            purchase.promise,
            raw.site.zone.day(at).isoformat() if received else EMPTY_DATE,
            money_text(purchase.net),
            raw.site.currency,
            "C" if received else "O",
        )

    def _receive_goods(self) -> None:
        today = self.day.isoformat()
        due = [p for p in self.state.purchases if p.arrives <= today]
        self.state.purchases = [p for p in self.state.purchases if p.arrives > today]
        for purchase in due:
            self._receive(purchase)

    def _receive(self, purchase: Purchase) -> None:
        raw, random = RAW[purchase.raw], self.random
        document = Document(self.day, self._moment(7, 14, raw.site.zone), purchase.number)
        share = self.story.rejected_supply(raw.supplier) * random.uniform(0.5, 1.5)
        bad = random.random() < _RECEIPT_BAD
        refused = round(purchase.quantity * share / raw.base) * raw.base if bad else 0
        kept = purchase.quantity - refused
        self.state.coming[raw.code] -= purchase.quantity
        self._purchase_row(purchase, document.at, purchase.quantity, refused)
        self.books.move(document, "103", raw, kept)
        standard, center = value(raw, kept), overhead_center(raw.site)
        euro = _euro(round(purchase.net * kept / purchase.quantity), raw.site, self.day)
        entry = [
            ("1300", standard, center),
            ("5110", euro - standard, center),
            ("2000", -euro, center),
        ]
        self.books.post(document, entry)
        paid = self.day + timedelta(days=round(random.gauss(_PAYABLE_DAYS, 4)))
        payment = [("2000", euro, center), ("1000", -euro, center)]
        self.books.post(Document(paid, _noon(paid), purchase.number), payment)

    # Running costs and closing

    def _pay(self, account: str, cents: int, center: str, contra: str = "1000") -> None:
        document = Document(self.day, self._moment(18, 20))
        self.books.post(document, [(account, cents, center), (contra, -cents, center)])

    def _wages(self) -> None:
        """Labour and overhead of every line that works today, and administration."""
        random = self.random
        for line in LINES:
            if self.day.weekday() not in line.weekdays:
                continue
            # A line that works all week shares the same pay among seven days.
            part = 5 / len(line.weekdays)
            labour = round(line.people * _WAGE_PER_DAY * part * random.uniform(0.97, 1.03))
            self._pay("6000", labour, line.cost_center)
            overhead = round(labour * _OVERHEAD_SHARE * random.uniform(0.9, 1.1))
            self._pay("6100", overhead, line.cost_center)
        if not self.today.is_weekend:
            for center, cents in _ADMINISTRATION_PER_DAY.items():
                self._pay("7000", round(cents * random.uniform(0.9, 1.1)), center)

    def _month_end(self) -> None:
        for site in SITES:
            center = overhead_center(site)
            depreciation = round(_FIXED_ASSETS[site.werks] * _DEPRECIATION_PER_MONTH)
            self._pay("6900", depreciation, center, contra="1500")
            self._pay("8000", round(_LOAN[site.werks] * _INTEREST_PER_MONTH), center)
            self._pay("8100", _TAX_PER_MONTH[site.werks], center)

    def _count_stock(self) -> None:
        """Cycle count: two items are counted, and the books follow the shelf."""
        document = Document(self.day, self._moment(20, 21))
        for item in self.random.sample(ITEMS, 2):
            share = self.random.uniform(-0.004, 0.003)
            found = round(self.state.stock[item.code] * share / item.base) * item.base
            if found:
                center, cost = item.line.cost_center, value(item, found)
                self.books.move(document, "701", item, found)
                self.books.post(document, [("1310", cost, center), ("5200", -cost, center)])


def _noon(day: date) -> int:
    return instant(datetime.combine(day, time(12), UTC))


def _euro(cents: int, site: Site, day: date) -> int:
    """Cents in a site's currency as euro cents."""
    return cents if site.currency == "EUR" else round(cents * _rate(day))


def weekday(day: date) -> date:
    """The day, or the Monday after a weekend."""
    return day + timedelta(days=7 - day.weekday() if day.weekday() >= SATURDAY else 0)


def earlier(day: date, weekdays: int) -> date:
    """So many weekdays before."""
    while weekdays:
        day -= timedelta(days=1)
        weekdays -= day.weekday() < SATURDAY
    return day
