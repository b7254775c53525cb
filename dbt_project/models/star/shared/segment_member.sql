-- grain: one row per segment, column that ties a row to it, and code in that column
-- not additive
-- An item without a group of its own is grouped by its category; a supplier is a segment of itself.
-- A node's group holds for all nodes below it that have none of their own.
with member as (
    select
        segment,
        case member_type
            when 'equipment' then 'node_id'
            when 'source' then 'source_system'
            when 'cost_center' then 'cost_center_code'
            when 'customer' then 'customer_code'
            else 'item_code'
        end as context_column,
        member_code as code,
        group_code,
        coalesce(group_name, group_code) as group_name
    from {{ live('erp_segment_member') }}
),

node_member as (
    select
        member.segment,
        member.context_column,
        closure.descendant_id as code,
        member.group_code,
        member.group_name,
        row_number() over (
            partition by member.segment, closure.descendant_id order by closure.depth
        ) as nearness
    from member
    inner join {{ ref('organization_closure') }} as closure on closure.ancestor_id = member.code
    where member.context_column = 'node_id'
),

grouped as (
    select * from member
    where context_column <> 'node_id'

    union all

    select segment, context_column, code, group_code, group_name
    from node_member
    where nearness = 1

    union all

    select
        'item_group' as segment,
        'item_code' as context_column,
        item.item_code as code,
        item.category as group_code,
        item.category as group_name
    from {{ ref('dim_item') }} as item
    left join member on member.segment = 'item_group' and member.code = item.item_code
    where item.category is not null and member.code is null

    union all

    select
        'supplier' as segment,
        'supplier_code' as context_column,
        supplier_code as code,
        supplier_code as group_code,
        supplier_name as group_name
    from {{ ref('dim_supplier') }}
)

select
    segment,
    context_column,
    code,
    concat(segment, ':', group_code) as node_id,
    max(group_name) over (partition by segment, group_code) as node_name
from grouped
