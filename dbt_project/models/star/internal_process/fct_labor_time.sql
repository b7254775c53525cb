-- grain: one row per booking of a person's working time on an order
-- additive: apwt_s
-- Day: production day of the start at its node, which is the employee's site where none is named. A booking under way has no duration yet.
select
    {{ node_or_enterprise('node.node_id') }} as node_id,
    {{ production_day('labor.started_at', zone_or_enterprise('node.time_zone')) }} as date_day,
    labor.emp_no,
    labor.order_no,
    labor.op_seq,
    {{ seconds_between('labor.started_at', 'labor.finished_at') }} as apwt_s,
    labor.source_system,
    labor.source_pk,
    labor.batch_id
from {{ live('mes_labor_time') }} as labor
left join {{ ref('dim_employee') }} as employee on employee.emp_no = labor.emp_no
left join {{ ref('dim_organization') }} as node
    on node.node_id = coalesce(labor.equipment_code, employee.site_id, {{ source_site('labor.source_system') }})
left join {{ ref('calendar_hour') }} as hour on {{ in_hour('node.node_id', 'labor.started_at') }}
where labor.finished_at > labor.started_at and labor.finished_at <= {{ as_of() }}
