-- grain: one row per kind of events, source, node that they name, and day (UTC)
-- additive: row_count, over sources, nodes and days. Not additive: first_day
-- What is asked of all events, such as since when there are any, is asked of these few rows. Each table
-- is read once, for all kinds of its rows.
{{ config(meta={'recompute': 'days'}) }}
{%- set kinds = event_kinds() %}
with
{%- for name, table in contract().items() if table.event %}
{%- set node = node_column(name) %}
{{ ',' if not loop.first }}
{{ name }}_day as (
    select
        source_system,
        {{ node or 'cast(null as varchar)' }} as node_id,
        {{ code_date(table) }} as date_day
        {%- for need in kinds.values() if need.table == name %},
        count(case when {{ needed_rows(need) }} then 1 end) as row_count_{{ loop.index }},
        {{ first_event_day(need) }} as first_day_{{ loop.index }}
        {%- endfor %}
    from {{ live(name) }} as live
    where {{ in_touched_days(code_date(table)) }}
    {%- if table.event[0] in table.key %} and {{ in_touched_days(table.event[0], widen=1) }}{% endif %}
    group by source_system, {{ node ~ ', ' if node }}{{ code_date(table) }}
)
{%- endfor %}
{% for name, table in contract().items() if table.event %}
{%- set is_first_table = loop.first %}
{%- for kind, need in kinds.items() if need.table == name %}
{{ 'union all' if not (is_first_table and loop.first) }}
select
    '{{ kind }}' as kind, source_system, node_id, date_day,
    row_count_{{ loop.index }} as row_count, first_day_{{ loop.index }} as first_day
from {{ name }}_day
where row_count_{{ loop.index }} > 0
{%- endfor %}
{%- endfor %}
