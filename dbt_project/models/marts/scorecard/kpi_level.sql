-- Levels of nodes at which a KPI is defined: down to its deepest one, and its segments.
-- Grain: one row per KPI and level.
select
    kpi_id,
    node_level
from {{ source('definitions', 'kpi_level') }}
