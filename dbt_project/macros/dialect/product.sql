{#- Product of a column over the rows of a group, taken in an order, so that no bit depends on it. -#}
{% macro product_of(value, order) %}{{ return(adapter.dispatch('product_of')(value, order)) }}{% endmacro %}

{% macro default__product_of(value, order) -%}
product({{ value }} order by {{ order }})
{%- endmacro %}

{% macro spark__product_of(value, order) -%}
aggregate(
    array_sort(collect_list(struct({{ order }} as place, {{ value }} as factor))),
    cast(1 as double),
    (total, item) -> total * item.factor
)
{%- endmacro %}
