-- grain: one row per work order as the shop floor sees it
-- not additive
-- Which order it was split from in the end (`root_order_no`), over any number of splits. Where it names no
-- node, it runs at the site of its ERP order, else of its source.
with recursive orders as (
    select child.*, parent.order_no as known_parent
    from {{ live('mes_work_order') }} as child
    left join {{ live('mes_work_order') }} as parent
        on parent.order_no = child.parent_order_no
        and parent.source_system = child.source_system
        and parent.order_no <> child.order_no
),

family as (
    select source_system, order_no, order_no as root_order_no
    from orders
    where known_parent is null

    union all

    select orders.source_system, orders.order_no, family.root_order_no
    from orders
    inner join family
        on family.source_system = orders.source_system and family.order_no = orders.known_parent
)

select
    orders.order_no,
    -- orders that are each other's parent have no root: each counts for itself
    coalesce(family.root_order_no, orders.order_no) as root_order_no,
    orders.erp_order_no,
    coalesce(orders.equipment_code, planned.site_code, {{ source_site('orders.source_system') }}) as equipment_code,
    orders.item_code,
    orders.qty_planned,
    orders.status,
    orders.released_at,
    orders.due_at,
    orders.started_at,
    orders.finished_at,
    orders.source_system,
    orders.source_pk,
    orders.batch_id
from orders
left join family
    on family.source_system = orders.source_system and family.order_no = orders.order_no
left join {{ seen_from_sources(live('erp_production_order'), ['erp_order_no']) }} as planned
    on planned.erp_order_no = orders.erp_order_no and planned.seen_from = orders.source_system
