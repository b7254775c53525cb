-- grain: one row per refused canonical row and column that refused it
-- Rows whose code, unit or currency nobody knows: the integrator maps them in xref_code,
-- erp_uom_conversion or erp_exchange_rate, and the next run lets them in. And events at times that
-- cannot be right: they enter when the source, its zone or its go-live is mended.
{{- config(meta={'recompute': 'tables'}) -}}
{%- for table in contract() %}
-- depends_on: {{ ref(table) }}
{%- endfor %}
{%- set selects, touched = [], touched_tables() -%}
{%- for table in contract() if table in touched and canonical_feeds(table) and canonical_problems(table) -%}
    {%- do selects.append(unmapped_codes(table, changed_rows(table))) -%}
{%- endfor %}
select
    cast(canonical_table as varchar) as canonical_table,
    cast(source_system as varchar) as source_system,
    cast(source_pk as varchar) as source_pk,
    cast(column_name as varchar) as column_name,
    cast(reason as varchar) as reason,
    cast(entity as varchar) as entity,
    cast(code as varchar) as code,
    cast(node_id as varchar) as node_id,
    cast(document_no as varchar) as document_no,
    cast(needed_on as date) as needed_on,
    cast(batch_id as varchar) as batch_id
from (
    {%- if selects %}
    {{ selects | join('\n    union all\n') }}
    {%- else %}
    select
        null as canonical_table, null as source_system, null as source_pk, null as column_name,
        null as reason, null as entity, null as code, null as node_id, null as document_no,
        null as needed_on, null as batch_id
    where false
    {%- endif %}
)
