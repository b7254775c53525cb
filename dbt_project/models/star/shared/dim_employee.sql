-- grain: one row per employee, former ones included
-- not additive
select
    employee.emp_no,
    employee.department,
    site.node_id as site_id,
    employee.hired_on,
    employee.left_on,
    employee.leave_kind,
    employee.fte,
    employee.source_system,
    employee.source_pk,
    employee.batch_id
from {{ live('hr_employee') }} as employee
left join {{ ref('dim_organization') }} as site on site.node_id = employee.site_code
