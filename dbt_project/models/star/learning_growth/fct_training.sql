-- grain: one row per participant and day of training
-- additive: hours
select
    training.emp_no,
    {{ node_or_enterprise('site.node_id') }} as node_id,
    training.training_date as date_day,
    training.hours,
    training.topic,
    training.source_system,
    training.source_pk,
    training.batch_id
from {{ live('hr_training') }} as training
left join {{ ref('dim_employee') }} as employee on employee.emp_no = training.emp_no
left join {{ ref('dim_organization') }} as site
    on site.node_id = coalesce(training.site_code, employee.site_id, {{ source_site('training.source_system') }})
where training.training_date <= {{ as_of_date() }}
