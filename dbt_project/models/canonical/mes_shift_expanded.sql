-- grain: one row per node with patterns or exceptions of its own, and shift start
-- Shift patterns and the exceptions from them as shift instances, from the day before the first machine
-- event to the end of the year after the newest. A node's patterns are its own, else those of the
-- nearest node above that has some; its exceptions are those of all nodes from it upwards. Hours are
-- those of the clock of the plant: a night in which it goes back is an hour longer. A start that the
-- clock skips is an hour later, and of one that it shows twice the second counts.
with recursive above as (
    select equipment_code, equipment_code as ancestor_code, parent_code, time_zone, 0 as depth
    from {{ ref('mes_equipment') }}

    union all

    select above.equipment_code, parent.equipment_code, parent.parent_code, parent.time_zone, above.depth + 1
    from above
    inner join {{ ref('mes_equipment') }} as parent on parent.equipment_code = above.parent_code
    where above.depth < 100
),

zone as (
    select
        equipment_code,
        time_zone,
        row_number() over (partition by equipment_code order by depth) as nearness
    from above
    where time_zone is not null
),

pattern as (
    select * from {{ ref('mes_shift_pattern') }} where not is_deleted
),

exception as (
    select * from {{ ref('mes_calendar_exception') }} where not is_deleted
),

plan as (
    select
        above.equipment_code,
        above.ancestor_code as pattern_code,
        row_number() over (partition by above.equipment_code order by above.depth) as nearness
    from above
    inner join (select distinct equipment_code from pattern) as owner
        on owner.equipment_code = above.ancestor_code
    inner join (
        select equipment_code from pattern
        union
        select equipment_code from exception
    ) as planned on planned.equipment_code = above.equipment_code
),

event as (
    select cast(min(start_ts) as date) as first_day, cast(max(extracted_at) as date) as last_day
    from {{ ref('mes_equipment_state') }}
    union all
    select cast(min(counted_at) as date), cast(max(extracted_at) as date)
    from {{ ref('mes_production_count') }}
    union all
    select null, cast(max(extracted_at) as date) from pattern
),

span as (
    select
        -- a date more than ten years before is a typing error
        cast({{ add_interval('greatest(min(first_day), cast(' ~ add_interval('max(last_day)', -10, 'year') ~ ' as date))', -1, 'day') }} as date) as first_day,
        cast({{ add_interval(dbt.date_trunc('year', 'max(last_day)'), 2, 'year') }} as date) as end_day
    from event
),

day as (
    select
        cast({{ add_interval('span.first_day', 'n.number', 'day') }} as date) as day,
        span.end_day
    from span
    {{ lateral_integers('0', days_between('span.first_day', 'span.end_day'), 'n', 'number') }}
),

valid_pattern as (
    select
        plan.equipment_code,
        day.day,
        pattern.shift_code,
        pattern.weekdays,
        pattern.start_time,
        pattern.end_time,
        pattern.planned_break_min,
        pattern.source_system,
        pattern.source_pk,
        pattern.changed_at,
        pattern.extracted_at,
        pattern.batch_id,
        rank() over (
            partition by plan.equipment_code, pattern.shift_code, day.day order by pattern.valid_from desc
        ) as newness
    from plan
    inner join pattern on pattern.equipment_code = plan.pattern_code
    inner join day
        on day.day >= pattern.valid_from
        and day.day <= coalesce(pattern.valid_to, day.day)
        and day.day < day.end_day
    where plan.nearness = 1
),

valid_exception as (
    select
        plan.equipment_code,
        exception.exception_date as day,
        exception.shift_code,
        exception.start_time,
        exception.end_time,
        exception.planned_break_min,
        exception.source_system,
        exception.source_pk,
        exception.changed_at,
        exception.extracted_at,
        exception.batch_id,
        above.depth
    from plan
    inner join above on above.equipment_code = plan.equipment_code
    inner join exception on exception.equipment_code = above.ancestor_code
    inner join day on day.day = exception.exception_date and day.day < day.end_day
    where plan.nearness = 1
),

planned as (
    select
        equipment_code, day, shift_code, start_time, end_time, planned_break_min,
        source_system, source_pk, changed_at, extracted_at, batch_id
    from valid_pattern
    where
        newness = 1
        and weekdays like concat('%', cast(mod({{ days_between("date '1900-01-01'", 'day') }}, 7) + 1 as varchar), '%')
        and not exists (
            select 1 from valid_exception
            where
                valid_exception.equipment_code = valid_pattern.equipment_code
                and valid_exception.day = valid_pattern.day
                and coalesce(valid_exception.shift_code, valid_pattern.shift_code) = valid_pattern.shift_code
        )

    union all

    select
        equipment_code, day, shift_code, start_time, end_time, planned_break_min,
        source_system, source_pk, changed_at, extracted_at, batch_id
    from valid_exception
    where
        shift_code is not null
        and start_time is not null
        and end_time is not null
        and not exists (
            select 1 from valid_exception as nearer
            where
                nearer.equipment_code = valid_exception.equipment_code
                and nearer.day = valid_exception.day
                and nearer.depth < valid_exception.depth
                and coalesce(nearer.shift_code, valid_exception.shift_code) = valid_exception.shift_code
        )
),

timed as (
    select
        planned.*,
        coalesce(zone.time_zone, '{{ var('enterprise').time_zone }}') as time_zone,
        {{ seconds_of_day("concat(planned.start_time, ':00')") }} as start_second,
        {{ seconds_of_day("concat(planned.end_time, ':00')") }} as end_second
    from planned
    left join zone on zone.equipment_code = planned.equipment_code and zone.nearness = 1
),

instance as (
    select
        equipment_code,
        {{ to_utc(add_interval('cast(day as timestamp)', 'start_second', 'second'), 'time_zone') }} as start_ts,
        {{ to_utc(
            add_interval(
                'cast(day as timestamp)',
                'case when end_second > start_second then end_second else end_second + 86400 end',
                'second'
            ),
            'time_zone'
        ) }} as end_ts,
        shift_code,
        day as production_date,
        planned_break_min,
        source_system,
        concat(source_pk, '|', cast(day as varchar)) as source_pk,
        changed_at,
        false as is_deleted,
        extracted_at,
        batch_id
    from timed
),

first_of_start as (
    select
        *,
        row_number() over (
            partition by equipment_code, start_ts, source_system order by end_ts desc, shift_code, source_pk
        ) as place
    from instance
)

select
    equipment_code,
    cast(start_ts as timestamp) as start_ts,
    cast(end_ts as timestamp) as end_ts,
    shift_code,
    production_date,
    cast(planned_break_min as decimal(18,6)) as planned_break_min,
    source_system,
    source_pk,
    changed_at,
    is_deleted,
    extracted_at,
    batch_id
from first_of_start
where place = 1
