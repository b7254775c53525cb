{#- What staging models share: canonical column lists, lineage, and a source's zone. -#}

{#- Every column of a canonical table and its lineage, cast to the contract's types. -#}
{% macro canonical_columns(table) %}
    {%- for name, column in canonical_table(table).columns.items() %}
    cast({{ name }} as {{ column.sql }}) as {{ name }},
    {%- endfor %}
    {%- for name, sql in lineage_columns().items() %}
    cast({{ name }} as {{ sql }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#- Lineage of a row of a landed table. `pk`: the row's key in its source. -#}
{% macro lineage(alias, pk, changed_at='null', is_deleted='false') %}
    {{ alias }}._source as source_system,
    cast({{ pk }} as varchar) as source_pk,
    {{ changed_at }} as changed_at,
    {{ is_deleted }} as is_deleted,
    {{ alias }}._extracted_at as extracted_at,
    {{ alias }}._batch as batch_id
{%- endmacro %}

{#- Zone of a source's local times, as an SQL expression over its name. -#}
{% macro source_zone(source_column) -%}
case
    {%- for source in var('sources') %} when {{ source_column }} = '{{ source.name }}' then '{{ source.time_zone }}'{% endfor %}
    when true then '{{ var('enterprise').time_zone }}'
end
{%- endmacro %}

{#- The contract of one canonical table. -#}
{% macro canonical_table(table) %}{{ return(contract()[table]) }}{% endmacro %}

{#- Code made of source and id: unique in the enterprise, also with two databases of one system. -#}
{% macro source_code(alias, kind, id) -%}
    {{ alias }}._source || '-{{ kind }}' || cast({{ id }} as varchar)
{%- endmacro %}

{#- The code that people use where it is unique within its source, else the source's code. -#}
{% macro natural_code(alias, natural, kind) -%}
    case
        when {{ natural }} <> '' and count(*) over (partition by {{ alias }}._source, {{ natural }}) = 1
            then {{ natural }}
        else {{ source_code(alias, kind, alias ~ '.id') }}
    end
{%- endmacro %}
