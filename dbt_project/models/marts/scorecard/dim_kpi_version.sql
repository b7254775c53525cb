-- What the formula of each KPI says, and on which days.
-- Grain: one row per KPI and version that counts some days; versions leave no gap and do not overlap.
-- valid_from is empty for the first one: it counts all days before. valid_to is the first day on which a
-- version no longer counts.
with component as (
    select
        kpi_id,
        version,
        {{ dbt.listagg("component_id", "', '", "order by component_id") }} as derived_from
    from {{ ref('kpi_component') }}
    group by kpi_id, version
)

select
    version.kpi_id,
    version.version,
    version.valid_from,
    coalesce(version.valid_to, date '9999-12-31') as valid_to,
    version.formula,
    version.numerator,
    version.denominator,
    component.derived_from
from {{ source('definitions', 'kpi_version') }} as version
left join component on component.kpi_id = version.kpi_id and component.version = version.version
