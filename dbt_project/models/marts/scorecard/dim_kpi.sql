-- Everything that is defined about a KPI but its targets.
-- Grain: one row per KPI.
with need as (
    select
        kpi_id,
        {{ dbt.listagg("need", "', '", "order by need") }} as needs
    from {{ ref('kpi_need') }}
    group by kpi_id
)

select
    kpi.id as kpi_id,
    kpi.name as kpi_name,
    kpi.perspective as perspective_id,
    kpi.objective as objective_id,
    kpi.formula,
    kpi.numerator,
    kpi.denominator,
    kpi.unit,
    kpi.decimals,
    kpi.direction,
    kpi.rollup,
    kpi.derived_as,
    kpi.set_base,
    kpi.statistic,
    kpi.percentile,
    kpi.at_least,
    version.derived_from,
    kpi.scale,
    kpi.denominator_offset,
    kpi.zero_value,
    kpi.of_rated_days,
    kpi.lowest_level,
    kpi.lowest_period,
    kpi.standard,
    kpi.timing,
    kpi.role,
    kpi.owner,
    kpi.gaming,
    kpi.plausible_min,
    kpi.plausible_max,
    kpi.weight,
    kpi.version,
    need.needs
from {{ source('definitions', 'kpi') }} as kpi
left join {{ ref('dim_kpi_version') }} as version on version.kpi_id = kpi.id and version.version = kpi.version
left join need on need.kpi_id = kpi.id
