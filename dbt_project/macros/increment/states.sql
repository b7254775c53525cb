{#-
Which states of which nodes a build puts in order: a table beside the model, one row per node.

`replaced_from`, `replaced_until`: the days whose rows are computed, the second excluded.
`read_from`, `read_until`: when the states begin that are needed for that; besides those that last
into it, the last one before (`last_before`) and the next one after (`first_after`).
`first_start`: when the earliest of them begins.

An increment takes the nodes that are touched, from the touched day on. A build of everything takes
all nodes and one slice of time after the other, so that the memory it needs does not grow with the
years, and the rows lie in the order of their days.
-#}

{#- Makes the table for an increment or the first slice; none where all is computed at once. To be called while the model is compiled. -#}
{% macro make_states_scope() %}
    {%- if not execute or model.resource_type != 'model' -%}{{- return(none) -}}{%- endif -%}
    {%- if is_increment() and changes_above().what == 'days' -%}
        {%- do run_query("create or replace table " ~ scope_table() ~ " as " ~ touched_nodes_sql()) -%}
    {%- elif state_slices() -%}
        {%- do run_query(scope_of_slice(state_slices() | first)) -%}
    {%- else -%}
        {{- return(none) -}}
    {%- endif -%}
    {{- return(scope_table()) -}}
{% endmacro %}

{#-
A bound of the scope as a constant of the statement: with it whole parts of a table need not be read.
Where none is set it bounds nothing.
-#}
{% macro scope_bound(name) -%}
    {%- set type, widest = {
        'replaced_from': ('date', '0001-01-01'),
        'first_start': ('timestamp', '0001-01-01'),
        'last_start': ('timestamp', '9999-12-31'),
    }[name] -%}
coalesce(cast(getvariable('{{ name }}') as {{ type }}), {{ type }} '{{ widest }}')
{%- endmacro %}

{#- Statements that set the bounds; to be sent with the statement that uses them. -#}
{% macro set_scope_bounds() %}
set variable replaced_from = (select min(replaced_from) from {{ scope_table() }});
set variable first_start = (select min(first_start) from {{ scope_table() }});
set variable last_start = (select max(greatest(read_until, first_after)) from {{ scope_table() }});
{% endmacro %}

{#-
Ranges of days, the second excluded, that hold no more states than are put in order at once; none where
one would do. Where there are millions, one ends after four weeks and six million states: what lies in the
order of its days can be asked for some of them without reading the rest.
-#}
{% macro state_slices() %}
    {%- if model.state_slices is defined -%}{{- return(model.state_slices) -}}{%- endif -%}
    {%- set slices, bounds, state = [], ['0001-01-01'], namespace(rows=0, begins=none) -%}
    {%- set at_once = states_at_once() -%}
    {%- if load_cached_relation(ref('state_day')) -%}
        {%- for day, rows in run_query(
            "select date_day, sum(state_count) from " ~ ref('state_day') ~ " group by date_day order by date_day"
        ).rows -%}
            {%- set begins = state.begins or day -%}
            {%- set is_whole = state.rows >= 6000000 and (day - begins).days >= 28 -%}
            {%- if is_whole or (state.rows and state.rows + rows > at_once) -%}
                {%- do bounds.append(day | string) -%}
                {%- set begins = day -%}
                {%- set state.rows = 0 -%}
            {%- endif -%}
            {%- set state.begins = begins -%}
            {%- set state.rows = state.rows + rows -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for day in bounds[1:] -%}{%- do slices.append((bounds[loop.index0], day)) -%}{%- endfor -%}
    {%- if slices -%}{%- do slices.append((bounds | last, '9999-01-01')) -%}{%- endif -%}
    {%- do model.update({'state_slices': slices}) -%}
    {{- return(slices) -}}
{% endmacro %}

{#- Condition that a row lies in a slice, which holds all nodes. -#}
{% macro in_slice(row, slice) -%}
{{ row }}.date_day >= date '{{ slice[0] }}' and {{ row }}.date_day < date '{{ slice[1] }}'
{%- endmacro %}

{#- How many states fit into the memory of the warehouse, 700 bytes each; SCORECARD_STATES_AT_ONCE says otherwise. -#}
{% macro states_at_once() %}
    {%- set said = env_var('SCORECARD_STATES_AT_ONCE', '') -%}
    {%- if said -%}{{- return(said | int) -}}{%- endif -%}
    {%- set number, unit = run_query("select current_setting('memory_limit')").rows[0][0].split(' ') -%}
    {%- set power = {'KiB': 0, 'MiB': 1, 'GiB': 2, 'TiB': 3}[unit] -%}
    {{- return((number | float * 1024 ** (power + 1) / 700) | int) -}}
{% endmacro %}

{#-
Statement that makes the table for one slice. What is computed is dated in the plant's zone and by
production day, the states in UTC: two days around are read.
-#}
{% macro scope_of_slice(slice) %}
    {%- set read_from = add_interval("date '" ~ slice[0] ~ "'", -2, 'day') -%}
    {%- set read_until = add_interval("date '" ~ slice[1] ~ "'", 2, 'day') -%}
    create or replace table {{ scope_table() }} as
    select
        node_id,
        date '{{ slice[0] }}' as replaced_from,
        date '{{ slice[1] }}' as replaced_until,
        {{ read_from }} as read_from,
        {{ read_until }} as read_until,
        max(last_start_ts) filter (where date_day < {{ read_from }}) as last_before,
        min(first_start_ts) filter (where date_day >= {{ read_until }}) as first_after,
        least(
            min(first_start_ts) filter (where date_day >= {{ read_from }} or last_end_ts >= {{ read_from }}),
            max(last_start_ts) filter (where date_day < {{ read_from }})
        ) as first_start
    from {{ ref('state_day') }}
    group by node_id
{% endmacro %}

{#-
What is touched reaches back to the beginning of whatever was going on then, and to the first day that
this is booked to. States are dated in UTC; what else may have changed, in the plant's zone, but the clock, which
touches a day more on either side for that very reason.
-#}
{% macro touched_nodes_sql() %}
    with touched as (
        select
            node.node_id,
            cast(min(
                case
                    when slice.model in ('mes_equipment_state', 'state_day', 'clock') then slice.first_day
                    else {{ add_interval('slice.first_day', -1, 'day') }}
                end
            ) as date) as date_day
        from {{ change_log('touched_slice') }} as slice
        inner join {{ ref('dim_organization') }} as node
            on slice.node_id is null or slice.node_id = node.node_id
        where slice.model in {{ parents_list() }}
        group by node.node_id
    ),

    reaching as (
        select
            touched.node_id,
            touched.date_day,
            least(
                cast(touched.date_day as timestamp),
                min(case when state.last_end_ts >= touched.date_day then state.first_crossing_ts end),
                max(state.last_start_ts)
            ) as start_ts
        from touched
        left join {{ ref('state_day') }} as state
            on state.node_id = touched.node_id and state.date_day < touched.date_day
        group by touched.node_id, touched.date_day
    ),

    replaced as (
        select reaching.node_id, least(reaching.date_day, min(slot.date_day)) as replaced_from
        from reaching
        left join {{ ref('calendar_slot') }} as slot
            on slot.node_id = reaching.node_id and slot.end_ts > reaching.start_ts
        group by reaching.node_id, reaching.date_day
    ),

    bounded as (
        select
            replaced.node_id,
            replaced.replaced_from,
            cast(cast(coalesce(min(slot.start_ts), replaced.replaced_from) as date) as timestamp) as read_from
        from replaced
        left join {{ ref('calendar_slot') }} as slot
            on slot.node_id = replaced.node_id and slot.date_day >= replaced.replaced_from
        group by replaced.node_id, replaced.replaced_from
    )

    select
        bounded.node_id,
        bounded.replaced_from,
        date '9999-12-31' as replaced_until,
        bounded.read_from,
        timestamp '9999-12-31' as read_until,
        max(state.last_start_ts) as last_before,
        cast(null as timestamp) as first_after,
        least(
            bounded.read_from,
            max(state.last_start_ts),
            min(case when state.last_end_ts >= bounded.read_from then state.first_crossing_ts end)
        ) as first_start
    from bounded
    left join {{ ref('state_day') }} as state
        on state.node_id = bounded.node_id and state.date_day < bounded.read_from
    group by bounded.node_id, bounded.replaced_from, bounded.read_from
{% endmacro %}
