-- What the expected figures of test_odoo.py are made of, on Odoo's own tables and in its own terms.
-- The test makes the table clock(as_of) first. Places are in Europe/Brussels.
create function pg_temp.local_day(at timestamp) returns date as
    $$ select (at at time zone 'UTC' at time zone 'Europe/Brussels')::date $$ language sql;
create function pg_temp.span(day date) returns tsrange as
    $$ select tsrange(day::timestamp at time zone 'Europe/Brussels' at time zone 'UTC',
                      (day + 1)::timestamp at time zone 'Europe/Brussels' at time zone 'UTC') $$
    language sql;
create function pg_temp.seconds(spans tsmultirange) returns numeric as
    $$ select coalesce(sum(extract(epoch from upper(s) - lower(s))), 0) from unnest(spans) as s $$
    language sql;
create function pg_temp.base(qty numeric, uom int, product int) returns numeric as
    $$ select round(qty / u.factor * b.factor, 6)
       from product_product p join product_template t on t.id = p.product_tmpl_id
       join uom_uom b on b.id = t.uom_id, uom_uom u
       where p.id = product and u.id = uom $$ language sql;

create temp view machine_day as
with log as (
    select p.workcenter_id, tsrange(p.date_start, least(coalesce(p.date_end, as_of), as_of)) as span,
        case when p.loss_type in ('productive', 'performance') then 'run'
             when l.name ->> 'en_US' = 'Setup and Adjustments' then 'setup' else 'stop' end as kind
    from mrp_workcenter_productivity p join mrp_workcenter_productivity_loss l on l.id = p.loss_id, clock
    where p.date_start < least(coalesce(p.date_end, as_of), as_of)
), kinds as (
    select workcenter_id,
        coalesce(range_agg(span) filter (where kind = 'run'), '{}') as run,
        coalesce(range_agg(span) filter (where kind = 'setup'), '{}') as setup,
        coalesce(range_agg(span) filter (where kind = 'stop'), '{}') as stop
    from log group by 1
), exclusive as (
    select workcenter_id, stop, setup - stop as setup, run - setup - stop as run from kinds
)
select 'odoo-wc' || workcenter_id as node, day::date as day,
    pg_temp.seconds(run * pg_temp.span(day::date)::tsmultirange) as run,
    pg_temp.seconds(setup * pg_temp.span(day::date)::tsmultirange) as setup,
    pg_temp.seconds(stop * pg_temp.span(day::date)::tsmultirange) as stop
from exclusive, clock, generate_series('2026-01-01', as_of, interval '1 day') as day;

create temp view operation as
select w.*, 'odoo-wc' || w.workcenter_id as node, r.time_cycle_manual::numeric * 60 as pri,
    w.state <> 'cancel' and w.id = max(w.id) filter (where w.state <> 'cancel')
        over (partition by w.production_id) as is_last
from mrp_workorder w join mrp_routing_workcenter r on r.id = w.operation_id;

create temp view output as
select w.node, pg_temp.local_day(w.date_finished) as day, w.date_finished as at, w.pri,
    w.qty_produced as good, 0 as scrap, false as is_last
from operation w where w.state = 'done' and not w.is_last
union all
select coalesce(w.node, 'odoo-site' || p.company_id), pg_temp.local_day(m.date), m.date, w.pri, m.quantity, 0, true
from stock_move m join mrp_production p on p.id = m.production_id and p.product_id = m.product_id
left join operation w on w.production_id = p.id and w.is_last
where m.state = 'done' and not m.scrapped
union all
select coalesce(w.node, 'odoo-site' || p.company_id), pg_temp.local_day(s.date_done), s.date_done, w.pri,
    0, s.scrap_qty, true
from stock_scrap s join mrp_production p on p.id = s.production_id and p.product_id = s.product_id
left join operation w on w.production_id = p.id and w.is_last
where s.state = 'done';

create temp view production as
select regexp_replace(p.name, case when p.backorder_sequence > 0 then '-\d+$' else '$^' end, '') as root,
    p.*,
    (select coalesce(sum(m.quantity), 0) from stock_move m, clock
     where m.production_id = p.id and m.product_id = p.product_id and m.state = 'done'
       and not m.scrapped and m.date <= as_of) as good
from mrp_production p;

create temp view shipment as
select m.id, m.sale_line_id, pg_temp.local_day(m.date) as day, m.company_id,
    pg_temp.base(m.quantity, m.product_uom, m.product_id) as qty, f.usage = 'customer' as is_return
from stock_move m join stock_location f on f.id = m.location_id
join stock_location t on t.id = m.location_dest_id, clock
where m.state = 'done' and m.sale_line_id is not null and 'customer' in (f.usage, t.usage)
    and pg_temp.local_day(m.date) <= pg_temp.local_day(as_of);

create temp view order_line as
select l.id, 'odoo-site' || o.company_id as node, pg_temp.local_day(o.commitment_date) as promised,
    pg_temp.base(l.product_uom_qty, l.product_uom, l.product_id) as ordered,
    (select sum(qty) from shipment s where s.sale_line_id = l.id and not s.is_return
       and s.day <= pg_temp.local_day(o.commitment_date)) as in_time
from sale_order_line l join sale_order o on o.id = l.order_id
join product_product p on p.id = l.product_id join product_template t on t.id = p.product_tmpl_id, clock
where o.state = 'sale' and t.type <> 'service' and l.display_type is null and l.product_uom_qty > 0
    and pg_temp.local_day(o.commitment_date) <= pg_temp.local_day(as_of) and o.date_order <= as_of;

create temp view cost_of_sales as
select pg_temp.local_day(m.date) as day, v.company_id, v.value
from stock_valuation_layer v join stock_move m on m.id = v.stock_move_id
join stock_location f on f.id = m.location_id join stock_location t on t.id = m.location_dest_id
where (f.usage = 'customer') <> (t.usage = 'customer');
