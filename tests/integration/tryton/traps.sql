-- Traps that the database of test_tryton.py does not hold by itself, set in a copy of it.

-- a complaint's return comes back: one P300 of sale 25
insert into stock_shipment_out_return (company, create_date, customer, effective_date, number, state, warehouse,
    warehouse_input, warehouse_storage, contact_address)
select 1, now(), customer, '2026-10-05', '1', 'done', warehouse, 1, 3, delivery_address from stock_shipment_out limit 1;
update sale_sale set state = 'processing', number = 'R-71', sale_date = '2026-10-01' where id = 71;
insert into stock_move (company, product, unit, quantity, internal_quantity, from_location, to_location, state,
    effective_date, origin, shipment, cost_price, create_date)
values (1, 5, 1, 1, 1, 7, 1, 'done', '2026-10-05', 'sale.line,110',
    (select 'stock.shipment.out.return,' || max(id) from stock_shipment_out_return), 170, now());

-- a credit note is an invoice with a negative quantity
insert into account_invoice (account, company, create_date, currency, invoice_address, journal, party, type, state,
    number, invoice_date, accounting_date)
select account, company, now(), currency, invoice_address, journal, party, 'out', 'paid', '900', '2026-10-06',
    '2026-10-07' from account_invoice where type = 'out' order by id limit 1;
insert into account_invoice_line (account, company, currency, create_date, invoice, invoice_type, type, product,
    quantity, unit, unit_price, origin)
select account, company, currency, now(), (select max(id) from account_invoice), 'out', 'line', product, -1, unit,
    unit_price, origin from account_invoice_line where invoice_type = 'out' or origin like 'sale.line,%' order by id limit 1;
update account_invoice set state = 'cancelled' where number = '5' and type = 'out';

-- lines that are none, no promise, a promise that was moved
insert into sale_line (sale, type, description, create_date) values (1, 'comment', 'for Customer 0', now());
update sale_sale set shipping_date = null where id = 3;
update sale_sale__history set shipping_date = null where id = 3;
update sale_sale set shipping_date = shipping_date + 10 where id in (5, 6, 7);

-- grams on a purchase, and a day of its own
update stock_move set quantity = quantity * 1000, unit = 3 where origin = 'purchase.line,1';
update purchase_line set quantity = quantity * 1000, unit = 3 where id = 1;
update purchase_line set delivery_date_edit = true, delivery_date_store = '2026-08-20' where id = 3;

-- plans that were moved, a production without work centre
update production set origin_planned_date = planned_date, planned_date = '2026-12-24' where id in (6, 17);
update production set work_center = null where id = 8;

-- the failed one is inspected again; receipts are inspected, too
insert into quality_inspection (company, control, number, origin, state, points, processed_at, create_date)
select company, control, '900', origin, 'passed', points, processed_at + interval '1 hour', now()
from quality_inspection where state = 'failed' limit 1;
insert into quality_inspection (company, control, number, origin, state, points, processed_at, create_date)
values (1, 1, '901', 'stock.shipment.in,1', 'failed', '{"pressure_bar": 9.5}', '2026-11-22 22:30', now()),
    (1, 1, '902', 'stock.shipment.in,2', 'pending', null, null, now());

-- a closing entry and a draft
insert into account_journal (name, code, type, create_date) values ('Closing', 'CLO', 'situation', now());
insert into account_move (company, journal, period, date, state, number, create_date)
select 1, (select max(id) from account_journal), (select max(period) from account_move), '2026-10-31', s, s, now()
from unnest(array['posted', 'draft']) as s;
insert into account_move_line (move, account, debit, credit, state, create_date)
select m.id, a.id, case a.code when '4.1.1' then 5000 else 0 end, case a.code when '4.1.1' then 0 else 5000 end,
    'valid', now()
from account_move m, account_account a where m.number in ('posted', 'draft') and a.code in ('4.1.1', '3.1.1');

-- a new cost, and the trace of a cost that was deleted
update product_cost_price set cost_price = 180, write_date = '2026-11-24 08:00' where product = 5;
insert into product_cost_price__history (id, company, product, cost_price, create_date, write_date)
select id, company, product, cost_price, create_date, write_date from product_cost_price where product = 5;
insert into product_cost_price__history (id, write_date) values (5, '2026-11-24 09:00');

-- stock that is lost: counted short, and thrown away
insert into stock_move (company, product, unit, quantity, internal_quantity, from_location, to_location, state,
    effective_date, origin, cost_price, create_date)
values (1, 2, 1, 7, 7, 3, 4, 'done', '2026-11-01', 'stock.inventory.line,1', 0.4, now()),
    (1, 2, 1, 5, 5, 3, 4, 'done', '2026-11-02', null, 0.4, now());

-- people: one leaves, one trains for more than a day
update company_employee set end_date = '2026-11-10' where id = 6;
update timesheet_line set duration = '26 hours 30 minutes' where id = 1;
update sale_complaint set state = 'cancelled' where id = 1;
update sale_complaint set state = 'draft' where id = 2;

-- no code, and one that a product had that is archived
update product_product set active = false where id = 1;
update product_product set code = 'RM-STEEL' where id = 2;
update product_product set code = null where id = 4;
