-- Hours between an arrival and the departure that follows it, by day of arrival. Tryton plans no hours
-- per employee.
with stamps as (
    select
        a.*,
        lead(a.at) over (partition by a._source, a.employee order by a.at, a.id) as next_at,
        lead(a.type) over (partition by a._source, a.employee order by a.at, a.id) as next_type
    from {{ landed('tryton74', 'attendance_line') }} as a
),

days as (
    select
        s._source, s.employee, s.date,
        cast(sum({{ seconds_between('s.at', 's.next_at') }}) / 3600 as decimal(18,6)) as hours_worked,
        max({{ tryton74_changed_at('s') }}) as changed_at,
        max(s._batch) as _batch,
        max(s._extracted_at) as _extracted_at
    from stamps as s
    where s.type = 'in' and s.next_type = 'out'
    group by s._source, s.employee, s.date
),

mapped as (
    select
        'attendance-' || d.employee || '-' || d.date as work_time_id,
        {{ source_code('d', 'e', 'd.employee') }} as emp_no,
        null as site_code,
        d.date as work_date,
        null as hours_scheduled,
        d.hours_worked,
        {{ lineage('d', pk="d.employee || '/' || d.date", changed_at='d.changed_at') }}
    from days as d
)

select {{ canonical_columns('hr_work_time') }} from mapped
