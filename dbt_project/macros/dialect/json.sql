{#- What engines say differently about JSON that is stored as text. -#}

{#- Text behind a key of a JSON object; null where the key is missing. -#}
{% macro json_text(expression, key) %}{{ return(adapter.dispatch('json_text')(expression, key)) }}{% endmacro %}

{% macro default__json_text(expression, key) -%}
json_extract_string({{ expression }}, '$.{{ key }}')
{%- endmacro %}

{% macro spark__json_text(expression, key) -%}
get_json_object({{ expression }}, '$.{{ key }}')
{%- endmacro %}

{#- As json_text, for a key that is itself a column. -#}
{% macro json_text_of(expression, key) %}{{ return(adapter.dispatch('json_text_of')(expression, key)) }}{% endmacro %}

{% macro default__json_text_of(expression, key) -%}
json_extract_string({{ expression }}, '$."' || {{ key }} || '"')
{%- endmacro %}

{% macro spark__json_text_of(expression, key) -%}
get_json_object({{ expression }}, concat('$.', {{ key }}))
{%- endmacro %}
