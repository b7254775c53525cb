-- grain: one row per failure: a corrective maintenance order
-- additive: repair_s
-- Day: production day on which it was reported, else on which its repair began, else ended. A repair may end in
-- another period, the failure stays in its own.
with failure as (
    select *, coalesce(requested_at, started_at, completed_at) as failed_at
    from {{ live('mes_maintenance_order') }}
    where type = 'corrective'
)

select
    {{ node_or_enterprise('node.node_id') }} as node_id,
    {{ production_day('failure.failed_at', zone_or_enterprise('node.time_zone')) }} as date_day,
    case
        when failure.completed_at <= {{ as_of() }} then {{ seconds_between('failure.started_at', 'failure.completed_at') }}
    end as repair_s,
    failure.source_system,
    failure.source_pk,
    failure.batch_id
from failure
left join {{ ref('dim_organization') }} as node on node.node_id = failure.equipment_code
left join {{ ref('calendar_hour') }} as hour on {{ in_hour('node.node_id', 'failure.failed_at') }}
where failure.failed_at <= {{ as_of() }}
