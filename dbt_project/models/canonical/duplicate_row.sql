-- grain: one row per live row of a source that another row of the same natural key replaced
-- Rows that say the same are one; of others, the one changed last holds, and its key is held_pk. Of
-- rows that two sources have, shared_code tells.
{{- config(meta={'recompute': 'tables'}) -}}
{%- for table in contract() %}
-- depends_on: {{ ref(table) }}
{%- endfor %}
{%- set selects, touched = [], touched_tables() -%}
{%- for table in contract() if table in touched and may_repeat_keys(table) -%}
    {%- do selects.append(duplicate_rows(table, changed_rows(table))) -%}
{%- endfor %}
select
    cast(canonical_table as varchar) as canonical_table,
    cast(source_system as varchar) as source_system,
    cast(source_pk as varchar) as source_pk,
    cast(held_pk as varchar) as held_pk,
    cast(is_same as boolean) as is_same,
    cast(batch_id as varchar) as batch_id
from (
    {%- if selects %}
    {{ selects | join('\n    union all\n') }}
    {%- else %}
    select
        null as canonical_table, null as source_system, null as source_pk, null as held_pk,
        null as is_same, null as batch_id
    where false
    {%- endif %}
)
