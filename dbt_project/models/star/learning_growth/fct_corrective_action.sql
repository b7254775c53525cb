-- grain: one row per corrective action
-- additive: the is_ columns as counts
-- Day: that on which it is due. An action that is overdue and open is due, not closed on time.
select
    action.action_id,
    action.kpi_id,
    {{ node_or_enterprise('node.node_id') }} as node_id,
    action.due_on as date_day,
    action.title,
    action.owner,
    action.opened_on,
    case when action.closed_on <= {{ as_of_date() }} then action.closed_on end as closed_on,
    action.due_on <= {{ as_of_date() }} as is_due,
    coalesce(action.closed_on <= action.due_on and action.closed_on <= {{ as_of_date() }}, false) as is_closed_on_time,
    action.source_system,
    action.source_pk,
    action.batch_id
from {{ live('corrective_action') }} as action
left join {{ ref('dim_organization') }} as node on node.node_id = action.node_id
where action.opened_on <= {{ as_of_date() }}
