-- Finished attendances by day of arrival, without lunch as Odoo counts it. Odoo plans hours only as
-- calendars, so none are scheduled here.
with days as (
    select
        a._source,
        a.employee_id,
        {{ odoo17_local_date('a.check_in', 'a') }} as work_date,
        sum(cast(a.worked_hours as decimal(18,6))) as hours_worked,
        max(a.write_date) as write_date,
        max(a._batch) as _batch,
        max(a._extracted_at) as _extracted_at
    from {{ landed('odoo17', 'hr_attendance') }} as a
    where a.check_out is not null
    group by 1, 2, 3
),

mapped as (
    select
        d.employee_id || '/' || d.work_date as work_time_id,
        {{ source_code('d', 'e', 'd.employee_id') }} as emp_no,
        null as site_code,
        d.work_date,
        null as hours_scheduled,
        d.hours_worked,
        {{ lineage('d', pk="d.employee_id || '/' || d.work_date", changed_at='d.write_date') }}
    from days as d
)

select {{ canonical_columns('hr_work_time') }} from mapped
