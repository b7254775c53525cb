-- What the expected figures of test_openmes.py are made of, on OpenMES's own tables and in its own
-- terms. The test makes the table clock(as_of) first. The plant is in Europe/Warsaw.
create function pg_temp.local_day(at timestamp) returns date as
    $$ select (at at time zone 'UTC' at time zone 'Europe/Warsaw')::date $$ language sql;
create function pg_temp.utc(local timestamp) returns timestamp as
    $$ select local at time zone 'Europe/Warsaw' at time zone 'UTC' $$ language sql;
create function pg_temp.seconds(spans tsmultirange) returns numeric as
    $$ select coalesce(sum(extract(epoch from upper(s) - lower(s))), 0) from unnest(spans) as s $$
    language sql;

create temp view place as
select 'line' as kind, id, id as line_id, code from lines
union all
select 'workstation', id, line_id, code from workstations;

-- every entry about a node: from when, until when at most, and what it says
create temp view entry as
select coalesce(w.code, l.code) as node, d.started_at, d.ended_at,
    case r.kind when 'planned' then 'planned' when 'changeover' then 'setup' else 'stop' end as kind
from production_downtimes d join downtime_reasons r on r.id = d.downtime_reason_id
join lines l on l.id = d.line_id left join workstations w on w.id = d.workstation_id
union all
select w.code, coalesce(d.ended_at, s.started_at), s.ended_at,
    case s.state when 'RUNNING' then 'run' when 'SETUP' then 'setup' when 'CLEANING' then 'planned' else 'stop' end
from workstation_states s join workstations w on w.id = s.workstation_id
left join production_downtimes d on d.workstation_id = s.workstation_id and d.started_at = s.started_at
where d.id is null or d.ended_at < s.ended_at
union all
select coalesce(w.code, l.code), b.started_at,
    least(b.completed_at, (select min(s.started_at) from workstation_states s where s.workstation_id = w.id)),
    'run'
from batches b join work_orders o on o.id = b.work_order_id
left join lines l on l.id = o.line_id left join workstations w on w.id = b.workstation_id
where b.deleted_at is null and b.started_at is not null and (b.completed_at is not null or b.status = 'IN_PROGRESS')
    and not exists (select 1 from workstation_states s where s.workstation_id = w.id and s.started_at <= b.started_at);

create temp table log as
select e.node, e.kind, tsrange(e.started_at, least(coalesce(
    e.ended_at, (select min(n.started_at) from entry n where n.node = e.node and n.started_at > e.started_at), as_of
), as_of)) as span
from entry e, clock
where e.started_at < as_of and coalesce(e.ended_at, as_of) > e.started_at;

create temp view shift_instance as
select p.code as node, d::date as day,
    tsrange(pg_temp.utc(d + s.start_time),
            pg_temp.utc(d + s.end_time + case when s.end_time <= s.start_time then interval '1 day' else '0' end)) as span
from shifts s join place p on p.line_id = s.line_id or s.line_id is null, clock,
    generate_series(timestamp '2026-11-16', as_of, interval '1 day') as d
where s.is_active and s.deleted_at is null
    and s.days_of_week::jsonb @> to_jsonb(extract(isodow from d)::int);

create temp table node_day as
with kinds as (
    select node,
        coalesce(range_agg(span) filter (where kind = 'stop'), '{}') as stop,
        coalesce(range_agg(span) filter (where kind = 'setup'), '{}') as setup,
        coalesce(range_agg(span) filter (where kind = 'planned'), '{}') as planned,
        coalesce(range_agg(span) filter (where kind = 'run'), '{}') as run,
        min(lower(span)) as first_at
    from log group by node
), exclusive as (
    select node, first_at, stop, setup - stop as setup, planned - setup - stop as planned,
        run - planned - setup - stop as run
    from kinds
), shifts as (
    select node, range_agg(span) as spans from shift_instance group by node
), days as (
    select e.*, day::date as day,
        coalesce((select range_agg(i.span) from shift_instance i where i.node = e.node and i.day = d.day::date), '{}') as in_shift,
        tsmultirange(tsrange(pg_temp.utc(day), pg_temp.utc(day + interval '1 day'))) - s.spans as off_shift
    from exclusive e join shifts s on s.node = e.node, clock,
        generate_series(timestamp '2026-11-16', as_of + interval '1 day', interval '1 day') as d (day)
)
select node, day,
    pg_temp.seconds(run * (in_shift + off_shift)) as run,
    pg_temp.seconds(setup * (in_shift + off_shift)) as setup,
    pg_temp.seconds(stop * in_shift) as stop,
    -- scheduled time since the first entry, and what is known of it
    pg_temp.seconds(in_shift * tsmultirange(tsrange(first_at, as_of))) as scheduled,
    pg_temp.seconds(in_shift * (run + setup + planned + stop)) as known,
    -- the whole day, of which a night shift is part that began on it, and what was seen of it
    pg_temp.seconds((in_shift + off_shift) * tsmultirange(tsrange('-infinity', as_of))) as calendar,
    pg_temp.seconds((in_shift + off_shift) * (run + setup + planned + stop)) as seen
from days, clock;

create temp table output as
select coalesce(w.code, l.code) as node,
    coalesce(
        (select i.day from shift_instance i
         where i.node = coalesce(w.code, l.code) and i.span @> coalesce(b.completed_at, b.updated_at)),
        pg_temp.local_day(coalesce(b.completed_at, b.updated_at))
    ) as day,
    o.id as work_order_id, b.produced_qty as total, coalesce(b.scrap_qty, 0) as scrap,
    3600 / w.ideal_rate_per_hour as pri
from batches b join work_orders o on o.id = b.work_order_id
left join lines l on l.id = o.line_id left join workstations w on w.id = b.workstation_id, clock
where b.deleted_at is null and o.deleted_at is null and b.produced_qty <> 0
    and coalesce(b.completed_at, b.updated_at) <= as_of;

-- days of a node of which some output has no planned time, and all of a node that knows none at all
create temp view unrated as
select node, day from output where pri is null and total <> 0
union
select node, day
from (select node from output group by node having count(pri) = 0) as never
cross join (select day from node_day union select day from output) as days;

create temp view calendar_day as
select node, day, calendar from node_day as d
where day >= (select min(day) from node_day n where n.node = d.node and n.seen > 0);

create temp view due_order as
select l.code as node, pg_temp.local_day(o.due_date) as day, o.*
from work_orders o left join lines l on l.id = o.line_id, clock
where o.deleted_at is null and o.status not in ('PENDING', 'REJECTED', 'CANCELLED')
    and pg_temp.local_day(o.due_date) <= pg_temp.local_day(as_of);

create temp view finished_order as
select l.code as node, pg_temp.local_day(o.completed_at) as day, o.id,
    extract(epoch from o.completed_at - (select min(b.started_at) from batches b
        where b.work_order_id = o.id and b.deleted_at is null)) / 3600 as hours
from work_orders o left join lines l on l.id = o.line_id, clock
where o.deleted_at is null and o.status = 'DONE' and o.completed_at <= as_of;

create temp view activity as
select a.*, pg_temp.local_day(starts_at) as day from employee_activities a, clock
where deleted_at is null and type not in ('break', 'rest', 'travel', 'off') and ends_at <= as_of;
