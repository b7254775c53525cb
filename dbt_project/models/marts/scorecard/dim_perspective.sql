-- The four perspectives of the scorecard.
-- Grain: one row per perspective.
select
    id as perspective_id,
    name as perspective_name,
    position as sort_order
from {{ source('definitions', 'perspective') }}
