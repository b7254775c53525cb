-- Whether a KPI has the data it needs, and since when.
-- Grain: one row per KPI.
-- mapped_share is that of its worst table: one table of which half is missing spoils the value,
-- however many rows the others have. Before first_day one of its parts was not recorded yet, and
-- would be taken for zero.
with need as (
    select
        kpi_need.kpi_id,
        kpi_need.canonical_table,
        canonical_coverage.mapped_share,
        need_coverage.first_day,
        case
            when need_coverage.row_count > 0 then null
            when canonical_coverage.entered_rows > 0 then kpi_need.need
            when canonical_coverage.refused_rows > 0
                then kpi_need.canonical_table || ' (' || canonical_coverage.refused_rows || ' refused, see unmapped_code)'
            else kpi_need.canonical_table
        end as missing
    from {{ ref('kpi_need') }} as kpi_need
    inner join {{ ref('need_coverage') }} as need_coverage on need_coverage.need = kpi_need.need
    inner join {{ ref('canonical_coverage') }} as canonical_coverage
        on canonical_coverage.canonical_table = kpi_need.canonical_table
),

missing as (
    select
        kpi_id,
        {{ dbt.listagg("missing", "', '", "order by missing") }} as missing
    from (
        -- Two needs of one empty table are one gap.
        select distinct kpi_id, missing from need where missing is not null
    ) as gap
    group by kpi_id
)

select
    need.kpi_id,
    missing.missing,
    max(need.first_day) as first_day,
    coalesce(min(need.mapped_share), 0) as mapped_share,
    max({{ flag("need.canonical_table = 'mes_equipment_state'") }}) = 1 as uses_machine_states
from need
left join missing on missing.kpi_id = need.kpi_id
group by need.kpi_id, missing.missing
