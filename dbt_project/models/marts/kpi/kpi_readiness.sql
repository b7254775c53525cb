-- Whether a KPI has the tables it needs.
-- Grain: one row per KPI.
-- mapped_share is that of its worst table: one table of which half is missing spoils the value,
-- however many rows the others have.
select
    need.kpi_id,
    nullif({{ dbt.listagg(
        "case
            when coverage.entered_rows = 0 and coverage.refused_rows = 0 then need.canonical_table
            when coverage.entered_rows = 0
                then need.canonical_table || ' (' || coverage.refused_rows || ' refused for unknown codes)'
        end",
        "', '",
        "order by need.canonical_table"
    ) }}, '') as missing_tables,
    coalesce(min(coverage.mapped_share), 0) as mapped_share,
    max({{ flag("coverage.canonical_table = 'mes_equipment_state'") }}) = 1 as uses_machine_states
from {{ ref('kpi_need') }} as need
inner join {{ ref('canonical_coverage') }} as coverage
    on coverage.canonical_table = need.canonical_table
group by need.kpi_id
