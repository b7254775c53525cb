{#- Exact numbers: sums of decimals do not depend on the order of rows. -#}

{#- Numerator or denominator of a KPI. -#}
{% macro measure(expression) -%}
cast({{ expression }} as decimal(38,12))
{%- endmacro %}

{#- Part k of n (k from 1) of a total; the parts add up to exactly the total. -#}
{% macro spread(total, k, n, type) -%}
(cast({{ total }} * {{ k }} / {{ n }} as {{ type }}) - cast({{ total }} * ({{ k }} - 1) / {{ n }} as {{ type }}))
{%- endmacro %}

{#-
Product of two decimals with up to 18 digits, of which `*_scale` are decimals. As they come, DuckDB
multiplies them in 64 bits and fails on overflow, so both are made one digit wider.
-#}
{% macro product(a, a_scale, b, b_scale, type) -%}
cast(cast({{ a }} as decimal(19,{{ a_scale }})) * cast({{ b }} as decimal(19,{{ b_scale }})) as {{ type }})
{%- endmacro %}
