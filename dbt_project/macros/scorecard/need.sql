{#
  What KPIs need: which rows of a canonical table those are, since when there are any, and whether a
  row of a KPI has them.
#}

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
  Kinds of events: each canonical table whose rows are dated, and each need that asks for some rows of
  one. Name -> need.
#}
{% macro event_kinds() %}
{%- set kinds = {} -%}
{%- for name, table in contract().items() if table.event -%}
    {%- do kinds.update({name: {'table': name}}) -%}
{%- endfor -%}
{%- for name, need in needs().items() if canonical_table(need.table).event -%}
    {%- do kinds.update({name: need}) -%}
{%- endfor -%}
{{ return(kinds) }}
{% endmacro %}

{#
  The first day on which those of the rows at hand that are needed say that something happened, in
  the enterprise's zone.
#}
{% macro first_event_day(need) -%}
{%- set contract = canonical_table(need.table) -%}
{%- set days = [] -%}
{%- for name in contract.event -%}
    {%- set first = 'min(case when ' ~ needed_rows(need) ~ ' then ' ~ name ~ ' end)' -%}
    {%- do days.append(
        first if contract.columns[name].sql == 'date' else local_date(first, zone_or_enterprise('null'))
    ) -%}
{%- endfor -%}
{%- if days | length > 1 -%}
least({{ days | join(', ') }})
{%- else -%}
cast({{ days | first }} as date)
{%- endif -%}
{%- endmacro %}

{#
  `readiness` of a row's KPI at the node that a column of it names: that of the node's site, or,
  outside of sites, of the enterprise.
#}
{% macro join_readiness(row, node='node_id') -%}
left join {{ ref('dim_organization') }} as place on place.node_id = {{ row }}.{{ node }}
inner join {{ ref('kpi_readiness') }} as readiness
    on readiness.kpi_id = {{ row }}.kpi_id
    and readiness.node_id = {{ node_or_enterprise('place.site_id') }}
{%- endmacro %}

{#
  `refused`, which is there for a row of a KPI, node and period where every row of a table that the
  KPI needs was refused.
#}
{% macro join_refused(row) -%}
left join {{ ref('kpi_refused') }} as refused
    on refused.kpi_id = {{ row }}.kpi_id
    and refused.node_id = {{ row }}.node_id
    and refused.period_type = {{ row }}.period_type
    and refused.period_start = {{ row }}.period_start
    and refused.period_end = {{ row }}.period_end
{%- endmacro %}
