-- grain: one row per production order and cost element
-- additive: actual_amount, standard_amount, *_variance. NOT additive: quantities and standard_price
-- Parts of standard costing; positive is adverse. price_variance (AP - SP) x AQ and usage_variance
-- (AQ - SQ) x SP, of labour called rate and efficiency, add up to actual - standard to the last digit.
with made as (
    select
        source_system,
        coalesce(erp_order_no, order_no) as order_no,
        case when count(distinct node_id) = 1 then min(node_id) end as node_id,
        case when count(distinct item_code) = 1 then min(item_code) end as item_code
    from {{ ref('fct_production_order') }}
    group by source_system, coalesce(erp_order_no, order_no)
),

cost as (
    select
        cost.*,
        coalesce(node.node_id, made.node_id, site.node_id) as resolved_node,
        coalesce(planned.item_code, made.item_code) as item_code,
        {{ product('cost.standard_qty', 6, 'cost.standard_price', 8, 'decimal(28,10)') }} as standard_amount,
        {{ product('cost.actual_qty', 6, 'cost.standard_price', 8, 'decimal(28,10)') }} as actual_qty_at_standard
    from {{ live('erp_order_cost') }} as cost
    left join {{ ref('dim_organization') }} as node on node.node_id = cost.equipment_code
    left join {{ seen_from_sources('made', ['order_no']) }} as made
        on made.order_no = cost.order_no and made.seen_from = cost.source_system
    -- another source's order of this number says nothing of one that the source has itself
    left join {{ seen_from_sources(live('erp_production_order'), ['erp_order_no']) }} as planned
        on planned.erp_order_no = cost.order_no
        and planned.seen_from = cost.source_system
        and (planned.source_system = cost.source_system or made.source_system is distinct from cost.source_system)
    left join {{ ref('dim_organization') }} as site
        on site.node_id = coalesce(planned.site_code, {{ source_site('cost.source_system') }})
    where cost.posted_on <= {{ as_of_date() }}
)

select
    {{ node_or_enterprise('resolved_node') }} as node_id,
    posted_on as date_day,
    order_no,
    cost_element,
    kind,
    item_code,
    standard_qty,
    standard_price,
    actual_qty,
    actual_amount,
    standard_amount,
    cast(actual_amount - actual_qty_at_standard as decimal(28,10)) as price_variance,
    cast(actual_qty_at_standard - standard_amount as decimal(28,10)) as usage_variance,
    cast(actual_amount - standard_amount as decimal(28,10)) as total_variance,
    source_system,
    source_pk,
    batch_id
from cost
