-- grain: one row per posting of a cost of quality
-- additive: amount
select
    {{ node_or_enterprise('node.node_id') }} as node_id,
    cost.posted_on as date_day,
    cost.category,
    cost.element,
    cost.item_code,
    cost.customer_code,
    cost.order_no,
    cost.amount,
    cost.source_system,
    cost.source_pk,
    cost.batch_id
from {{ live('erp_quality_cost') }} as cost
left join {{ ref('dim_organization') }} as node on node.node_id = cost.equipment_code
where cost.posted_on <= {{ as_of_date() }}
