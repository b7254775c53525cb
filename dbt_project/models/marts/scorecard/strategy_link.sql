-- Arrows of the strategy map.
-- Grain: one row per cause and effect.
select
    cause_id,
    effect_id
from {{ source('definitions', 'strategy_link') }}
