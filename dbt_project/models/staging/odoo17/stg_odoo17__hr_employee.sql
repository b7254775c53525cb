-- People by number. The first day comes from contracts where that module is installed. Odoo stores
-- the last day at work; who was archived without one left on the day of that change. Part time is
-- the weekly hours of the own calendar against the company's.
with weekly_hours as (
    select
        a._source,
        a.calendar_id,
        sum(case when a.week_type is null then 2 else 1 end * (a.hour_to - a.hour_from)) / 2 as hours
    from {{ landed('odoo17', 'resource_calendar_attendance') }} as a
    where a.resource_id is null and a.display_type is null
        and coalesce(a.day_period, '') <> 'lunch' and a.date_to is null
    group by a._source, a.calendar_id
),

first_contract as (
    select _source, employee_id, min(date_start) as hired_on
    from {{ landed('odoo17', 'hr_contract') }}
    where state <> 'cancel'
    group by _source, employee_id
),

mapped as (
    select
        {{ source_code('e', 'e', 'e.id') }} as emp_no,
        {{ odoo17_name('d.name') }} as department,
        {{ odoo17_site('e') }} as site_code,
        f.hired_on,
        case
            when e.departure_date is not null then {{ add_interval('e.departure_date', 1, 'day') }}
            when not e.active then {{ odoo17_local_date('e.write_date', 'e') }}
        end as left_on,
        case
            when e.departure_date is not null then
                case r.reason_code
                    when 340 then 'retirement'
                    when 342 then 'involuntary'
                    when 343 then 'voluntary'
                    else 'other'
                end
        end as leave_kind,
        coalesce(own.hours / nullif(company.hours, 0), 1) as fte,
        {{ lineage('e', pk='e.id', changed_at='e.write_date') }}
    from {{ landed('odoo17', 'hr_employee') }} as e
    inner join {{ landed('odoo17', 'res_company') }} as c
        on e._source = c._source and e.company_id = c.id
    left join {{ landed('odoo17', 'hr_department') }} as d
        on e._source = d._source and e.department_id = d.id
    left join {{ landed('odoo17', 'hr_departure_reason') }} as r
        on e._source = r._source and e.departure_reason_id = r.id
    left join first_contract as f
        on e._source = f._source and e.id = f.employee_id
    left join weekly_hours as own
        on e._source = own._source and e.resource_calendar_id = own.calendar_id
    left join weekly_hours as company
        on c._source = company._source and c.resource_calendar_id = company.calendar_id
)

select {{ canonical_columns('hr_employee') }} from mapped
