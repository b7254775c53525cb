-- What the enterprise wants to become, and why it exists.
-- Grain: one row.
select
    enterprise.code as enterprise_id,
    enterprise.name as enterprise_name,
    enterprise.currency,
    strategy.vision,
    strategy.mission
from {{ source('definitions', 'enterprise') }} as enterprise
cross join {{ source('definitions', 'strategy') }} as strategy
