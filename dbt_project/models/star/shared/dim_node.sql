-- grain: one row per node that a KPI can have a value at: nodes of the organization, and segments
-- not additive
select node_id, node_name, node_level, parent_id
from {{ ref('dim_organization') }}

union all

select distinct node_id, node_name, segment as node_level, cast(null as varchar) as parent_id
from {{ ref('segment_member') }}
