{#-
A table that computes no more than what changed above it and says which of its days changed.

- Nothing changed above: it stays as it is.
- `recompute: all` (the default): it is computed whole and compared with what it was.
- `recompute: days`, `periods`, `compared_periods`, `nodes`, `keys`, `tables` or `moves`: where what changed
  is dated (`moves`: where nothing moved but the clock), only those rows are computed (the model's SQL
  prunes its inputs with `in_touched_days` and the like), compared and replaced. `recomputed` says
  which these are.

A full refresh computes everything and compares nothing, because all that lies below is computed,
too. Rows and what is noted about them are written in one transaction.
-#}
{% materialization tracked, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set new = make_intermediate_relation(target_relation) -%}
    {{- run_hooks(pre_hooks) -}}

    {#- Plain statements in one transaction: dbt's own macros that drop and rename take longer than most tables. -#}
    {%- set mode = recompute_mode() -%}
    {%- if mode == 'nothing' -%}
        {%- call noop_statement('main', 'UNCHANGED', 'UNCHANGED') -%}{%- endcall -%}
    {%- elif mode == 'whole' -%}
        {%- call statement('main') -%}
            {%- if existing is not none %}drop {{ existing.type }} if exists {{ existing }};{% endif -%}
            {{- filled_table(target_relation) -}}
        {%- endcall -%}
    {%- elif mode == 'compared' -%}
        {%- call statement('main', fetch_result=true) -%}
            {{ filled_table(new, like=existing) }}
            {{ note_changes(existing, new) }}
        {%- endcall -%}
        {%- call statement('replace') -%}
            {%- if any_noted() -%}
            drop table {{ existing }};
            alter table {{ new }} rename to {{ existing.identifier }}
            {%- else -%}
            drop table {{ new }}
            {%- endif -%}
        {%- endcall -%}
    {%- elif mode == 'replaced' -%}
        {%- call statement('main') -%}
            insert into {{ change_log('touched_slice') }}
            select distinct '{{ model.name }}', cast(null as varchar), first_day, last_day
            from {{ change_log('touched_slice') }} where model in {{ parents_list() }};
            delete from {{ existing }} as former where {{ recomputed('former') }};
            {{ insert_computed(existing, recomputed('computed')) }}
        {%- endcall -%}
    {%- else -%}
        {#- In memory while it fits: written once, where it stays, and gone with a build that is cut short. -#}
        {%- set new = new.incorporate(path={'database': 'temp', 'schema': 'main'}) -%}
        {%- set is_replaced = recomputed('former') -%}
        {%- set former = rows_where(existing, 'former', is_replaced) -%}
        {%- if tracking('recompute') == 'keys' -%}
            {#- Keys lie anywhere, the rows that bear them do not: found once by these two columns, then by their days. -#}
            {%- set is_replaced = is_replaced ~ ' and ' ~ in_range_of(former, canonical_table(model.name).event[:1], 'former') -%}
            {%- set former = rows_where(existing, 'former', is_replaced) -%}
        {%- endif -%}
        {%- call statement('main', fetch_result=true) -%}
            {{ set_scope_bounds() if tracking('recompute') == 'nodes' }}
            {{ filled_table(new, like=existing, temporary=true) }}
            {{ note_changes(former, new) }}
        {%- endcall -%}
        {%- call statement('replace') -%}
            {%- if any_noted() -%}
            delete from {{ existing }} as former where {{ is_replaced }};
            insert into {{ existing }} select * from {{ new }};
            {%- endif %}
            drop table {{ new }}
        {%- endcall -%}
    {%- endif -%}
    {%- if mode != 'nothing' -%}{%- do adapter.commit() -%}{%- endif -%}
    {{- run_hooks(post_hooks) -}}
    {{- return({'relations': [target_relation]}) -}}
{% endmaterialization %}

{#-
Statements that make a table of the model's rows; of those that are computed anew, if it is temporary.
All of them are made slice by slice where they are too many at once, and put into the order that the model
names in `meta.lies_by`: a build that asks for some days then reads the parts of the table that hold them,
not all. The columns are those of the table `like`; without one, dbt compares them with the contract first.
-#}
{% macro filled_table(relation, like=none, temporary=false) %}
    {%- set slices = state_slices() if tracking('recompute') == 'nodes' and not temporary else [] -%}
    {%- set order = tracking('lies_by') if not temporary else none -%}
    {%- if not slices and not order and not like -%}
        {{- create_table_as(false, relation, model.compiled_code) -}}
    {%- else -%}
        {%- if like -%}
        create {{ 'temporary' if temporary }} table {{ relation }} as select * from {{ like }} where false;
        {%- else -%}
        {{- create_table_as(false, relation, 'select * from (' ~ model.compiled_code ~ ') where false') -}};
        {%- endif -%}
        {%- for slice in slices or [none] -%}
        {%- if slice %}
        {{ scope_of_slice(slice) }};
        {{ set_scope_bounds() }}
        {%- endif %}
        {%- set wanted = recomputed('computed') if temporary else in_slice('computed', slice) if slice else 'true' %}
        {{ insert_computed(relation, wanted, order) }};
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{#- Statement that adds the model's rows for which a condition holds, which names them `computed`. -#}
{% macro insert_computed(relation, condition, order=none) %}
    {%- set columns = get_quoted_csv(model.columns | list) -%}
        insert into {{ relation }} ({{ columns }})
        select {{ columns }} from {{ rows_where('(' ~ model.compiled_code ~ ')', 'computed', condition) }} as filled
        {{- ' order by ' ~ order | join(', ') if order }}
{%- endmacro %}

{#- Table expression: the rows of a relation, which the condition names `alias`. -#}
{% macro rows_where(relation, alias, condition) -%}
(select * from {{ relation }} as {{ alias }} where {{ condition }})
{%- endmacro %}

{#- What a tracked model says of itself in `meta`. -#}
{% macro tracking(name) %}{{ return((config.get('meta') or {}).get(name)) }}{% endmacro %}

{#-
How a tracked table is brought up to date: `whole` (nothing to compare with, or nobody asks), `nothing`,
`compared` (computed whole, then compared), `parts` (what is computed anew is compared), or `replaced`
(it is not, because a period differs where a day in it does).
-#}
{% macro recompute_mode() %}
    {%- if not is_increment() -%}{{- return('whole') -}}{%- endif -%}
    {%- set above = changes_above() -%}
    {%- set recompute = tracking('recompute') or 'all' -%}
    {%- if above.what == 'nothing' -%}{{- return('nothing') -}}{%- endif -%}
    {%- if recompute == 'tables' -%}{{- return('parts') -}}{%- endif -%}
    {%- if recompute == 'moves' -%}{{- return('parts' if clock_moved_from() else 'compared') -}}{%- endif -%}
    {%- if recompute == 'keys' -%}
        {{- return('parts' if changed_rows(model.name) else 'compared') -}}
    {%- endif -%}
    {%- if above.what != 'days' or recompute == 'all' -%}{{- return('compared') -}}{%- endif -%}
    {%- if recompute == 'compared_periods' -%}
        {#- a first day that moves brings or takes periods that hold no touched day -#}
        {%- set first = run_query('select min(date_day) from ' ~ ref('kpi_part')).rows[0][0] -%}
        {%- if first is none or above.days[0][0] <= first -%}{{- return('compared') -}}{%- endif -%}
    {%- endif -%}
    {{- return('replaced' if recompute in ('periods', 'compared_periods') else 'parts') -}}
{% endmacro %}

{#- Condition that a row is one of those that are computed anew. -#}
{% macro recomputed(row) -%}
    {%- set recompute = tracking('recompute') -%}
    {%- if recompute == 'days' -%}
        {{ in_touched_days(row ~ '.date_day', widen=tracking('widen') or 0) }}
    {%- elif recompute == 'periods' -%}
        {{ in_touched_periods(row ~ '.') }}
    {%- elif recompute == 'compared_periods' -%}
        {{ in_touched_comparisons(row ~ '.') }}
    {%- elif recompute == 'moves' -%}
        {{ row }}.end_ts >= {{ clock_moved_from() }}
    {%- elif recompute == 'nodes' -%}
        {{ row }}.date_day >= {{ scope_bound('replaced_from') }} and exists (
            select 1 from {{ scope_table() }} as scope
            where scope.node_id = {{ row }}.node_id
                and scope.replaced_from <= {{ row }}.date_day
                and scope.replaced_until > {{ row }}.date_day
        )
    {%- elif recompute == 'tables' -%}
        (
        {%- for table in touched_tables() %}
        {{ 'or ' if not loop.first }}{{ row }}.canonical_table = '{{ table }}'
        {%- set rows = changed_rows(table) %}
        {%- if rows %} and exists (
            select 1 from {{ rows }} as changed
            where changed.source_pk = {{ row }}.source_pk and changed.source_system = {{ row }}.source_system
        )
        {%- endif %}
        {%- else %} false
        {%- endfor %}
        )
    {%- elif recompute == 'keys' -%}
        exists (
            select 1 from {{ scope_table() }} as changed
            where {{ same_key('changed', row, canonical_identity(model.name)) }}
        )
        and {{ in_range_of(scope_table(), canonical_identity(model.name), row) }}
    {%- endif -%}
{%- endmacro %}

{#-
Statements that note the slices of the model in which two relations differ, and ask whether there are any:
`any_noted` is the answer, once they have run as part of `main`.
-#}
{% macro note_changes(old, new) %}
    {%- set columns = get_quoted_csv(model.columns | list) -%}
    {%- set day = tracking('slice_day') or (['date_day', 'period_end'] | select('in', model.columns) | first) -%}
    {%- set log = change_log('touched_slice') -%}
    insert into {{ log }}
    {%- if tracking('slice_moves') %}
    -- the one row says until when: what changes is what lies between then and now
    select '{{ model.name }}', null, min(day) - 1, max(day) + 1
    from (select {{ day }} as day from {{ old }} union all select {{ day }} as day from {{ new }})
    having (select count(*) from ({{ changed_slices(old, new, columns, ["1"]) }})) > 0
    {%- elif day %}
    select '{{ model.name }}', slice_1, slice_2, slice_2
    from ({{ changed_slices(old, new, columns, [tracking('slice_node') or 'cast(null as varchar)', day]) }})
    {%- else %}
    select '{{ model.name }}', null, null, null
    from ({{ changed_slices(old, new, columns, ["1"]) }})
    {%- endif %};
    select count(*) > 0 from {{ log }} where model = '{{ model.name }}'
{% endmacro %}

{#- True if `note_changes` has found that the model differs. -#}
{% macro any_noted() %}{{ return(load_result('main').table.rows[0][0]) }}{% endmacro %}
