-- grain: one row per observed node and slot; a node's slots follow each other without gap or overlap
-- not additive
-- A slot is a shift, or what lies between shifts cut at the local midnights of the node's zone. It
-- gives every instant its shift and its day: a shift is booked to its production date, all other
-- time to the local date. Slots reach from the first event of a node to the day after as_of. Where only
-- the clock moved, those of a few days before are made, too: what ends later is what lies in between.
{{ config(meta={'recompute': 'moves'}) }}
{%- set moved_from = clock_moved_from() %}
with observed as (
    select
        node.node_id,
        node.time_zone,
        greatest(
            cast({{ add_interval('greatest(event.first_day, first.day)', -1, 'day') }} as date)
            {%- if moved_from %},
            cast({{ add_interval(moved_from, -4, 'day') }} as date)
            {%- endif %}
        ) as first_day
    from {{ ref('observed_node') }} as event
    inner join {{ ref('dim_organization') }} as node on node.node_id = event.node_id
    cross join (select min(date_day) as day from {{ ref('dim_date') }}) as first
    where event.first_day is not null
),

zone as (
    select
        time_zone,
        min(first_day) as first_day,
        cast({{ add_interval(as_of_date(), 2, 'day') }} as date) as last_day
    from observed
    group by time_zone
),

day as (
    select
        zone.time_zone,
        cast({{ add_interval('zone.first_day', 'n.number', 'day') }} as date) as local_day
    from zone
    {{ lateral_integers('0', days_between('zone.first_day', 'zone.last_day'), 'n', 'number') }}
),

midnight as (
    select
        time_zone,
        local_day,
        {{ to_utc('local_day', 'time_zone') }} as ts
    from day
),

point as (
    select observed.node_id, midnight.ts, cast(null as varchar) as starting, 0 as ending
    from observed
    inner join midnight
        on midnight.time_zone = observed.time_zone and midnight.local_day >= observed.first_day

    union all

    select shift.node_id, shift.start_ts as ts, shift.shift_id as starting, 0 as ending
    from {{ ref('dim_shift') }} as shift
    inner join observed on observed.node_id = shift.node_id
    where cast(shift.end_ts as date) >= observed.first_day and shift.start_ts < {{ add_interval(as_of_date(), 2, 'day') }}

    union all

    select shift.node_id, shift.end_ts as ts, cast(null as varchar) as starting, 1 as ending
    from {{ ref('dim_shift') }} as shift
    inner join observed on observed.node_id = shift.node_id
    where cast(shift.end_ts as date) >= observed.first_day and shift.start_ts < {{ add_interval(as_of_date(), 2, 'day') }}
),

-- change: the shift that begins at this instant, '' where one ends and none begins, null at a mere midnight
instant as (
    select
        node_id,
        ts,
        coalesce(max(starting), case when max(ending) = 1 then '' end) as change
    from point
    group by node_id, ts
),

numbered as (
    select *, count(change) over (partition by node_id order by ts) as change_no
    from instant
),

current as (
    select
        *,
        max(change) over (partition by node_id, change_no) as shift_id
    from numbered
),

slot as (
    select
        node_id,
        ts as start_ts,
        lead(ts) over (partition by node_id order by ts) as end_ts,
        nullif(shift_id, '') as shift_id
    from current
    where change is not null or coalesce(shift_id, '') = ''
)

select
    slot.node_id,
    slot.start_ts,
    slot.end_ts,
    slot.shift_id,
    coalesce(shift.production_date, {{ local_date('slot.start_ts', 'node.time_zone') }}) as date_day,
    slot.shift_id is not null or manned.node_id is null as is_scheduled
from slot
inner join {{ ref('dim_organization') }} as node on node.node_id = slot.node_id
left join {{ ref('dim_shift') }} as shift on shift.shift_id = slot.shift_id
left join (select distinct node_id from {{ ref('dim_shift') }}) as manned on manned.node_id = slot.node_id
where slot.end_ts is not null
