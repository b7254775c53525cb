-- grain: one row per inspection
-- additive: qty_*
-- Day: production day of the inspection at its node.
select
    {{ node_or_enterprise('node.node_id') }} as node_id,
    {{ production_day('inspection.inspected_at', zone_or_enterprise('node.time_zone')) }} as date_day,
    inspection.item_code,
    inspection.order_no,
    inspection.op_seq,
    inspection.qty_inspected,
    inspection.qty_rejected,
    inspection.qty_reworked,
    cast(
        inspection.qty_inspected - inspection.qty_rejected - inspection.qty_reworked as decimal(18,6)
    ) as qty_first_pass,
    inspection.source_system,
    inspection.source_pk,
    inspection.batch_id
from {{ live('mes_quality_inspection') }} as inspection
left join {{ ref('dim_organization') }} as node on node.node_id = coalesce(inspection.equipment_code, {{ source_site('inspection.source_system') }})
left join {{ ref('calendar_hour') }} as hour on {{ in_hour('node.node_id', 'inspection.inspected_at') }}
where inspection.inspected_at <= {{ as_of() }}
