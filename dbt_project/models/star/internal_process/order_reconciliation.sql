-- grain: one row per production order that MES and ERP share, split-off orders rolled up
-- additive: qty_*, difference (of one item), the is_ columns as counts
-- Scrap of all operations (MES) against scrap postings of the product (ERP) stands beside it (rule R2).
-- Good quantity of the final operation (MES) against goods receipts net of reversals (ERP). Empty
-- without any goods movement: then there is nothing to compare with.
with orders as (
    select
        member.source_system,
        member.order_no,
        member.erp_order_no,
        root.order_no as root_order_no,
        coalesce(root.erp_order_no, member.erp_order_no) as erp_root_no,
        root.item_code,
        root.source_pk,
        node.node_id,
        node.time_zone
    from {{ ref('production_order') }} as member
    inner join {{ ref('production_order') }} as root
        on root.source_system = member.source_system and root.order_no = member.root_order_no
    left join {{ ref('dim_organization') }} as node on node.node_id = root.equipment_code
    where member.erp_order_no is not null
),

made as (
    select
        orders.source_system,
        orders.erp_root_no,
        sum(case when made.is_final_op then made.qty_good else 0 end) as qty,
        sum(made.qty_scrap) as scrap,
        max(case when made.is_final_op then made.counted_at end) as newest_at
    from {{ seen_from_sources('orders', ['order_no']) }} as orders
    inner join {{ ref('fct_production') }} as made
        on made.order_no = orders.order_no
        and made.source_system = orders.seen_from
        and made.item_code = orders.item_code
    group by orders.source_system, orders.erp_root_no
),

receipt as (
    select
        movement.source_system,
        movement.order_no,
        movement.item_code,
        sum(case when coalesce(reversed.type, movement.type) = 'GR_PROD' then movement.qty else 0 end) as qty,
        -sum(case when coalesce(reversed.type, movement.type) = 'SCRAP' then movement.qty else 0 end) as scrap,
        max(case when coalesce(reversed.type, movement.type) = 'GR_PROD' then movement.posting_date end) as newest_day,
        max(movement.batch_id) as batch_id
    from {{ live('erp_goods_movement') }} as movement
    left join {{ live('erp_goods_movement') }} as reversed
        on reversed.source_system = movement.source_system
        and reversed.movement_id = movement.reversal_of
    where
        (
            movement.type in ('GR_PROD', 'SCRAP')
            or (movement.type = 'REVERSAL' and reversed.type in ('GR_PROD', 'SCRAP'))
        )
        and movement.posting_date <= {{ as_of_date() }}
    group by movement.source_system, movement.order_no, movement.item_code
),

received as (
    select
        orders.source_system,
        orders.erp_root_no,
        sum(receipt.qty) as qty,
        sum(receipt.scrap) as scrap,
        max(receipt.newest_day) as newest_day,
        max(receipt.batch_id) as batch_id
    from (select distinct source_system, erp_order_no, erp_root_no, item_code from orders) as orders
    inner join {{ seen_from_sources('receipt', ['order_no', 'item_code']) }} as receipt
        on receipt.order_no = orders.erp_order_no
        and receipt.item_code = orders.item_code
        and receipt.seen_from = orders.source_system
    group by orders.source_system, orders.erp_root_no
),

shared as (
    select
        source_system,
        erp_root_no,
        min(root_order_no) as order_no,
        min(node_id) as node_id,
        min(time_zone) as time_zone,
        min(source_pk) as source_pk
    from orders
    group by source_system, erp_root_no
),

compared as (
    select
        shared.order_no,
        shared.erp_root_no as erp_order_no,
        {{ node_or_enterprise('shared.node_id') }} as node_id,
        coalesce(
            {{ local_date('made.newest_at', zone_or_enterprise('shared.time_zone')) }}, received.newest_day
        ) as date_day,
        cast(coalesce(made.qty, 0) as decimal(18,6)) as qty_mes_good,
        cast(coalesce(received.qty, 0) as decimal(18,6)) as qty_erp_received,
        cast(coalesce(made.scrap, 0) as decimal(18,6)) as qty_mes_scrap,
        cast(coalesce(received.scrap, 0) as decimal(18,6)) as qty_erp_scrap,
        cast(
            greatest(
                {{ var('tolerance').order_qty_units }},
                {{ var('tolerance').order_qty_share }} * abs(coalesce(received.qty, 0))
            ) as decimal(18,6)
        ) as tolerance,
        coalesce(made.newest_at > {{ add_interval(as_of(), -1, 'day') }}, false)
            or coalesce(received.newest_day >= {{ as_of_date() }}, false) as is_in_grace,
        shared.source_system,
        shared.source_pk,
        received.batch_id
    from shared
    left join made
        on made.source_system = shared.source_system and made.erp_root_no = shared.erp_root_no
    left join received
        on received.source_system = shared.source_system and received.erp_root_no = shared.erp_root_no
    where coalesce(made.qty, 0) <> 0 or coalesce(received.qty, 0) <> 0
)

select
    order_no,
    erp_order_no,
    node_id,
    date_day,
    qty_mes_good,
    qty_erp_received,
    cast(qty_mes_good - qty_erp_received as decimal(18,6)) as difference,
    tolerance,
    abs(qty_mes_good - qty_erp_received) <= tolerance as is_matched,
    is_in_grace,
    qty_mes_scrap,
    qty_erp_scrap,
    source_system,
    source_pk,
    batch_id
from compared
where exists (select 1 from {{ ref('erp_goods_movement') }})
