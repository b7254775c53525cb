-- Each statement sets a trap that a real Odoo database holds sooner or later.
update product_product set write_date = null;
update mrp_workcenter_productivity set write_date = null where id % 3 = 0;
update account_move_line set write_date = null;
update product_template set name = '{"fr_FR": "Équerre \"A\"", "en_US": "Bracket \"A\""}'
    where id = 53;
update product_product set default_code = 'TWICE' where id in (61, 62);
update res_partner set is_company = false, ref = 'P-8' where id = 13;
update res_partner set commercial_company_name = null where commercial_partner_id = 13;
update mrp_production set state = 'cancel' where name = 'WH/MO/00042-002';
update hr_leave set state = 'refuse' where id = 2;
update hr_leave set state = 'validate' where id = 6;

-- a line sold by the dozen, promised and delivered in units
update sale_order_line set product_uom = 2, product_uom_qty = 1
    where id = (select l.id from sale_order_line l join sale_order o on o.id = l.order_id
                where o.name = 'S00030' order by l.id limit 1);
update stock_move set quantity = 12 where sale_line_id = (
    select l.id from sale_order_line l join sale_order o on o.id = l.order_id
    where o.name = 'S00030' order by l.id limit 1);

-- two work orders that start at one instant on one work centre, and a log that is still open
insert into mrp_workcenter_productivity
    (workcenter_id, company_id, loss_id, loss_type, date_start, date_end, duration)
select workcenter_id, 1, 1, 'availability', date_start, date_start + interval '90 seconds', 0
from mrp_workcenter_productivity where loss_type = 'productive' and duration > 10
order by id limit 3;
insert into mrp_workcenter_productivity
    (workcenter_id, company_id, loss_id, loss_type, date_start, duration)
select 1, 1, 7, 'productive', max(date_end), 0
from mrp_workcenter_productivity where workcenter_id = 1 and date_end < now();

-- a work centre with a shift plan of its own: nights over the end of daylight saving, with a break
insert into resource_calendar (id, name, tz, company_id, active) values (90, 'Nights', 'Europe/Brussels', 1, true);
insert into resource_calendar_attendance (calendar_id, name, dayofweek, day_period, hour_from, hour_to)
values (90, 'Saturday', '5', 'afternoon', 22, 24), (90, 'Sunday', '6', 'morning', 0, 1),
    (90, 'Sunday', '6', 'lunch', 1, 1.5), (90, 'Sunday', '6', 'morning', 1.5, 6);
insert into mrp_workcenter (id, name, company_id, resource_id, resource_calendar_id, sequence, active,
    costs_hour)
values (4, 'Night cell', 1, (select resource_id from mrp_workcenter where id = 1), 90, 1, true, 42);

-- the plant is closed on one of these nights; a person's leave on another closes nothing
insert into resource_calendar_leaves (name, calendar_id, company_id, resource_id, time_type, date_from, date_to)
values ('Closed', 90, 1, null, 'leave', '2026-10-10 00:00', '2026-10-11 12:00'),
    ('Holiday', 90, 1, (select resource_id from hr_employee order by id limit 1), 'leave', '2026-10-17 00:00', '2026-10-18 12:00');
