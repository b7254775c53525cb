{#- What staging models share: canonical column lists, lineage, and a source's zone. -#}

{#- Every column of a canonical table and its lineage, cast to the contract's types. -#}
{% macro canonical_columns(table, of='') %}
    {%- set prefix = of ~ '.' if of else '' -%}
    {%- for name, column in canonical_table(table).columns.items() %}
    cast({{ prefix }}{{ name }} as {{ column.sql }}) as {{ name }},
    {%- endfor %}
    {%- for name, sql in lineage_columns().items() %}
    cast({{ prefix }}{{ name }} as {{ sql }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#-
Lineage of a row of a landed table. `pk`: the row's key in its source. `is_deleted`: a condition; where
it is unknown, because a mark was left empty, the row is not deleted.
-#}
{% macro lineage(alias, pk, changed_at='null', is_deleted='false') %}
    {{ alias }}._source as source_system,
    cast({{ pk }} as varchar) as source_pk,
    {{ changed_at }} as changed_at,
    coalesce({{ is_deleted }}, false) as is_deleted,
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

{#- Site that the configuration gives a source, as an SQL expression over its name; null if it gives none. -#}
{% macro source_site(source_column) -%}
case
    {%- for source in var('sources') if source.site %} when {{ source_column }} = '{{ source.name }}' then '{{ source.site | replace("'", "''") }}'{% endfor %}
    when true then cast(null as varchar)
end
{%- endmacro %}

{#-
The end of a staging model: every row of `rows` (a common table expression, usually `mapped`) in the
shape of a canonical table. Columns that the contract does not require may be left out and are then
empty; a required one that is left out is an error that names it.
-#}
{% macro canonical_rows(table, rows='mapped') -%}
select {{ canonical_columns(table, of=table ~ '_row') }}
from (
    select * from {{ rows }}
    union all by name
    select
        {%- for name, column in canonical_table(table).columns.items() if not column.required %}
        cast(null as {{ column.sql }}) as {{ name }},
        {%- endfor %}
        cast(null as varchar) as batch_id
    where false
) as {{ table }}_row
{%- endmacro %}

{#- The condition of a staging model that is not written yet: the model gives no rows, and
`scorecard source check` calls it not mapped. -#}
{% macro not_mapped_yet() %}false{% endmacro %}

{#- A vendor's status codes in our words; a code that is not listed is `otherwise`. -#}
{% macro in_words(code, words, otherwise='null') -%}
case cast({{ code }} as varchar)
    {%- for theirs, ours in words.items() %} when '{{ theirs }}' then '{{ ours }}'{% endfor %}
    else {{ otherwise }}
end
{%- endmacro %}

{#- A local time of the source (column or text in ISO 8601) in UTC, by the source's `time_zone`. -#}
{% macro utc_of(local, alias) -%}
{{ to_utc(local, source_zone(alias ~ '._source')) }}
{%- endmacro %}

{#- Seconds since 1970 in UTC, or milliseconds with `per_second=1000`, as a timestamp. -#}
{% macro utc_of_epoch(number, per_second=1) -%}
{{ return(adapter.dispatch('utc_of_epoch')(number, per_second)) }}
{%- endmacro %}

{% macro default__utc_of_epoch(number, per_second=1) -%}
make_timestamp(cast(({{ number }}) * {{ 1000000 // per_second }} as bigint))
{%- endmacro %}

{% macro spark__utc_of_epoch(number, per_second=1) -%}
timestamp_micros(cast(({{ number }}) * {{ 1000000 // per_second }} as bigint))
{%- endmacro %}

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
