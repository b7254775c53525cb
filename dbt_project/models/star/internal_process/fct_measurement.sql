-- grain: one row per measured value of a characteristic
-- NOT additive: value, place, lsl, usl. Their counts, sums and sums of squares per process are.
-- A process is a characteristic of an item on one machine: what two machines make are two processes.
-- place puts the values of a process in order: moving ranges are those within a period, so they are
-- taken where the period is known.
-- Day: production day of the inspection at its node.
with measured as (
    select
        {{ node_or_enterprise('node.node_id') }} as node_id,
        {{ production_day('inspection.inspected_at', zone_or_enterprise('node.time_zone')) }} as date_day,
        inspection.inspected_at,
        inspection.item_code,
        inspection.order_no,
        inspection.characteristic,
        concat_ws('|', node.node_id, inspection.item_code, inspection.characteristic) as process_id,
        inspection.value,
        inspection.lsl,
        inspection.usl,
        inspection.source_system,
        inspection.source_pk,
        inspection.batch_id
    from {{ live('mes_quality_inspection') }} as inspection
    left join {{ ref('dim_organization') }} as node on node.node_id = coalesce(inspection.equipment_code, {{ source_site('inspection.source_system') }})
    left join {{ ref('calendar_hour') }} as hour on {{ in_hour('node.node_id', 'inspection.inspected_at') }}
    where
        inspection.characteristic is not null
        and inspection.value is not null
        and inspection.inspected_at <= {{ as_of() }}
)

select
    node_id,
    date_day,
    inspected_at,
    item_code,
    order_no,
    characteristic,
    process_id,
    value,
    row_number() over (
        partition by process_id order by inspected_at, source_system, source_pk
    ) as place,
    lsl,
    usl,
    source_system,
    source_pk,
    batch_id
from measured
