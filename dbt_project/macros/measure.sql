{#- Exact numbers: sums of decimals do not depend on the order of rows. -#}

{#- Numerator or denominator of a KPI. -#}
{% macro measure(expression) -%}
cast({{ expression }} as decimal(38,12))
{%- endmacro %}

{#- Part k of n (k from 1) of a total; the parts add up to exactly the total. -#}
{% macro spread(total, k, n, type) -%}
(cast({{ total }} * {{ k }} / {{ n }} as {{ type }}) - cast({{ total }} * ({{ k }} - 1) / {{ n }} as {{ type }}))
{%- endmacro %}
