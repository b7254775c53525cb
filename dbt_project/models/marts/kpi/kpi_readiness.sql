-- Whether a KPI has the data it needs, where, and since when.
-- Grain: one row per KPI and node: the enterprise, and each site. What lies below a site is judged as
-- the site; what belongs to none, as the enterprise.
-- mapped_share is that of its worst table: one table of which half is missing spoils the value,
-- however many rows the others have. Before first_day one of its parts was not recorded yet, and
-- would be taken for zero; so would be what a site does not record while others do. The enterprise's
-- value is that of the sites which record all, and recorded_share says how many of those that record
-- some of it these are; a site at which nothing ever happened is not counted.
with need as (
    select
        kpi_need.kpi_id,
        kpi_need.canonical_table,
        node.node_id,
        node.node_level,
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
    inner join {{ ref('dim_organization') }} as node on node.node_level in ('enterprise', 'site')
    inner join {{ ref('canonical_coverage') }} as canonical_coverage
        on canonical_coverage.canonical_table = kpi_need.canonical_table
    left join {{ ref('need_coverage') }} as need_coverage
        on need_coverage.need = kpi_need.need and need_coverage.node_id = node.node_id
),

missing as (
    select
        kpi_id,
        node_id,
        {{ dbt.listagg("missing", "', '", "order by missing") }} as missing
    from (
        -- Two needs of one empty table are one gap.
        select distinct kpi_id, node_id, missing from need where missing is not null
    ) as gap
    group by kpi_id, node_id
),

judged as (
    select
        need.kpi_id,
        need.node_id,
        need.node_level,
        missing.missing,
        max(need.first_day) as first_day,
        coalesce(min(need.mapped_share), 0) as mapped_share,
        max({{ flag("need.canonical_table = 'mes_equipment_state'") }}) = 1 as uses_machine_states,
        max({{ flag("need.missing is null") }}) = 1 as has_some
    from need
    left join missing on missing.kpi_id = need.kpi_id and missing.node_id = need.node_id
    group by need.kpi_id, need.node_id, need.node_level, missing.missing
),

site as (
    select
        kpi_id,
        cast(sum({{ flag("missing is null") }}) as double) / count(*) as recorded_share
    from judged
    where
        node_level = 'site'
        and has_some
        and node_id in (select node_id from {{ ref('source_reach') }} where has_facts)
    group by kpi_id
)

select
    judged.kpi_id,
    judged.node_id,
    judged.node_level,
    judged.missing,
    judged.first_day,
    judged.mapped_share,
    case when judged.node_level = 'enterprise' then coalesce(site.recorded_share, 1) else 1 end as recorded_share,
    judged.uses_machine_states
from judged
left join site on site.kpi_id = judged.kpi_id
