-- grain: one row per meter and metering interval
-- additive: kwh
-- Day: production day of the interval's start at its node.
select
    {{ node_or_enterprise('node.node_id') }} as node_id,
    {{ production_day('energy.start_ts', zone_or_enterprise('node.time_zone')) }} as date_day,
    energy.kwh,
    energy.source_system,
    energy.source_pk,
    energy.batch_id
from {{ live('mes_energy') }} as energy
left join {{ ref('dim_organization') }} as node on node.node_id = energy.equipment_code
left join {{ ref('calendar_hour') }} as hour on {{ in_hour('node.node_id', 'energy.start_ts') }}
where energy.start_ts <= {{ as_of() }}
