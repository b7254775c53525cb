-- Weekly patterns of a line, or of every line where none is named. Days are numbers from 1, Monday, to 7
-- or 0, Sunday. Who made or switched off a pattern did not say since when: one that is off has no
-- shifts at all, and one that is on always had them.
with patterns as (
    select
        s.*,
        l.node_code as equipment_code,
        ',' || replace(replace(replace(replace(s.days_of_week, '[', ''), ']', ''), '"', ''), ' ', '') || ',' as days
    from {{ landed('openmes', 'shifts') }} as s
    inner join {{ openmes_node() }} as l
        on s._source = l._source and l.kind = 'line' and (s.line_id is null or s.line_id = l.id)
    where s.is_active and s.deleted_at is null and l.deleted_at is null
),

weekly as (
    select
        p.*,
        concat(
            {%- for day in range(1, 8) %}
            case when p.days like '%,{{ day }},%' {{ "or p.days like '%,0,%' " if day == 7 }}then '{{ day }}' else '' end{{ ',' if not loop.last }}
            {%- endfor %}
        ) as weekdays
    from patterns as p
),

mapped as (
    select
        w.equipment_code,
        coalesce(nullif(w.code, ''), w.name) as shift_code,
        date '1900-01-01' as valid_from,
        null as valid_to,
        w.weekdays,
        substr(cast(w.start_time as varchar), 1, 8) as start_time,
        substr(cast(w.end_time as varchar), 1, 8) as end_time,
        null as planned_break_min,
        {{ lineage('w', pk="w.id || '/' || w.equipment_code", changed_at='w.updated_at') }}
    from weekly as w
    where w.weekdays <> ''
)

select {{ canonical_columns('mes_shift_pattern') }} from mapped
