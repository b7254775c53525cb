-- grain: one row per production order before any split; split-off orders are rolled up into it
-- additive: qty_* (of one item), lead_time_s, the is_ columns as counts
-- Day: due date at the order's node. Drafts and cancelled orders are never due, and when a cancelled one
-- began or ended says nothing; an order that is overdue and unfinished is due and not on time.
with family as (
    select
        source_system,
        root_order_no,
        sum(case when status <> 'cancelled' then qty_planned else 0 end) as qty_planned,
        min(case when status <> 'cancelled' then started_at end) as started_at,
        min(case when status <> 'cancelled' then released_at end) as released_at,
        max(due_at) as latest_due_at,
        max(case when status <> 'cancelled' then finished_at end) as finished_at,
        max(case when status in ('draft', 'released', 'started') then 1 else 0 end) = 1 as is_open,
        max(case when status in ('released', 'started', 'finished') then 1 else 0 end) = 1 as is_binding,
        max(batch_id) as batch_id
    from {{ ref('production_order') }}
    group by source_system, root_order_no
),

made as (
    select
        orders.source_system,
        orders.root_order_no,
        sum(case when made.is_final_op then made.qty_good else 0 end) as qty_good,
        sum(made.qty_scrap) as qty_scrap
    from {{ seen_from_sources(ref('production_order'), ['order_no']) }} as orders
    inner join {{ ref('fct_production') }} as made
        on made.order_no = orders.order_no
        and made.item_code = orders.item_code
        and made.source_system = orders.seen_from
    group by orders.source_system, orders.root_order_no
),

placed as (
    select
        root.order_no,
        root.erp_order_no,
        {{ node_or_enterprise('node.node_id') }} as node_id,
        root.item_code,
        {{ local_date('coalesce(root.due_at, family.latest_due_at)', zone_or_enterprise('node.time_zone')) }} as date_day,
        case
            when not family.is_open and family.finished_at <= {{ as_of() }}
                then {{ local_date('family.finished_at', zone_or_enterprise('node.time_zone')) }}
        end as finished_date,
        family.qty_planned,
        family.is_binding,
        case
            when not family.is_open and family.finished_at <= {{ as_of() }}
                then {{ seconds_between('coalesce(family.started_at, family.released_at)', 'family.finished_at') }}
        end as lead_time_s,
        root.root_order_no,
        root.source_system,
        root.source_pk,
        family.batch_id
    from {{ ref('production_order') }} as root
    inner join family
        on family.source_system = root.source_system and family.root_order_no = root.order_no
    left join {{ ref('dim_organization') }} as node on node.node_id = root.equipment_code
    where root.order_no = root.root_order_no
)

select
    placed.order_no,
    placed.erp_order_no,
    placed.node_id,
    placed.item_code,
    placed.date_day,
    placed.finished_date,
    cast(placed.qty_planned as decimal(18,6)) as qty_planned,
    cast(coalesce(made.qty_good, 0) as decimal(18,6)) as qty_good,
    cast(coalesce(made.qty_scrap, 0) as decimal(18,6)) as qty_scrap,
    coalesce(placed.is_binding and placed.date_day <= {{ as_of_date() }}, false) as is_due,
    coalesce(placed.finished_date <= placed.date_day, false) as is_on_time,
    placed.lead_time_s,
    placed.source_system,
    placed.source_pk,
    placed.batch_id
from placed
left join made
    on made.source_system = placed.source_system and made.root_order_no = placed.order_no
