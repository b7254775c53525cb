-- grain: one row per canonical table whose rows are dated, source, node that they name, and day (UTC)
-- additive: row_count. Not additive: first_day
-- What is asked of all events, such as since when there are any, is asked of these few rows.
{{ config(meta={'recompute': 'days'}) }}
{% for name, table in contract().items() if table.event -%}
select
    '{{ name }}' as canonical_table,
    source_system,
    {{ node_column(name) or 'cast(null as varchar)' }} as node_id,
    {{ code_date(table) }} as date_day,
    count(*) as row_count,
    {{ first_event_day(name) }} as first_day
from {{ live(name) }} as live
where {{ in_touched_days(code_date(table)) }}
{%- if table.event[0] in table.key %} and {{ in_touched_days(table.event[0], widen=1) }}{% endif %}
group by source_system, {{ node_column(name) ~ ', ' if node_column(name) }}{{ code_date(table) }}
{{ 'union all' if not loop.last }}
{% endfor %}
