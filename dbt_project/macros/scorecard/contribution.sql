{# What the KPI models share: the shape of a contribution row. #}

{#
  Rows of a star table as contributions to a KPI: numerator and denominator of a row, the node and
  day that it counts at, where it comes from, and its context. Context that the table does not have
  is null; columns of these names in its contract are found without being named here. `more` adds
  columns: name -> expression. In expressions the table is called `contributing`.
#}
{% macro contribution(
    fact, numerator='0', denominator='0', where=none, date_day='date_day', node_id='node_id',
    more={}
) %}
{#- In a unit test the table is a common table expression with a prefix. -#}
{%- set name = fact.identifier | replace('__dbt__cte__', '') -%}
{%- set found = contexts().get(name, []) -%}
select
    {{ node_id }} as node_id,
    {{ date_day }} as date_day,
    {{ measure(numerator) }} as numerator,
    {{ measure(denominator) }} as denominator,
    '{{ name }}' as fact,
    source_system,
    source_pk,
    batch_id
    {%- for column in context_columns() %},
    {% if column not in found %}cast(null as varchar) as {% endif %}{{ column }}
    {%- endfor %}
    {%- for column, expression in more.items() %},
    {{ expression }} as {{ column }}
    {%- endfor %}
from {{ fact }} as contributing
{%- if where %}
where {{ where }}
{%- endif %}
{% endmacro %}

{# 1 where the condition holds, else 0: a countable fact. #}
{% macro flag(condition) %}case when {{ condition }} then 1 else 0 end{% endmacro %}
