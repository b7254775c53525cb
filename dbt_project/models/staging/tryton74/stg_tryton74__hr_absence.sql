-- Tryton has no leave: an absence is a weekday on which an employee who clocks in did not, while at
-- least half of those who clock in did (else it was a holiday). Whether it was planned is not known.
with arrivals as (
    select distinct a._source, a.company, a.employee, a.date
    from {{ landed('tryton74', 'attendance_line') }} as a
    where a.type = 'in'
),

work_days as (
    select
        _source, company, date,
        count(*) as present
    from arrivals
    where extract(isodow from date) < 6
    group by _source, company, date
),

clocking as (
    select _source, company, employee, min(date) as first_day
    from arrivals
    group by _source, company, employee
),

expected as (
    select
        d._source, d.company, d.date, d.present, e.id as employee, e._batch, e._extracted_at,
        {{ tryton74_changed_at('e') }} as changed_at,
        count(*) over (partition by d._source, d.company, d.date) as employed
    from work_days as d
    inner join clocking as k
        on d._source = k._source and d.company = k.company and k.first_day <= d.date
    inner join {{ landed('tryton74', 'company_employee') }} as e
        on k._source = e._source and k.employee = e.id
        and (e.start_date is null or e.start_date <= d.date)
        and (e.end_date is null or d.date <= e.end_date)
),

mapped as (
    select
        'absence-' || x.employee || '-' || x.date as absence_id,
        {{ source_code('x', 'e', 'x.employee') }} as emp_no,
        x.date as start_date,
        x.date as end_date,
        1 as days,
        'other' as kind,
        {{ lineage('x', pk="x.employee || '/' || x.date", changed_at='x.changed_at') }}
    from expected as x
    left join arrivals as a
        on x._source = a._source and x.employee = a.employee and x.date = a.date
    where a.employee is null and x.present * 2 >= x.employed
)

select {{ canonical_columns('hr_absence') }} from mapped
