-- grain: one row per booking of a person's working time on an order
-- additive: apwt_s
-- Day: local date of the start at its node. A booking under way has no duration yet.
select
    {{ node_or_enterprise('coalesce(node.node_id, employee.site_id)') }} as node_id,
    {{ local_date('labor.started_at', zone_or_enterprise('node.time_zone')) }} as date_day,
    labor.emp_no,
    labor.order_no,
    labor.op_seq,
    {{ seconds_between('labor.started_at', 'labor.finished_at') }} as apwt_s,
    labor.source_system,
    labor.source_pk,
    labor.batch_id
from {{ live('mes_labor_time') }} as labor
left join {{ ref('dim_organization') }} as node on node.node_id = labor.equipment_code
left join {{ ref('dim_employee') }} as employee on employee.emp_no = labor.emp_no
where labor.finished_at > labor.started_at and labor.finished_at <= {{ as_of() }}
