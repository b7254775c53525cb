-- grain: one row per employee and day, or per site and day where people are not recorded one by one
-- additive: hours_scheduled, hours_worked
select
    worked.emp_no,
    {{ node_or_enterprise('site.node_id') }} as node_id,
    worked.work_date as date_day,
    worked.hours_scheduled,
    worked.hours_worked,
    worked.source_system,
    worked.source_pk,
    worked.batch_id
from {{ live('hr_work_time') }} as worked
left join {{ ref('dim_employee') }} as employee on employee.emp_no = worked.emp_no
left join {{ ref('dim_organization') }} as site
    on site.node_id = coalesce(worked.site_code, employee.site_id, {{ source_site('worked.source_system') }})
where worked.work_date <= {{ as_of_date() }}
