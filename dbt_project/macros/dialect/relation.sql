{#- How engines make views and say which columns a query has, in fewer statements than dbt's own way. -#}

{#-
A view of the model's rows, replaced in one statement. dbt makes it under another name, renames both
and drops the old one, which takes longer than most tables here. A table that was there is dropped.
-#}
{% materialization view, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{- run_hooks(pre_hooks) -}}
    {%- call statement('main') -%}
        {{- get_assert_columns_equivalent(sql) if config.get('contract').enforced -}}
        {%- if existing is not none and not existing.is_view -%}drop table {{ existing }};{%- endif %}
        create or replace view {{ target_relation }} as (
            {{ sql }}
        )
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{- run_hooks(post_hooks) -}}
    {{- return({'relations': [target_relation]}) -}}
{% endmaterialization %}

{#-
Compares the columns of a query with the model's contract. dbt makes two queries of it and computes
both; the engine's own description is one and computes nothing. Where they differ, in their order
alone perhaps, dbt judges and says so in its words.
-#}
{% macro duckdb__get_assert_columns_equivalent(sql) %}
    {%- set declared = [] -%}
    {%- for column in model.columns.values() -%}
        {%- do declared.append(column.name ~ ' ' ~ column.data_type | upper) -%}
    {%- endfor -%}
    {%- set found = run_query(
        "select string_agg(column_name || ' ' || column_type, ', ') from (describe " ~ sql ~ "\n)"
    ).rows[0][0] -%}
    {%- if found != declared | join(', ') -%}{{- assert_columns_equivalent(sql) -}}{%- endif -%}
{% endmacro %}
