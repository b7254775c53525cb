-- Canonical tables that a KPI cannot do without.
-- Grain: one row per KPI and canonical table.
select
    kpi_id,
    canonical_table
from {{ source('definitions', 'kpi_need') }}
