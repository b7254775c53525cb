-- grain: one row per node and each of its ancestors, itself included (depth 0)
-- not additive
with recursive closure as (
    select node_id as ancestor_id, node_id as descendant_id, 0 as depth
    from {{ ref('dim_organization') }}

    union all

    select node.parent_id as ancestor_id, closure.descendant_id, closure.depth + 1 as depth
    from closure
    inner join {{ ref('dim_organization') }} as node on node.node_id = closure.ancestor_id
    where node.parent_id is not null
)

select ancestor_id, descendant_id, depth
from closure
