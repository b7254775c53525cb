-- grain: one row per maintenance order
-- additive: repair_s, response_s, cost
-- Day: production day of completion, else of the start, else of the report.
with maintenance as (
    select *, coalesce(completed_at, started_at, requested_at) as happened_at
    from {{ live('mes_maintenance_order') }}
)

select
    {{ node_or_enterprise('node.node_id') }} as node_id,
    {{ production_day('maintenance.happened_at', zone_or_enterprise('node.time_zone')) }} as date_day,
    maintenance.type,
    maintenance.type = 'corrective' as is_failure,
    {{ seconds_between('maintenance.started_at', 'maintenance.completed_at') }} as repair_s,
    {{ seconds_between('maintenance.requested_at', 'maintenance.started_at') }} as response_s,
    maintenance.cost,
    maintenance.source_system,
    maintenance.source_pk,
    maintenance.batch_id
from maintenance
left join {{ ref('dim_organization') }} as node on node.node_id = maintenance.equipment_code
left join {{ ref('calendar_hour') }} as hour on {{ in_hour('node.node_id', 'maintenance.happened_at') }}
where maintenance.happened_at <= {{ as_of() }}
