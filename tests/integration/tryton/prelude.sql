-- What the expected figures of test_tryton.py are made of, on Tryton's own tables and in its own
-- terms. The test makes the table clock(as_of) first. Places are in Europe/Brussels.
create function pg_temp.local_day(at timestamp) returns date as
    $$ select (at at time zone 'UTC' at time zone 'Europe/Brussels')::date $$ language sql;
create function pg_temp.today() returns date as
    $$ select pg_temp.local_day(as_of) from clock $$ language sql;

-- In the product's own unit, from the unit of the move: how Tryton fills internal_quantity.
create temp view moved as
select m.*, f.type as source, t.type as target, 'tryton-site' || m.company as site,
    (case when u.rate::text not like '%.%' then m.quantity / u.rate else m.quantity * u.factor end
        / b.factor)::numeric(18, 6) as base_qty
from stock_move m
join stock_location f on f.id = m.from_location join stock_location t on t.id = m.to_location
join product_uom u on u.id = m.unit
join product_product p on p.id = m.product join product_template e on e.id = p.template
join product_uom b on b.id = e.default_uom
where m.state = 'done' and m.effective_date <= pg_temp.today();

create temp view output as
select coalesce('tryton-wc' || p.work_center, m.site) as node, m.site, m.effective_date as day,
    p.id as production,
    case m.target when 'lost_found' then 0 else m.base_qty end as good,
    case m.target when 'lost_found' then m.base_qty else 0 end as scrap
from moved m join production p on p.id = m.production_output and p.product = m.product;

create temp view order_line as
select l.id, s.id as sale, 'tryton-site' || s.company as node, s.sale_date, l.quantity,
    s.shipping_date as promised,
    coalesce((
        select h.shipping_date from sale_sale__history h
        where h.id = s.id and h.state in ('confirmed', 'processing', 'done') order by h.__id limit 1
    ), s.shipping_date) as first_promised
from sale_line l join sale_sale s on s.id = l.sale
join product_product p on p.id = l.product join product_template e on e.id = p.template
where l.type = 'line' and l.quantity > 0 and s.state in ('confirmed', 'processing', 'done')
    and e.type <> 'service';

create function pg_temp.shipped(line int, until date) returns numeric as
    $$ select coalesce(sum(quantity), 0)::numeric from moved
       where origin = 'sale.line,' || line and target = 'customer' and effective_date <= until $$
    language sql;

create temp view first_shipment as
select s.id as sale, s.company, min(m.effective_date) as day
from sale_sale s join sale_line l on l.sale = s.id
join moved m on m.origin = 'sale.line,' || l.id and m.target = 'customer'
where s.state in ('confirmed', 'processing', 'done')
group by s.id;

create temp view posted as
select l.id, m.date as day, 'tryton-site' || m.company as node, l.debit - l.credit as balance,
    y.receivable, y.payable, y.revenue and j.type <> 'situation' as revenue
from account_move_line l join account_move m on m.id = l.move
join account_account a on a.id = l.account join account_account_type y on y.id = a.type
join account_journal j on j.id = m.journal
where m.state = 'posted' and m.date <= pg_temp.today();

-- No stock move is posted to the ledger here, so what was sold costs what its move says.
create temp view cost_of_sales as
select m.site as node, m.effective_date as day,
    m.base_qty * m.cost_price * case m.target when 'customer' then 1 else -1 end as cost
from moved m join product_product p on p.id = m.product join product_template e on e.id = p.template
where (m.target = 'customer') <> (m.source = 'customer') and e.type = 'goods';

create temp view calendar as
select day::date as day from generate_series('2026-01-01', pg_temp.today(), interval '1 day') as day;

create temp view stock as
select c.day, 'tryton-site' || m.company as node, m.product,
    sum(case when m.target = 'storage' then m.base_qty else 0 end
        - case when m.source = 'storage' then m.base_qty else 0 end) as qty
from calendar c join moved m on m.effective_date <= c.day
group by 1, 2, 3;

-- Tryton keeps every version of a cost; before the first one that one holds.
create function pg_temp.cost(item int, at date) returns numeric as
    $$ select coalesce((
        select cost_price from product_cost_price__history
        where product = item and pg_temp.local_day(coalesce(write_date, create_date)) <= at
        order by __id desc limit 1
    ), (
        select cost_price from product_cost_price__history where product = item order by __id limit 1
    )) $$ language sql;

create temp view inventory as
select node, day, qty * pg_temp.cost(product, day) as value from stock;

create temp view people_day as
select 'tryton-site' || e.company as node, c.day
from company_employee e join calendar c
    on c.day >= coalesce(e.start_date, c.day) and c.day <= coalesce(e.end_date, c.day);

-- A weekday on which an employee who clocks in did not, while at least half did.
create temp view absent as
select 'tryton-site' || e.company as node, d.date as day
from (select distinct company, date from attendance_line where type = 'in' and extract(isodow from date) < 6) d
join company_employee e on e.company = d.company and d.date >= coalesce(e.start_date, d.date)
    and d.date <= coalesce(e.end_date, d.date)
where d.date >= (select min(date) from attendance_line a where a.employee = e.id and a.type = 'in')
    and not exists (
        select from attendance_line a where a.employee = e.id and a.date = d.date and a.type = 'in')
    and 2 * (select count(distinct employee) from attendance_line a
             where a.company = d.company and a.date = d.date and a.type = 'in')
        >= (select count(*) from company_employee c
            where c.company = d.company and d.date >= coalesce(c.start_date, d.date)
                and d.date <= coalesce(c.end_date, d.date)
                and d.date >= (select min(date) from attendance_line a
                               where a.employee = c.id and a.type = 'in'));

-- Training and absence are events: they begin with the first of either.
create temp view people_recorded as
select least((
    select min(l.date) from timesheet_line l join timesheet_work w on w.id = l.work
    where w.name ilike '%training%'
), (select min(day) from absent)) as first_day;
