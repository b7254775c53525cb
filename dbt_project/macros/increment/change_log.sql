{#-
What a build has changed so far, so that the models below compute no more than that.

`touched_slice`: which days of a table changed, of one node or of all (`node_id` is null); without
days, all of it; and which tables of changed rows (`<table>__scope`) this build has made.
`arrived_batch`: from which batch on a base table took rows, and of what kind. Both are written in the
same transaction as the change itself and emptied when a build is complete, so the build after one
that was cut short still knows what the models below have not seen.
`read_batch`: up to which batch of each source the last complete build has read.
-#}

{% macro prepare_change_log() %}
    create table if not exists {{ change_log('touched_slice') }} (
        model varchar, node_id varchar, first_day date, last_day date
    );
    create table if not exists {{ change_log('arrived_batch') }} (
        model varchar, source varchar, batch_id varchar, has_deletes boolean, has_corrections boolean
    );
    create table if not exists {{ change_log('read_batch') }} (source varchar, batch_id varchar);
    {%- if flags.FULL_REFRESH %}
    delete from {{ change_log('touched_slice') }};
    delete from {{ change_log('arrived_batch') }};
    delete from {{ change_log('read_batch') }};
    {%- else %}
    -- what a build that was cut short has replaced is gone: its keys cannot be told any more
    update {{ change_log('arrived_batch') }} set has_deletes = true;
    delete from {{ change_log('touched_slice') }} where model like '%!_!_scope' escape '!';
    {%- endif %}
{% endmacro %}

{#- One of these tables. -#}
{% macro change_log(table) -%}
{{ target.schema }}.{{ table }}
{%- endmacro %}

{#- True while a table that exists is to be brought up to date. -#}
{% macro is_increment() %}
    {%- if not execute or model.resource_type != 'model' -%}{{- return(false) -}}{%- endif -%}
    {%- if model.is_increment is not defined -%}
        {%- set existing = none if should_full_refresh() else load_cached_relation(this) -%}
        {%- do model.update({'is_increment': existing is not none and existing.is_table}) -%}
    {%- endif -%}
    {{- return(model.is_increment) -}}
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
    {%- if model.changes_above is not defined -%}{%- do model.update({'changes_above': read_changes_above()}) -%}{%- endif -%}
    {{- return(model.changes_above) -}}
{% endmacro %}

{% macro read_changes_above() %}
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

{#- Table beside a model, by default the one that is being built, which says what of it is computed anew. -#}
{% macro scope_table(name=none) %}{{ return(model_relation((name or this.identifier) ~ '__scope')) }}{% endmacro %}

{#- A table of this project by its name; unlike `ref` it makes nothing wait for it. -#}
{% macro model_relation(name) %}{{ return(this.incorporate(path={'identifier': name})) }}{% endmacro %}

{#- The canonical tables that are computed from something that changed; all in a build of everything. -#}
{% macro touched_tables() %}
    {%- if not is_increment() -%}{{- return(contract() | list) -}}{%- endif -%}
    {%- set changed = run_query("select distinct model from " ~ change_log('touched_slice')).columns[0].values() | list -%}
    {%- set found = [] -%}
    {%- for table in contract() -%}
        {%- if tables_behind(graph.nodes['model.scorecard.' ~ table]) | select('in', changed) | list -%}
            {%- do found.append(table) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}

{#-
Condition on rows of periods: those that hold a touched day. Twelve months rolling are always
computed anew, because they begin when a KPI's data begin. None that ended before the first touched
day holds one; that is said first, because a table's parts are left out by it.
-#}
{% macro in_touched_periods(row='') -%}
({{ ends_after_first_touched(row) }}
({{ in_touched_days(row ~ 'period_start', row ~ 'period_end') }} or {{ row }}period_type = 'rolling_12_months'))
{%- endmacro %}

{% macro ends_after_first_touched(row) -%}
{%- set first = first_touched_day() -%}
{{ row ~ 'period_end >= ' ~ first ~ ' and' if first }}
{%- endmacro %}

{#- Condition on rows of periods with others that they are compared with: any of them is touched. -#}
{% macro in_touched_comparisons(row='') -%}
({{ ends_after_first_touched(row) }} (
{{ in_touched_days(row ~ 'period_start', row ~ 'period_end') }}
or {{ in_touched_days(row ~ 'previous_start', row ~ 'previous_end') }}
or {{ in_touched_days(row ~ 'year_ago_start', row ~ 'year_ago_end') }}))
{%- endmacro %}

{#- The first touched day as a literal; none where everything is computed. -#}
{% macro first_touched_day() %}
    {%- set above = changes_above() if is_increment() else {'what': 'everything'} -%}
    {{- return("date '" ~ above.days[0][0] ~ "'" if above.what == 'days' else none) -}}
{% endmacro %}

{#-
True if a KPI's contributions are rows of facts on the day that the fact says, so that they change
only on days on which a fact has changed: its SQL consists of nothing but `contribution` calls.
-#}
{% macro dated_by_its_facts(kpi) %}
    {%- if not execute -%}{{- return(true) -}}{%- endif -%}
    {%- set code = graph.nodes['model.scorecard.kpi_' ~ kpi].raw_code -%}
    {%- set code = modules.re.sub('--[^\n]*', '', code) -%}
    {%- set calls = modules.re.findall('\\{\\{-?\\s*contribution\\(', code) | length -%}
    {{- return(
        calls == code.count('{{' ~ '') and 'date_day' not in code and 'select' not in code
        and ' over ' not in code and ' join ' not in code
    ) -}}
{% endmacro %}

{#- The first day that is touched, as a literal, where nothing moved but the clock; none otherwise. -#}
{% macro clock_moved_from() %}
    {%- if not is_increment() or changes_above().what != 'days' -%}{{- return(none) -}}{%- endif -%}
    {%- if model.only_clock_moved is not defined -%}
        {%- set other = run_query(
            "select 1 from " ~ change_log('touched_slice')
            ~ " where model in " ~ parents_list() ~ " and model <> 'clock_date' limit 1"
        ).rows -%}
        {%- do model.update({'only_clock_moved': other | length == 0}) -%}
    {%- endif -%}
    {{- return(first_touched_day() if model.only_clock_moved else none) -}}
{% endmacro %}
