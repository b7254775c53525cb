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

To take decimals off the product costs thirty times what the product does. So where one factor, as
quantities are, is a number with so many decimals less, they are taken off it beforehand; where one alone has
not so many, as a price, its own beyond those of the product are taken off first.
-#}
{% macro product(a, a_scale, b, b_scale, type) -%}
    {%- set scale = type.split(',')[1].strip(' )') | int -%}
    {%- set excess = a_scale + b_scale - scale -%}
    {%- set whole = 'cast(' ~ wide_product(a, a_scale, b, b_scale) ~ ' as ' ~ type ~ ')' -%}
    {%- if 0 < excess <= b_scale -%}
        {%- set short = 'cast(' ~ b ~ ' as decimal(18,' ~ (b_scale - excess) ~ '))' -%}
        case
            when {{ short }} = {{ b }} then cast({{ wide_product(a, a_scale, short, b_scale - excess) }} as {{ type }})
            else {{ whole }}
        end
    {%- elif 0 < excess <= a_scale -%}
        {{ product(b, b_scale, a, a_scale, type) }}
    {%- elif excess > 0 -%}
        {%- set short = 'cast(' ~ b ~ ' as decimal(18,' ~ scale ~ '))' -%}
        case when {{ short }} = {{ b }} then {{ product(a, a_scale, short, scale, type) }} else {{ whole }} end
    {%- else -%}
        {{ whole }}
    {%- endif -%}
{%- endmacro %}

{#- Product of two decimals with up to 18 digits, with all of its decimals. -#}
{% macro wide_product(a, a_scale, b, b_scale) -%}
cast({{ a }} as decimal(19,{{ a_scale }})) * cast({{ b }} as decimal(19,{{ b_scale }}))
{%- endmacro %}
