"""A small manufacturer inside a real Tryton, worked through Tryton's own client library.

Runs in the virtual environment of Tryton, as a process of its own. It makes the empty database that
TRYTOND_DATABASE_URI names one of Tryton, with a company, and says `{"ready": ...}`. Then it obeys
commands, one a line, and answers each with a line of JSON: `round` does business, `report` says
what Tryton's records hold, in Tryton's own terms.

Does not belong here: anything of the application, which this environment does not have.
"""

import datetime as dt
import json
import os
import sys
from decimal import Decimal

from proteus import Model
from proteus import config as proteus_config
from sql import Table
from trytond import backend
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import (
    create_payment_term,
    set_fiscalyear_invoice_sequences,
)
from trytond.modules.company.tests.tools import create_company, get_company
from trytond.pool import Pool

MODULES = ["account_invoice_stock", "production_work", "purchase", "sale"]
TODAY = dt.datetime.now(tz=dt.UTC).date()


def activated(url):
    """Make the database at `url` one with our modules and what they depend on."""
    name = url.rsplit("/", 1)[1]
    database = backend.Database(name).connect()
    connection = database.get_connection()
    database.init()
    with connection.cursor() as cursor:
        language = Table("ir_configuration")
        cursor.execute(*language.insert([language.language], [["en"]]))
    connection.commit()
    database.put_connection(connection)
    Pool(name).init(update=["ir", "res", *MODULES], lang=["en"], activatedeps=True, indexes=False)


