-- grain: one row per master table, code and further source that uses it
-- The first source listed holds the code's row. Order, delivery and invoice numbers are no master
-- data: each belongs to its source, so equal numbers of two sources never meet.
{%- set tables = {
    'mes_equipment': ['level'],
    'erp_item': ['base_uom'],
    'erp_party': [],
    'erp_cost_center': [],
    'mes_downtime_reason': ['kind'],
} -%}
{%- set selects = [] -%}
{%- for table, facts in tables.items() if canonical_feeds(table) -%}
    {%- do selects.append(shared_codes(table, facts)) -%}
{%- endfor %}
select
    cast(canonical_table as varchar) as canonical_table,
    cast(code as varchar) as code,
    cast(source_system as varchar) as source_system,
    cast(source_pk as varchar) as source_pk,
    cast(held_by as varchar) as held_by,
    cast(coalesce(is_contradiction, false) as boolean) as is_contradiction,
    cast(coalesce(is_other_name, false) as boolean) as is_other_name,
    cast(batch_id as varchar) as batch_id
from (
    {%- if selects %}
    {{ selects | join('\n    union all\n') }}
    {%- else %}
    select
        null as canonical_table, null as code, null as source_system, null as source_pk,
        null as held_by, null as is_contradiction, null as is_other_name, null as batch_id
    where false
    {%- endif %}
)
