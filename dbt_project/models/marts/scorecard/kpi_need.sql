-- What a KPI cannot do without; a derived KPI needs what its components need.
-- Grain: one row per KPI and need.
select
    kpi_id,
    need,
    canonical_table
from {{ source('definitions', 'kpi_need') }}
