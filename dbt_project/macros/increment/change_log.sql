{#-
What a build has changed so far, so that the models below compute no more than that.

`touched_slice`: which days of a table changed, of one node or of all (`node_id` is null); without
days, all of it. `arrived_batch`: from which batch on a base table took rows, and of what kind.
Both are written in the same transaction as the change itself and emptied when a build is complete,
so the build after one that was cut short still knows what the models below have not seen.
-#}

{% macro prepare_change_log() %}
    create table if not exists {{ change_log('touched_slice') }} (
        model varchar, node_id varchar, first_day date, last_day date
    );
    create table if not exists {{ change_log('arrived_batch') }} (
        model varchar, source varchar, batch_id varchar, has_deletes boolean, has_corrections boolean
    );
    {%- if flags.FULL_REFRESH %}
    delete from {{ change_log('touched_slice') }};
    delete from {{ change_log('arrived_batch') }};
    {%- else %}
    -- what a build that was cut short has replaced is gone: its keys cannot be told any more
    update {{ change_log('arrived_batch') }} set has_deletes = true;
    {%- endif %}
{% endmacro %}

{#- One of the two tables. -#}
{% macro change_log(table) -%}
{{ target.schema }}.{{ table }}
{%- endmacro %}

{#- True while a table that exists is to be brought up to date. -#}
{% macro is_increment() %}
    {%- if not execute or model.resource_type != 'model' or should_full_refresh() -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set existing = load_cached_relation(this) -%}
    {{- return(existing is not none and existing.is_table) -}}
{% endmacro %}

{#- Names of the tables that a model is computed from, seen through views. -#}
{% macro tables_behind(node) %}
    {%- set names = [] -%}
    {%- for id in node.depends_on.nodes -%}
        {%- if id in graph.sources -%}
            {%- do names.append(graph.sources[id].source_name ~ '.' ~ graph.sources[id].name) -%}
        {%- elif graph.nodes[id].config.materialized == 'view' -%}
            {%- do names.extend(tables_behind(graph.nodes[id])) -%}
        {%- else -%}
            {%- do names.append(graph.nodes[id].name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(names | unique | list) -}}
{% endmacro %}

{#- SQL list of the tables behind the model that is being built. -#}
{% macro parents_list() -%}
('{{ tables_behind(model) | join("', '") }}')
{%- endmacro %}

{#-
What changed above the model that is being built: `nothing`, `everything` (undated, or too
scattered to be worth a list), or `days`: a list of ranges (first, last), merged and in order.
-#}
{% macro changes_above() %}
    {%- set rows = run_query(
        "select distinct first_day, last_day from " ~ change_log('touched_slice')
        ~ " where model in " ~ parents_list() ~ " order by 1 nulls first, 2"
    ).rows -%}
    {%- if not rows -%}{{- return({'what': 'nothing', 'days': []}) -}}{%- endif -%}
    {%- set state = namespace(days=[]) -%}
    {%- for first, last in rows -%}
        {%- if first is none -%}{{- return({'what': 'everything', 'days': []}) -}}{%- endif -%}
        {%- if state.days and (first - state.days[-1][1]).days <= 1 -%}
            {%- set merged = (state.days[-1][0], [state.days[-1][1], last] | max) -%}
            {%- set state.days = state.days[:-1] + [merged] -%}
        {%- else -%}
            {%- set state.days = state.days + [(first, last)] -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if state.days | length > 100 -%}{{- return({'what': 'everything', 'days': []}) -}}{%- endif -%}
    {{- return({'what': 'days', 'days': state.days}) -}}
{% endmacro %}

{#-
Condition that a row belongs to what is computed anew: true in a build of everything. `start` and
`end` are columns that say which days it covers; `widen` covers the days around, where the changes
above are dated in another zone.
-#}
{% macro in_touched_days(start, end=none, widen=0) -%}
    {%- set above = changes_above() if is_increment() else {'what': 'everything'} -%}
    {%- if above.what == 'days' -%}
    (
        {%- for first, last in above.days %}
        {{ 'or ' if not loop.first }}({{ end or start }} >= date '{{ first - modules.datetime.timedelta(days=widen) }}'
            and {{ start }} <= date '{{ last + modules.datetime.timedelta(days=widen) }}')
        {%- endfor %}
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#- From which day on each node is computed anew, in an increment: node_id, first_day. -#}
{% macro touched_nodes() -%}
(
    select node.node_id, min(touched.first_day) - 1 as first_day
    from {{ change_log('touched_slice') }} as touched
    inner join {{ ref('dim_organization') }} as node
        on touched.node_id is null or touched.node_id = node.node_id
    where touched.model in {{ parents_list() }}
    group by node.node_id
)
{%- endmacro %}

{#- True unless nothing changed from which a canonical table is computed. -#}
{% macro touched_table(table) %}
    {%- if not is_increment() -%}{{- return(true) -}}{%- endif -%}
    {%- set node = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('name', 'equalto', table) | first -%}
    {%- set changed = run_query("select distinct model from " ~ change_log('touched_slice')).columns[0].values() | list -%}
    {{- return(tables_behind(node) | select('in', changed) | list | length > 0) -}}
{% endmacro %}
