-- What a derived KPI is computed from: the sum of factor x value of its components.
-- Grain: one row per derived KPI, version of its formula and component.
select
    kpi_id,
    version,
    component_id,
    factor
from {{ source('definitions', 'kpi_component') }}
