-- grain: one row per production count
-- additive: qty_*, ideal_time_*, scrap_value, output_value. Over operations of one order only where is_final_op.
-- not additive: pri_s
-- pri_s, the planned run time per item (PRI of ISO 22400-2), is the count's, else the operation's,
-- else the item's, else that of the machine's rated speed. No pieces take no time, whatever one takes.
{{- config(meta={'recompute': 'days', 'widen': 1}) }}
with count_ as (
    select
        counted.*,
        coalesce(
            counted.equipment_code,
            operation.equipment_code,
            orders.equipment_code,
            {{ source_site('counted.source_system') }}
        ) as node_code,
        coalesce(counted.pri_s, operation.pri_s) as known_pri_s,
        later.order_no is null as is_first_op
    from {{ live('mes_production_count') }} as counted
    left join {{ seen_from_sources(live('mes_operation'), ['order_no', 'op_seq']) }} as operation
        on operation.order_no = counted.order_no
        and operation.op_seq = counted.op_seq
        and operation.seen_from = counted.source_system
    left join {{ seen_from_sources(ref('production_order'), ['order_no']) }} as orders
        on orders.order_no = counted.order_no and orders.seen_from = counted.source_system
    left join {{ ref('later_operation') }} as later
        on later.source_system = counted.source_system
        and later.order_no = counted.order_no
        and later.op_seq = coalesce(counted.op_seq, 0)
        and later.date_day = cast(counted.counted_at as date)
    where
        counted.counted_at <= {{ as_of() }}
        and {{ in_touched_days('counted.counted_at', widen=4) }}
),

-- No hour is needed but those of the counts; with that said, DuckDB keeps the counts in their order.
hour as (
    select * from {{ ref('calendar_hour') }}
    where hour_ts <= {{ as_of() }} and {{ in_touched_days('hour_ts', widen=4) }}
),

dated as (
    select
        {{ node_or_enterprise('node.node_id') }} as node_id,
        {{ production_day('count_.counted_at', zone_or_enterprise('node.time_zone')) }} as date_day,
        hour.shift_id,
        count_.*,
        coalesce(
            cast(count_.known_pri_s as decimal(18,9)),
            cast(item.pri_s as decimal(18,9)),
            cast(3600 / nullif(node.ideal_rate_per_h, 0) as decimal(18,9))
        ) as resolved_pri_s,
        item.std_cost_current
    from count_
    left join {{ ref('dim_organization') }} as node on node.node_id = count_.node_code
    left join {{ ref('dim_item') }} as item on item.item_code = count_.item_code
    left join hour
        on {{ in_hour('node.node_id', 'count_.counted_at') }}
)

select
    dated.node_id,
    dated.date_day,
    dated.shift_id,
    dated.counted_at,
    dated.order_no,
    dated.op_seq,
    dated.item_code,
    dated.reason_code,
    dated.is_first_op,
    dated.is_final_op,
    dated.qty_total,
    dated.qty_good,
    dated.qty_scrap,
    cast(coalesce(dated.qty_rework, 0) as decimal(18,6)) as qty_rework,
    dated.resolved_pri_s as pri_s,
    coalesce(
        {{ product('dated.resolved_pri_s', 9, 'dated.qty_good', 6, 'decimal(28,12)') }},
        case when dated.qty_good = 0 then 0 end
    ) as ideal_time_good_s,
    coalesce(
        {{ product('dated.resolved_pri_s', 9, 'dated.qty_total', 6, 'decimal(28,12)') }},
        case when dated.qty_total = 0 then 0 end
    ) as ideal_time_total_s,
    {{ product('dated.qty_scrap', 6, 'coalesce(cost.unit_cost, dated.std_cost_current)', 8, 'decimal(18,4)') }} as scrap_value,
    {{ product('dated.qty_total', 6, 'coalesce(cost.unit_cost, dated.std_cost_current)', 8, 'decimal(18,4)') }} as output_value,
    dated.source_system,
    dated.source_pk,
    dated.batch_id
from dated
left join {{ ref('standard_cost') }} as cost
    on cost.item_code = dated.item_code
    and cost.valid_from <= dated.date_day
    and cost.valid_to > dated.date_day
