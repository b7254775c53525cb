-- Where the parts of every KPI come from: star tables, sources and landing batches.
-- Grain: one row per KPI, node, day, shift, star table, source and batch, as in kpi_part.
-- Additive as kpi_part is; row_count counts contribution rows.
{{ config(materialized='view') }}
select * from {{ ref('kpi_source_by_day') }}
union all
select * from {{ ref('kpi_source_at_large') }}
