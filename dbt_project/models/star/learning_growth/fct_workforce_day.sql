-- grain: one row per employee and day of employment, until as_of
-- additive over employees: headcount, fte. NOT additive over days: a stock.
select
    employee.emp_no,
    {{ node_or_enterprise('employee.site_id') }} as node_id,
    day.date_day,
    1 as headcount,
    employee.fte,
    employee.source_system,
    employee.source_pk,
    employee.batch_id
from {{ ref('dim_employee') }} as employee
inner join {{ ref('dim_date') }} as day
    on day.date_day >= coalesce(employee.hired_on, date '0001-01-01')
    and day.date_day < coalesce(employee.left_on, date '9999-12-31')
where day.date_day <= {{ as_of_date() }}
