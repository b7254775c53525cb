{#-
The slices in which two relations with the same columns differ. Rows are compared by a hash of all
columns, whatever their order; `slice` is a list of SQL expressions.
-#}
{% macro changed_slices(old, new, columns, slice) %}{{ return(adapter.dispatch('changed_slices')(old, new, columns, slice)) }}{% endmacro %}

{% macro default__changed_slices(old, new, columns, slice) -%}
select {% for part in slice %}slice_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
from (
    select
        {%- for part in slice %} {{ part }} as slice_{{ loop.index }},{% endfor %}
        cast(hash({{ columns }}) as hugeint) as content,
        1 as number
    from {{ old }}
    union all
    select
        {%- for part in slice %} {{ part }} as slice_{{ loop.index }},{% endfor %}
        -cast(hash({{ columns }}) as hugeint) as content,
        -1 as number
    from {{ new }}
)
group by all
having sum(content) <> 0 or sum(number) <> 0
{%- endmacro %}

{% macro spark__changed_slices(old, new, columns, slice) -%}
select {% for part in slice %}slice_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
from (
    select
        {%- for part in slice %} {{ part }} as slice_{{ loop.index }},{% endfor %}
        cast(xxhash64({{ columns }}) as decimal(38,0)) as content,
        1 as number
    from {{ old }}
    union all
    select
        {%- for part in slice %} {{ part }} as slice_{{ loop.index }},{% endfor %}
        -cast(xxhash64({{ columns }}) as decimal(38,0)) as content,
        -1 as number
    from {{ new }}
)
group by {% for part in slice %}slice_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
having sum(content) <> 0 or sum(number) <> 0
{%- endmacro %}
