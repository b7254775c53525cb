{# What KPIs need: which rows of a canonical table those are, and since when there are any. #}

{# Condition for the rows that a need asks for. #}
{% macro needed_rows(need) -%}
{%- if need.get('values') -%}
{{ need.column }} in ('{{ need['values'] | join("', '") }}')
{%- elif need.get('column') -%}
{{ need.column }} is not null
{%- else -%}
true
{%- endif -%}
{%- endmacro %}

{#
  The first day on which the rows at hand say that something happened, in the enterprise's zone; null
  for a table whose rows are not dated, such as master data.
#}
{% macro first_event_day(table) -%}
{%- set contract = canonical_table(table) -%}
{%- set days = [] -%}
{%- for name in contract.event -%}
    {%- set first = 'min(' ~ name ~ ')' -%}
    {%- do days.append(
        first if contract.columns[name].sql == 'date' else local_date(first, zone_or_enterprise('null'))
    ) -%}
{%- endfor -%}
{%- if days | length > 1 -%}
least({{ days | join(', ') }})
{%- else -%}
cast({{ days | first | default('null', true) }} as date)
{%- endif -%}
{%- endmacro %}