class Plant:
    """Pumps of steel: the steel is bought and kept in kilograms and used in grams."""

    def __init__(self):
        create_company(currency="USD")
        company = get_company()
        fiscalyear = set_fiscalyear_invoice_sequences(
            create_fiscalyear(company, (TODAY - dt.timedelta(days=40), TODAY))
        )
        fiscalyear.save()
        fiscalyear.click("create_period")
        create_chart(company)
        accounts = get_accounts(company)
        self.term = create_payment_term()
        self.term.save()
        self.category = Model.get("product.category")(
            name="Goods",
            accounting=True,
            account_expense=accounts["expense"],
            account_revenue=accounts["revenue"],
        )
        self.category.save()
        [self.storage] = Model.get("stock.location").find([("code", "=", "STO")])
        [self.lost] = Model.get("stock.location").find([("type", "=", "lost_found")])
        [warehouse] = Model.get("stock.location").find([("type", "=", "warehouse")])
        warehouse.waste_locations.append(self.lost)
        warehouse.save()
        self.steel = self.product("Steel", "Kilogram", Decimal(2), purchasable=True)
        self.pump = self.product("Pump", "Unit", Decimal(60), salable=True, producible=True)
        self.customer, self.supplier = self.party("Jane Doe"), self.party("Steelworks")
        self.bill_of_materials()
        self.rounds = 0
        self.billed = dt.date.min

    def product(self, name, unit, cost, **flags):
        [uom] = Model.get("product.uom").find([("name", "=", unit)])
        template = Model.get("product.template")(
            name=name, default_uom=uom, type="goods", list_price=cost * 2, **flags
        )
        template.code = name.upper()
        template.account_category = self.category
        [product] = template.products
        product.cost_price = cost
        template.save()
        return template.products[0]

    def party(self, name):
        party = Model.get("party.party")(name=name)
        party.save()
        return party

    def bill_of_materials(self):
        [gram] = Model.get("product.uom").find([("name", "=", "Gram")])
        self.bom = Model.get("production.bom")(name="Pump")
        self.bom.inputs.new(product=self.steel, quantity=500, unit=gram)
        self.bom.outputs.new(product=self.pump, quantity=1)
        self.bom.save()
        kind = Model.get("production.work.center.category")(name="Assembly")
        kind.save()
        self.center = Model.get("production.work.center")(name="Hall")
        self.center.save()
        bench = Model.get("production.work.center")(name="Bench", parent=self.center)
        bench.category, bench.cost_method, bench.cost_price = kind, "hour", Decimal(40)
        bench.save()
        operation = Model.get("production.routing.operation")(name="Assemble")
        operation.work_center_category = kind
        operation.save()
        self.routing = Model.get("production.routing")(name="Pump")
        self.routing.boms.append(self.bom)
        self.routing.steps.new(operation=operation)
        self.routing.save()
        line = Model.get("product.product-production.bom")(bom=self.bom, routing=self.routing)
        self.pump.boms.append(line)
        self.pump.save()

    def round(self):
        """A purchase, a production and two sales, on days that move on with every round."""
        self.rounds += 1
        day = TODAY - dt.timedelta(days=30 - self.rounds % 25)
        self.buy(day, quantity=20, late=self.rounds % 3 == 0)
        self.make(day, quantity=10, scrap=self.rounds % 4, finished=self.rounds % 5 != 0)
        self.sell(day, [2, 3], days=self.rounds % 4, cancelled=False)
        self.sell(day, [1], days=0, cancelled=self.rounds % 2 == 0)
        return self.rounds

    def buy(self, day, quantity, *, late):
        purchase = Model.get("purchase.purchase")(party=self.supplier, payment_term=self.term)
        purchase.purchase_date, purchase.delivery_date = day, day + dt.timedelta(days=2)
        purchase.invoice_method = "shipment"
        purchase.lines.new(product=self.steel, quantity=quantity, unit_price=Decimal(2))
        purchase.click("quote")
        purchase.click("confirm")
        receipt = Model.get("stock.shipment.in")(supplier=self.supplier)
        receipt.effective_date = day + dt.timedelta(days=3 if late else 1)
        for move in purchase.moves:
            receipt.incoming_moves.append(Model.get("stock.move")(move.id))
        receipt.click("receive")
        receipt.click("do")
        purchase.reload()
        self.post(purchase.invoices, receipt.effective_date)

    def make(self, day, quantity, scrap, *, finished):
        production = Model.get("production")(product=self.pump, bom=self.bom, routing=self.routing)
        production.work_center, production.quantity = self.center, quantity
        production.planned_date = production.planned_start_date = day
        production.effective_start_date = day
        production.effective_date = day + dt.timedelta(days=self.rounds % 2)
        production.click("wait")
        production.click("assign_force")
        production.click("run")
        for work in production.works:
            cycle = work.cycles.new()
            cycle.click("run")
            cycle.duration = dt.timedelta(hours=25, minutes=self.rounds)
            cycle.save()
            cycle.click("do")
        if not finished:
            return
        production.reload()
        if scrap:
            [output] = production.outputs
            output.quantity = quantity - scrap
            waste = production.outputs.new(product=self.pump, quantity=scrap)
            waste.from_location, waste.to_location = output.from_location, self.lost
            waste.unit_price = waste.currency = None  # as for all that is not stocked
            production.save()
        production.click("do")

    def sell(self, day, quantities, days, *, cancelled):
        sale = Model.get("sale.sale")(party=self.customer, payment_term=self.term)
        sale.sale_date, sale.shipping_date = day, day + dt.timedelta(days=2)
        sale.invoice_method = "shipment"
        for quantity in quantities:
            sale.lines.new(product=self.pump, quantity=quantity, unit_price=Decimal(120))
        sale.lines.new(type="comment", description="for Jane Doe")
        sale.click("quote")
        if cancelled:
            sale.click("cancel")
            return
        sale.click("confirm")
        [shipment] = sale.shipments
        shipment.effective_date = day + dt.timedelta(days=days)
        shipment.click("assign_force")
        shipment.click("pick")
        shipment.click("pack")
        shipment.click("do")
        sale.reload()
        self.post(sale.invoices, shipment.effective_date)

    def post(self, invoices, day):
        self.billed = max(self.billed, day)  # Tryton numbers invoices in the order of their days
        for invoice in invoices:
            invoice.invoice_date = invoice.accounting_date = self.billed
            invoice.save()
            invoice.click("post")

    def report(self):
        """KPI -> rows of (day, numerator, denominator), by reading records, not tables."""
        rows = {}
        productions = Model.get("production").find([("state", "in", ["running", "done"])])
        outputs = [
            (move.effective_date, move.quantity, move.to_location.type == "lost_found", production)
            for production in productions
            for move in production.outputs
            if move.state == "done"
        ]
        rows["quality_ratio"] = [(day, 0 if bad else n, n) for day, n, bad, _ in outputs]
        rows["scrap_ratio"] = [(day, n if bad else 0, n) for day, n, bad, _ in outputs]
        good = dict.fromkeys((p.id for p in productions), 0)
        for _, quantity, bad, production in outputs:
            good[production.id] += 0 if bad else quantity
        first = min(day for day, *_ in outputs)
        rows["schedule_attainment"] = [
            (p.planned_date, min(good[p.id], p.quantity), p.quantity)
            for p in productions
            if first <= p.planned_date <= TODAY
        ]
        rows["mes_erp_agreement"] = [
            (p.effective_date, good[p.id], good[p.id]) for p in productions if p.state == "done"
        ]
        sales = Model.get("sale.sale").find([("state", "in", ["processing", "done"])])
        lines = [
            (
                line.quantity,
                sale,
                [(m.effective_date, m.quantity) for m in line.moves if m.state == "done"],
            )
            for sale in sales
            for line in sale.lines
            if line.type == "line"
        ]
        rows["otif"] = [
            (
                sale.shipping_date,
                int(sum(n for day, n in moves if day <= sale.shipping_date) >= quantity),
                1,
            )
            for quantity, sale, moves in lines
            if sale.shipping_date <= TODAY
        ]
        rows["return_rate"] = [(day, 0, n) for _, _, moves in lines for day, n in moves]
        rows["order_cycle_time"] = [
            (s.shipments[0].effective_date, (s.shipments[0].effective_date - s.sale_date).days, 1)
            for s in sales
        ]
        sent = Model.get("account.invoice").find(
            [("type", "=", "out"), ("state", "in", ["posted", "paid"])]
        )
        rows["net_sales"] = [(i.accounting_date, i.untaxed_amount, 0) for i in sent]
        booked = Model.get("account.move.line").find([("move.state", "=", "posted")])
        revenue = [(b.date, b.credit - b.debit) for b in booked if b.account.type.revenue]
        rows["gross_margin"] = [(day, amount, amount) for day, amount in revenue] + [
            (day, -Decimal(n) * self.pump.cost_price, 0)
            for _, _, moves in lines
            for day, n in moves
        ]
        rows["supplier_on_time"] = [
            (
                purchase.delivery_date,
                int(all(m.effective_date <= purchase.delivery_date for m in line.moves)),
                1,
            )
            for purchase in Model.get("purchase.purchase").find([("state", "=", "processing")])
            for line in purchase.lines
            if purchase.delivery_date <= TODAY
        ]
        rows["inventory_value"] = self.inventory_values()
        return {k: [(str(d), str(n), str(m)) for d, n, m in v] for k, v in rows.items()}

    def inventory_values(self):
        """Quantities as Tryton computes them for each day, at cost."""
        first = min(
            m.effective_date for m in Model.get("stock.move").find([("state", "=", "done")])
        )
        values = []
        session = proteus_config.get_config()
        for number in range((TODAY - first).days + 1):
            day = first + dt.timedelta(days=number)
            with session.set_context(locations=[self.storage.parent.id], stock_date_end=day):
                values += [
                    (day, Decimal(str(product.quantity)) * product.cost_price, 0)
                    for product in Model.get("product.product").find([("type", "=", "goods")])
                ]
        return values


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever Tryton prints is no answer

    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    url = os.environ["TRYTOND_DATABASE_URI"]
    activated(url)
    session = proteus_config.set_trytond(database=url)
    session.skip_warning = True  # such as that a bill of last month is overdue
    plant = Plant()
    answer({"ready": MODULES})
    for line in sys.stdin:
        answer({"round": plant.round, "report": plant.report}[line.strip()]())


if __name__ == "__main__":
    main()
