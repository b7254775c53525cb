-- grain: one row per kind of events, source, node that they name, and day (UTC)
-- additive: row_count, over sources, nodes and days. Not additive: first_day
-- What is asked of all events, such as since when there are any, is asked of these few rows.
{{ config(meta={'recompute': 'days'}) }}
{% for kind, need in event_kinds().items() -%}
{%- set table = canonical_table(need.table) -%}
{%- set node = node_column(need.table) -%}
select
    '{{ kind }}' as kind,
    source_system,
    {{ node or 'cast(null as varchar)' }} as node_id,
    {{ code_date(table) }} as date_day,
    count(*) as row_count,
    {{ first_event_day(need.table) }} as first_day
from {{ live(need.table) }} as live
where {{ needed_rows(need) }} and {{ in_touched_days(code_date(table)) }}
{%- if table.event[0] in table.key %} and {{ in_touched_days(table.event[0], widen=1) }}{% endif %}
group by source_system, {{ node ~ ', ' if node }}{{ code_date(table) }}
{{ 'union all' if not loop.last }}
{% endfor %}
