-- grain: one row per node that contributes and each node that it counts at
-- not additive
-- A segment node counts at itself alone: its rows are in the organization already.
select closure.ancestor_id, node.node_level as ancestor_level, closure.descendant_id
from {{ ref('organization_closure') }} as closure
inner join {{ ref('dim_organization') }} as node on node.node_id = closure.ancestor_id

union all

select distinct node_id as ancestor_id, segment as ancestor_level, node_id as descendant_id
from {{ ref('segment_member') }}
