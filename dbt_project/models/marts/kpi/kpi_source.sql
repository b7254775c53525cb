-- Where the parts of every KPI come from: star tables, sources and landing batches.
-- Grain: one row per KPI, node, day, shift, star table, source and batch, as in kpi_part.
-- Additive as kpi_part is; row_count counts contribution rows.
{{ config(meta={'recompute': 'days'}) }}
{%- set rows = {} %}
{%- for kpi, definition in kpis().items() if definition.rollup in summed_classes() %}
    {%- do rows.update({kpi: ref('kpi_' ~ kpi)}) %}
{%- endfor %}
{{ parts(rows, by=['fact', 'source_system', 'batch_id'], touched=in_touched_days('date_day')) }}
