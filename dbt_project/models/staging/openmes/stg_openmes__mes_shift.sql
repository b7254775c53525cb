-- Weekly patterns of a line, or of every line where none is named, expanded to shifts in the zone of
-- the line's site. A shift that ends when or before it starts ends on the next day. Who switched a
-- pattern off did not say since when, so it has no shifts at all.
with patterns as (
    select
        s.*,
        l.node_code as equipment_code,
        l.time_zone,
        {{ seconds_of_day('s.start_time') }} as start_second,
        {{ seconds_of_day('s.end_time') }} as end_second,
        ',' || replace(replace(replace(replace(s.days_of_week, '[', ''), ']', ''), '"', ''), ' ', '') || ',' as days
    from {{ landed('openmes', 'shifts') }} as s
    inner join {{ openmes_node() }} as l
        on s._source = l._source and l.kind = 'line' and (s.line_id is null or s.line_id = l.id)
    where s.is_active and s.deleted_at is null and l.deleted_at is null
),

events as (
    select _source, started_at as ts from {{ landed('openmes', 'production_downtimes') }}
    union all
    select _source, started_at as ts from {{ landed('openmes', 'workstation_states') }}
    union all
    select _source, started_at as ts from {{ landed('openmes', 'batches') }}
    union all
    select _source, max(_extracted_at) as ts from {{ landed('openmes', 'batches') }}
    group by _source
),

shifts as (
    select
        p.*,
        d.day,
        {{ add_interval('cast(d.day as timestamp)', 'p.start_second', 'second') }} as local_start,
        {{ add_interval(
            'cast(d.day as timestamp)',
            'case when p.end_second > p.start_second then p.end_second else p.end_second + 86400 end',
            'second'
        ) }} as local_end
    from patterns as p
    inner join {{ pattern_days('events') }} as d
        on p._source = d._source
        and (
            p.days like '%,' || cast(d.day_of_week + 1 as varchar) || ',%'
            or (d.day_of_week = 6 and p.days like '%,0,%')
        )
),

mapped as (
    select
        s.equipment_code,
        {{ to_utc('s.local_start', 's.time_zone') }} as start_ts,
        {{ to_utc('s.local_end', 's.time_zone') }} as end_ts,
        coalesce(nullif(s.code, ''), s.name) as shift_code,
        s.day as production_date,
        null as planned_break_min,
        {{ lineage('s', pk="s.id || '/' || s.equipment_code || '/' || s.day", changed_at='s.updated_at') }}
    from shifts as s
)

select {{ canonical_columns('mes_shift') }} from mapped
