-- Shifts of work centres that have a calendar of their own, from the day before the first time log to
-- the day of extraction. A work centre with its company's default calendar has no shift plan: Odoo sets
-- the office hours there by itself. Patterns are hours of the local day; a piece that touches a lunch
-- break, or goes on after midnight, belongs to the shift before it. A closed day has no shift.
with work_centers as (
    select
        w._source, w.equipment_code, c.id as calendar_id, c.company_id, c.tz,
        c.two_weeks_calendar, c.write_date, c._batch, c._extracted_at
    from {{ odoo17_workcenter() }} as w
    inner join {{ landed('odoo17', 'res_company') }} as o
        on w._source = o._source and w.company_id = o.id
    inner join {{ landed('odoo17', 'resource_calendar') }} as c
        on w._source = c._source and w.resource_calendar_id = c.id
    where w.resource_calendar_id <> coalesce(o.resource_calendar_id, 0)
),

logs as (
    select _source, date_start as ts from {{ landed('odoo17', 'mrp_workcenter_productivity') }}
    union all
    select _source, max(_extracted_at) as ts from {{ landed('odoo17', 'mrp_workcenter_productivity') }}
    group by _source
),

weekdays as (
    -- 1900-01-01 was a Monday in a week of Odoo's type 1.
    select
        d.*,
        mod(cast(floor({{ days_between("date '1900-01-01'", 'd.day') }} / 7) as bigint) + 1, 2) as week_type
    from {{ pattern_days('logs') }} as d
),

patterns as (
    select
        a.*,
        cast(round(a.hour_from * 3600) as bigint) as second_from,
        cast(round(a.hour_to * 3600) as bigint) as second_to
    from {{ landed('odoo17', 'resource_calendar_attendance') }} as a
),

pieces as (
    select
        w.*,
        a.day_period = 'lunch' as is_lunch,
        a.hour_from,
        {{ add_interval('cast(d.day as timestamp)', 'a.second_from', 'second') }} as local_start,
        {{ add_interval('cast(d.day as timestamp)', 'a.second_to', 'second') }} as local_end
    from work_centers as w
    inner join patterns as a
        on w._source = a._source and w.calendar_id = a.calendar_id and a.resource_id is null
    inner join weekdays as d
        on w._source = d._source and cast(a.dayofweek as integer) = d.day_of_week
    where a.display_type is null
        and (a.date_from is null or d.day >= a.date_from)
        and (a.date_to is null or d.day <= a.date_to)
        and (not coalesce(w.two_weeks_calendar, false) or cast(a.week_type as integer) = d.week_type)
        and a.hour_to > a.hour_from
),

open_pieces as (
    select p.*
    from (
        select
            pieces.*,
            {{ to_utc('local_start', 'tz') }} as start_ts,
            {{ to_utc('local_end', 'tz') }} as end_ts
        from pieces
    ) as p
    where not exists (
        select 1
        from {{ landed('odoo17', 'resource_calendar_leaves') }} as l
        where l._source = p._source and l.resource_id is null and l.time_type = 'leave'
            and (l.calendar_id is null or l.calendar_id = p.calendar_id)
            and (l.company_id is null or l.company_id = p.company_id)
            and l.date_from <= p.start_ts and p.start_ts < l.date_to
    )
),

neighbours as (
    select
        o.*,
        lag(local_end) over (partition by _source, equipment_code order by local_start) as before_end,
        lag(is_lunch) over (partition by _source, equipment_code order by local_start) as before_lunch,
        lag(hour_from) over (partition by _source, equipment_code order by local_start) as before_from
    from open_pieces as o
),

numbered as (
    select
        n.*,
        sum(
            case
                when before_end = local_start
                    and (is_lunch or before_lunch or (hour_from = 0 and before_from > 0)) then 0
                else 1
            end
        ) over (partition by _source, equipment_code order by local_start) as shift_no
    from neighbours as n
),

shifts as (
    select
        _source, equipment_code, shift_no, calendar_id,
        min(start_ts) as start_ts,
        max(end_ts) as end_ts,
        min(local_start) as local_start,
        sum(case when is_lunch then {{ seconds_between('start_ts', 'end_ts') }} / 60 else 0 end) as break_min,
        sum(case when is_lunch then 0 else 1 end) as work_pieces,
        max(write_date) as write_date,
        max(_batch) as _batch,
        max(_extracted_at) as _extracted_at
    from numbered
    group by _source, equipment_code, shift_no, calendar_id
),

mapped as (
    select
        s.equipment_code,
        s.start_ts,
        s.end_ts,
        substr(cast(s.local_start as varchar), 12, 5) as shift_code,
        cast(s.local_start as date) as production_date,
        s.break_min as planned_break_min,
        {{ lineage('s', pk="'resource_calendar/' || s.calendar_id", changed_at='s.write_date') }}
    from shifts as s
    where s.work_pieces > 0
)

select {{ canonical_columns('mes_shift') }} from mapped
