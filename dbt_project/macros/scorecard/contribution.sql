{# What the KPI models share: the shape of a contribution row. #}

{% macro contribution(fact, numerator='0', denominator='0', where=none, date_day='date_day') %}
select
    node_id,
    {{ date_day }} as date_day,
    {{ measure(numerator) }} as numerator,
    {{ measure(denominator) }} as denominator,
    '{{ fact.identifier }}' as fact,
    source_system,
    source_pk,
    batch_id
from {{ fact }}
{%- if where %}
where {{ where }}
{%- endif %}
{% endmacro %}

{# 1 where the condition holds, else 0: a countable fact. #}
{% macro flag(condition) %}case when {{ condition }} then 1 else 0 end{% endmacro %}
