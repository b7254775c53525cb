{#- From the immutable change log to the current state of each landed table, and to its live rows. -#}

{#-
Newest version of each row of a landed table, over all sources of the system. Only batches newer
than those already in the table are read; a full refresh reads the whole log. Deleted rows stay,
with `_op = 'delete'`.
-#}
{% macro current_state(system, table, key) %}
    {{- config(
        enabled=sources_of(system) | length > 0,
        incremental_strategy='latest_version',
        unique_key=['_source'] + key,
        on_schema_change='append_new_columns',
    ) -}}
    -- depends_on: {{ source(system, table) }}
    {%- if not execute %}
    select 1
    {%- else %}
    {%- set changes = [] -%}
    {%- set known = known_batches() if is_incremental() else {} -%}
    {%- for name in sources_of(system) -%}
        {%- set files = [] -%}
        {%- for file in landed_files(name, table) if file.split('batch=')[-1].split('/')[0] > known.get(name, '') -%}
            {%- do files.append(file) -%}
        {%- endfor -%}
        {%- if files -%}{%- do changes.append(read_landed(files, name)) -%}{%- endif -%}
    {%- endfor %}
    {%- if changes %}
    with change as {{ inlined() }} ({{ changes | join('\nunion all by name\n') }})
    select * from ({{ first_of_each('change', ['_source'] + key, '_batch desc, _seq desc') }})
    {%- elif is_incremental() %}
    select * from {{ this }} where false
    {%- else %}
        {{- exceptions.raise_compiler_error(
            "Nothing of " ~ system ~ "." ~ table ~ " has landed under " ~ var('landing')
            ~ ". Extract its sources before the warehouse is built.") -}}
    {%- endif %}
    {%- endif %}
{% endmacro %}

{#-
Batch of each source up to which a base table holds everything. A build that was cut short may have
taken more; to take it again changes nothing.
-#}
{% macro known_batches() %}
    {%- set known = {} -%}
    {%- for source, batch in run_query("select source, batch_id from " ~ change_log('read_batch')).rows -%}
        {%- do known.update({source: batch}) -%}
    {%- endfor -%}
    {{- return(known) -}}
{% endmacro %}

{#-
Incremental strategy of base models: replace rows by key, where a key may hold nulls, and note from
which batch on and of what kind the new versions are. The versions that they replace are looked for
once, because keys lie anywhere in a table.
-#}
{% macro get_incremental_latest_version_sql(args) %}
    {%- set columns = get_quoted_csv(args['dest_columns'] | map(attribute='name')) -%}
    {%- set name = args['target_relation'].identifier -%}
    {%- set replaced = name ~ '__replaced' -%}
    create or replace temporary table {{ replaced }} as
    select old.rowid as row_number, old._source
    from {{ args['target_relation'] }} as old
    inner join {{ args['temp_relation'] }} as new on {{ same_key('old', 'new', args['unique_key']) }}
    where {{ in_range_of(args['temp_relation'], args['unique_key'], 'old') }};
    insert into {{ change_log('arrived_batch') }}
    select
        '{{ name }}', _source, min(_batch), bool_or(_op = 'delete'),
        _source in (select _source from {{ replaced }})
    from {{ args['temp_relation'] }}
    group by _source;
    insert into {{ change_log('touched_slice') }}
    select distinct '{{ name }}', cast(null as varchar), cast(null as date), cast(null as date)
    from {{ args['temp_relation'] }};
    delete from {{ args['target_relation'] }} where rowid in (select row_number from {{ replaced }});
    insert into {{ args['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ args['temp_relation'] }};
    drop table {{ replaced }}
{% endmacro %}

{#- Names of the configured sources of one system, in their order. -#}
{% macro sources_of(system) %}
    {{- return(var('sources') | selectattr('system', 'equalto', system) | map(attribute='name') | list) -}}
{% endmacro %}

{#- The configured sources as a table: name, time_zone, position. -#}
{% macro configured_sources() %}
    {%- for source in var('sources') %}
    select '{{ source.name }}' as name, '{{ source.time_zone }}' as time_zone, {{ loop.index }} as position
    {{ 'union all' if not loop.last }}
    {%- else %}
    select cast(null as varchar) as name, cast(null as varchar) as time_zone, 0 as position where false
    {%- endfor %}
{% endmacro %}

{#- Live rows of a base table, of the sources that are configured. -#}
{% macro landed(system, table) -%}
(
    select * from {{ ref('base_' ~ system ~ '__' ~ table) }}
    where _op <> 'delete' and _source in ('{{ sources_of(system) | join("', '") }}')
)
{%- endmacro %}
