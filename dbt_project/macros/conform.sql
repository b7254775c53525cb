{#-
From the staging tables of all sources to one canonical table: codes mapped, duplicates collapsed,
units and currencies converted. A row with a code, unit or currency that nobody knows, or an event
at a time that cannot be right, does not enter; `unmapped_code` lists it. `duplicate_row` lists what
was collapsed.
-#}

{#- One canonical table; in an increment, only the rows whose natural key is among the changed ones. -#}
{% macro conform(table) %}
    {%- set contract = canonical_table(table) -%}
    {#- The day and node that a changed row touches, for the models below. -#}
    {%- if contract.event -%}
        {%- set meta = {'slice_day': 'cast(coalesce(' ~ contract.event | join(', ') ~ ', null) as date)'} -%}
        {%- if contract.columns.equipment_code is defined -%}
            {%- do meta.update({'slice_node': 'equipment_code'}) -%}
        {%- endif -%}
        {%- if table not in contract.columns.values() | map(attribute='references', default='') -%}
            {%- do meta.update({'recompute': 'keys'}) -%}
        {%- endif -%}
        {{- config(meta=meta) -}}
    {%- endif -%}
    {%- if not canonical_feeds(table) %}
    {%- if contract.is_expanded %}
    select * from {{ ref(table ~ '_expanded') }}
    {%- else %}
    select
        {%- for name, sql in canonical_types(table).items() %}
        cast(null as {{ sql }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endif %}
    {%- else %}
    with {{ conformed_rows(table, make_changed_rows(table) if tracking('recompute') == 'keys' and is_increment() else none) }}
    select
        {%- for name, sql in canonical_types(table).items() %}
        {{ converted(table, name, sql) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from checked
    {%- for problem in canonical_problems(table) %}
    {{ 'where' if loop.first else 'and' }} not _refused_{{ problem.column }}
    {%- endfor %}
    {%- if contract.is_expanded %}

    union all

    select
        {%- for name in canonical_types(table) %}
        other.{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(table ~ '_expanded') }} as other
    where not exists (
        select 1 from checked
        where {{ same_key('checked', 'other', canonical_identity(table)) }}
    )
    {%- endif %}
    {%- endif %}
{% endmacro %}

{#-
The codes, units, currencies and times of one canonical table that kept a live row out of it. `rows`:
as of `conformed_rows`.
-#}
{% macro unmapped_codes(table, rows=none) %}
    {%- set documents = ['entry_id', 'invoice_no', 'delivery_no', 'order_no', 'erp_order_no'] -%}
    {%- set document = documents | select('in', canonical_types(table)) | first -%}
    select * from (
        with {{ conformed_rows(table, rows, suspects=true) }},
        refused as (
            select * from checked
            where not is_deleted and (
                {%- for problem in canonical_problems(table) %}
                {{ 'or' if not loop.first }} _refused_{{ problem.column }}
                {%- endfor %}
            )
        )
        {%- for problem in canonical_problems(table) %}
        {{ 'union all' if not loop.first }}
        select
            '{{ table }}' as canonical_table,
            source_system,
            source_pk,
            '{{ problem.column }}' as column_name,
            {{ problem.reason }} as reason,
            {{ problem.entity }} as entity,
            cast({{ problem.column }} as varchar) as code,
            {{ node_of_refused(table) }} as node_id,
            {{ document or 'null' }} as document_no,
            _code_date as needed_on,
            batch_id
        from refused where _refused_{{ problem.column }}
        {%- endfor %}
    )
{% endmacro %}

{#-
Rows of one master table whose code another source uses, too, and whose row holds: `is_contradiction`
where they cannot be the same thing, `is_other_name` where they may not be. What the integrator mapped
by hand, or wrote into a file, may bear any name.
-#}
{% macro shared_codes(table, facts) %}
    {%- set key = canonical_table(table).key[0] %}
    select * from (
        with {{ conformed_rows(table) }},
        placed as (
            select
                row_of_source.*,
                first_value(source_system) over holding as held_by,
                first_value(name) over holding as held_name,
                {%- for fact in facts %}
                first_value({{ fact }}) over holding as held_{{ fact }},
                {%- endfor %}
                row_number() over holding as place
            from mapped as row_of_source
            where not is_deleted
            window holding as (
                partition by {{ key }}
                order by {{ source_position('source_system') }}, changed_at desc nulls last, source_pk
            )
        )
        select
            '{{ table }}' as canonical_table,
            placed.{{ key }} as code,
            placed.source_system,
            placed.source_pk,
            placed.held_by,
            {%- if facts %}
            {% for fact in facts %}{{ 'or ' if not loop.first }}placed.{{ fact }} <> placed.held_{{ fact }} {% endfor %} as is_contradiction,
            {%- else %}
            false as is_contradiction,
            {%- endif %}
            (
                lower(trim(placed.name)) <> lower(trim(placed.held_name))
                {%- if table == 'erp_party' %}
                -- of two parties without names nobody knows whether they are one
                or placed.held_name = placed.{{ key }}
                {%- endif %}
            )
                and placed.source_system not in ('{{ sources_of('files') | join("', '") }}')
                and placed.held_by not in ('{{ sources_of('files') | join("', '") }}')
                and not exists (
                    select 1
                    from {{ ref('code_map') }} as map
                    where map.entity = '{{ table }}' and map.conformed_code = placed.{{ key }}
                        and map.source_system in (placed.source_system, placed.held_by)
                ) as is_other_name,
            placed.batch_id
        from placed
        where placed.place > 1 and placed.source_system <> placed.held_by
    )
{% endmacro %}

{#- Column of a canonical table that says where its rows belong; none for the nodes themselves. -#}
{% macro node_column(table) %}
    {%- set names = [] -%}
    {%- for name, column in canonical_table(table).columns.items() if column.references == 'mes_equipment' -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{- return(names | first if names and table != 'mes_equipment' else none) -}}
{% endmacro %}

{#- Node of a refused row, empty where nobody knows it. -#}
{% macro node_of_refused(table) -%}
    {%- set column = node_column(table) -%}
    {{ 'case when not _refused_' ~ column ~ ' then ' ~ column ~ ' end' if column else 'cast(null as varchar)' }}
{%- endmacro %}

{#-
Live rows of one canonical table that another row of the same source and natural key replaced, and
whether the two say the same. `rows`: as of `conformed_rows`.
-#}
{% macro duplicate_rows(table, rows=none) %}
    {%- set contract = canonical_table(table) -%}
    {%- set identity = contract.key + ['source_system'] -%}
    {%- set payload = contract.columns | reject('in', contract.key) | list -%}
    select * from (
        with
        {%- if rows %}
        mapped as (select * from {{ rows }} where not is_deleted),
        {%- else %}
        {{ incoming_rows(table, 'not is_deleted') }},
        {{ mapped_rows(table) }},
        {%- endif %}
        shared as ({{ rows_of_repeated_keys('mapped', identity) }}),
        placed as (
            select
                shared.*,
                row_number() over (
                    partition by {{ identity | join(', ') }} order by {{ newest_first(contract) }}
                ) as place
            from shared
        )
        select
            '{{ table }}' as canonical_table,
            other.source_system,
            other.source_pk,
            held.source_pk as held_pk,
            {% for column in payload -%}
            other.{{ column }} is not distinct from held.{{ column }} and {{ '' }}
            {%- endfor %} true as is_same,
            other.batch_id
        from placed as other
        inner join placed as held on held.place = 1 and {{ same_key('held', 'other', identity) }}
        where other.place > 1
    )
{% endmacro %}

{#-
True if two rows of one source may come to share a natural key. A file's alone are unique; two codes of
a file may be mapped to one, if anything is mapped.
-#}
{% macro may_repeat_keys(table) %}
    {%- set contract = canonical_table(table) -%}
    {%- set mapped = [] -%}
    {%- for column in contract.key if contract.columns[column].entity is defined -%}
        {%- do mapped.append(contract.columns[column].entity) -%}
    {%- endfor -%}
    {%- if mapped and execute and load_cached_relation(ref('code_map')) -%}
        {%- set mapped = run_query(
            "select 1 from " ~ ref('code_map') ~ " where entity in ('" ~ mapped | join("', '") ~ "') limit 1"
        ).rows -%}
    {%- endif -%}
    {%- set feeds = canonical_feeds(table) -%}
    {{- return(feeds | length > 0 and (mapped | length > 0 or feeds != ['base_files__' ~ table])) -}}
{% endmacro %}

{#-
The common table expressions behind both: `checked` holds the newest row of each natural key with
mapped codes, the factors of its unit and currency, and a flag `_refused_<column>` for each column
that can keep it out. `rows`: table of the mapped rows of some natural keys, if only these are wanted.
`suspects`: only natural keys of which some row could be refused; as these are few, it costs no more
than a scan.
-#}
{% macro conformed_rows(table, rows=none, suspects=false) %}
    {%- set contract = canonical_table(table) -%}
    {%- set identity = canonical_identity(table) -%}
    {%- if rows %}
    wanted as (select * from {{ rows }}),
    {%- else %}
    {{ incoming_rows(table, 'true') }},
    {{ mapped_rows(table) }},
    {%- if suspects %}
    candidate as {{ inlined() }} (select * from mapped),
    suspect as ({{ checked_rows(table, 'candidate') }}),
    suspected as (
        select distinct {{ identity | join(', ') }} from suspect
        where {% for problem in canonical_problems(table) -%}
            _refused_{{ problem.column }} {{ 'or ' if not loop.last }}
        {%- endfor %}
    ),
    wanted as (
        select * from mapped
        where exists (select 1 from suspected where {{ same_key('suspected', 'mapped', identity) }})
    ),
    {%- else %}
    wanted as {{ inlined() }} (select * from mapped),
    {%- endif %}
    {%- endif %}
    latest as {{ inlined() }} (
        {%- if contract.conformed or may_repeat_keys(table) %}
        {{ first_of_each('wanted', identity, newest_first(contract)) }}
        {%- else %}
        select * from wanted
        {%- endif %}
    ),
    checked as ({{ checked_rows(table, 'latest') }})
{% endmacro %}

{#- Columns of which two rows of a canonical table differ, unless one replaces the other. -#}
{% macro canonical_identity(table) %}
    {%- set contract = canonical_table(table) -%}
    {{- return(contract.key + ([] if contract.conformed else ['source_system'])) -}}
{% endmacro %}

{#- Equality of two rows in the columns of a key, where a key may hold nulls. -#}
{% macro same_key(left, right, key) -%}
{% for column in key -%}
{{ left }}.{{ column }} is not distinct from {{ right }}.{{ column }} {{ 'and ' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{#- Table expression `incoming`: the rows of all feeds, with the day that decides about codes. -#}
{% macro incoming_rows(table, condition) %}
    {%- set contract = canonical_table(table) -%}
    incoming as {{ inlined() }} (
        {%- for model in canonical_feeds(table) %}
        {{ 'union all' if not loop.first }}
        select
            {%- for name in canonical_types(table) %}
            {{ name }},
            {%- endfor %}
            {{ code_date(contract) }} as _code_date
        from {{ canonical_feed(model, table) }}
        where {{ condition }}
        {%- endfor %}
    )
{%- endmacro %}

{#- Table expression `mapped`: the incoming rows with their codes mapped. -#}
{% macro mapped_rows(table) %}
    {%- set contract = canonical_table(table) -%}
    mapped as {{ inlined() }} (
        select
            {%- for name, column in contract.columns.items() %}
            {% if column.site_of_source is defined -%}
            {{ site_of_source(table, 'coalesce(map_' ~ name ~ '.conformed_code, incoming.' ~ name ~ ')') }} as {{ name }},
            {%- elif column.entity is defined -%}
            coalesce(map_{{ name }}.conformed_code, incoming.{{ name }}) as {{ name }},
            {%- else -%}
            incoming.{{ name }},
            {%- endif %}
            {%- endfor %}
            {%- for name in lineage_columns() %}
            incoming.{{ name }},
            {%- endfor %}
            incoming._code_date
        from incoming
        {%- for name, column in contract.columns.items() if column.entity is defined %}
        left join {{ ref('code_map') }} as map_{{ name }}
            on map_{{ name }}.entity = '{{ column.entity }}'
            and map_{{ name }}.source_system = incoming.source_system
            and map_{{ name }}.source_code = incoming.{{ name }}
            and map_{{ name }}.valid_from <= incoming._code_date
            and map_{{ name }}.valid_to > incoming._code_date
        {%- endfor %}
    )
{%- endmacro %}

{#- Rows with the factors of their unit and currency, and what in them keeps them out. -#}
{% macro checked_rows(table, rows) %}
        {%- set contract = canonical_table(table) %}
        select
            latest.*
            {%- if contract.has_uom %},
            case
                when latest.uom is null or latest.item_code is null or latest.uom = item.base_uom then 1
                else coalesce(own_factor.factor, common_factor.factor)
            end as _factor,
            coalesce(own_factor.is_inverse, common_factor.is_inverse, false) as _is_inverse,
            item.base_uom as _base_uom
            {%- endif %}
            {%- if contract.has_currency %},
            case
                when latest.currency is null or latest.currency = '{{ var('enterprise').currency }}' then 1
                else rate.rate
            end as _rate
            {%- endif %}
            {%- for problem in canonical_problems(table) %},
            {{ problem.condition }} as _refused_{{ problem.column }}
            {%- endfor %}
        from {{ rows }} as latest
        {%- for name, column in contract.columns.items() if column.references is defined %}
        left join
            {%- if column.references == table %} (select {{ contract.key[0] }} as code from mapped group by 1)
            {%- else %} (select {{ canonical_table(column.references).key[0] }} as code from {{ ref(column.references) }})
            {%- endif %} as known_{{ name }}
            on known_{{ name }}.code = latest.{{ name }}
        {%- endfor %}
        {%- if contract.has_uom %}
        left join {{ ref('erp_item') }} as item on item.item_code = latest.item_code
        left join {{ ref('uom_factor') }} as own_factor
            on own_factor.item_code = latest.item_code
            and own_factor.from_uom = latest.uom
            and own_factor.to_uom = item.base_uom
        left join (select * from {{ ref('uom_factor') }} where item_code is null) as common_factor
            on common_factor.from_uom = latest.uom
            and common_factor.to_uom = item.base_uom
        {%- endif %}
        {%- if contract.has_currency %}
        left join {{ ref('currency_rate') }} as rate
            on rate.currency = latest.currency
            and rate.valid_from <= latest._code_date
            and rate.valid_to > latest._code_date
        {%- endif %}
{%- endmacro %}

{#-
All mapped rows of the natural keys whose row may have changed, as a table beside the canonical one;
none where that cannot be told from the rows that arrived: something else changed, a row was deleted,
or the table is not fed row by row. To be called while the model is compiled. That there is such a
table is noted, because those who read it later could not tell any more: see `changed_rows`.
-#}
{% macro make_changed_rows(table) %}
    {%- if not tells_changed_keys() -%}{{- return(none) -}}{%- endif -%}
    {%- set arrived = run_query(
        "select source, min(batch_id), bool_or(has_corrections) from " ~ change_log('arrived_batch')
        ~ " where model in " ~ parents_list() ~ " group by source order by source"
    ).rows -%}
    {%- set new = [] -%}
    {%- for source, batch, _ in arrived -%}
        {%- do new.append("(source_system = '" ~ source ~ "' and batch_id >= '" ~ batch ~ "')") -%}
    {%- endfor -%}
    {%- set keys, rows = scope_table(table ~ '__key'), scope_table(table) -%}
    {%- set new = new | join(' or ') -%}
    {%- if keys_are_of_one_row(table) -%}
        {#- nothing else can bear the keys of the rows that arrived -#}
        {%- do run_query(mapped_rows_sql(table, rows, new)) -%}
    {%- else -%}
        {%- set may_move = arrived | map('last') | max and not keys_stay(table) -%}
        {%- do run_query(changed_keys_sql(table, keys, new, may_move)) -%}
        {%- do run_query(mapped_rows_sql(table, rows, key_filter(table, keys), keys)) -%}
    {%- endif -%}
    {%- do run_query(
        "insert into " ~ change_log('touched_slice') ~ " (model) values ('" ~ rows.identifier ~ "')"
    ) -%}
    {{- return(rows) -}}
{% endmacro %}

{#- What `make_changed_rows` has made for a canonical table in this build. -#}
{% macro changed_rows(table) %}
    {%- if not is_increment() -%}{{- return(none) -}}{%- endif -%}
    {%- set rows = scope_table(table) -%}
    {%- set noted = run_query(
        "select count(*) from " ~ change_log('touched_slice') ~ " where model = '" ~ rows.identifier ~ "'"
    ).rows[0][0] -%}
    {{- return(rows if noted else none) -}}
{% endmacro %}

{#- `arrived`: condition on incoming rows; `may_move`: some of them may have had another key before. -#}
{% macro changed_keys_sql(table, keys, arrived, may_move) %}
    {%- set identity = canonical_identity(table) | join(', ') %}
    create or replace table {{ keys }} as
    with {{ incoming_rows(table, arrived) }}, {{ mapped_rows(table) }}
    select distinct {{ identity }} from mapped
    {%- if may_move %}
    union
    select {{ identity }} from {{ this }} as former
    where exists (
        select 1 from incoming
        where incoming.source_pk = former.source_pk and incoming.source_system = former.source_system
    )
    {%- endif %}
{% endmacro %}

{#- Statement that makes a table of the mapped rows for which a condition on the incoming ones holds, of certain keys only. -#}
{% macro mapped_rows_sql(table, rows, condition, keys=none) %}
    create or replace table {{ rows }} as
    with {{ incoming_rows(table, condition) }}, {{ mapped_rows(table) }}
    select * from mapped
    {%- if keys %}
    where exists (select 1 from {{ keys }} as key where {{ same_key('key', 'mapped', canonical_identity(table)) }})
    {%- endif %}
{% endmacro %}

{#-
True if a row of a source can never come to have another natural key: its own key is all of it, and
says which mapping of its codes holds.
-#}
{% macro keys_stay(table) %}
    {%- set contract = canonical_table(table) -%}
    {%- set mapped = [] -%}
    {%- for column in contract.key if contract.columns[column].entity is defined -%}
        {%- do mapped.append(column) -%}
    {%- endfor -%}
    {%- set dated_by_key = contract.event and contract.event[0] in contract.key -%}
    {{- return(canonical_feeds(table) == ['base_files__' ~ table] and (dated_by_key or not mapped)) -}}
{% endmacro %}

{#- True if a natural key is never borne by more than one live row of all sources, and stays with it. -#}
{% macro keys_are_of_one_row(table) %}
    {{- return(
        keys_stay(table) and not may_repeat_keys(table)
        and (not canonical_table(table).conformed or sources_of('files') | length == 1)
    ) -}}
{% endmacro %}

{#-
True if the rows that arrived tell every natural key of a canonical table whose row may have changed.
They do not where a refused row holds the key of others: nothing shows which, once it gets another.
-#}
{% macro tells_changed_keys() %}
    {%- set changed = run_query(
        "select distinct model from " ~ change_log('touched_slice') ~ " where model in " ~ parents_list()
    ).columns[0].values() -%}
    {%- if changed | length == 0 or changed | reject('in', rows_fed_by(model)) | list -%}{{- return(false) -}}{%- endif -%}
    {%- set opaque = run_query(
        "select count(*) from " ~ change_log('arrived_batch') ~ " where has_deletes and model in " ~ parents_list()
    ).rows[0][0] -%}
    {%- if not opaque and not keys_stay(model.name) and load_cached_relation(model_relation('duplicate_row')) -%}
        {%- set opaque = run_query(
            "select count(*) from " ~ model_relation('duplicate_row') ~ " as other inner join "
            ~ model_relation('unmapped_code') ~ " as refused on refused.canonical_table = other.canonical_table"
            ~ " and refused.source_system = other.source_system and refused.source_pk = other.held_pk"
            ~ " where other.canonical_table = '" ~ model.name ~ "'"
        ).rows[0][0] -%}
    {%- endif -%}
    {{- return(not opaque) -}}
{% endmacro %}

{#-
Base tables of which each row becomes one row of a canonical table, whatever the other rows say: all
of the file feed, and those that a staging model names as `meta.row_by_row`.
-#}
{% macro rows_fed_by(node) %}
    {%- set found = [] -%}
    {%- for id in node.depends_on.nodes if id in graph.nodes -%}
        {%- set parent = graph.nodes[id] -%}
        {%- if parent.name.startswith('base_files__') -%}
            {%- do found.append(parent.name) -%}
        {%- elif parent.config.meta.get('row_by_row') -%}
            {%- do found.append(parent.config.meta.row_by_row) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}

{#-
Condition that leaves out rows which cannot have one of `keys`, whole parts of a table at a time:
each column lies between its least and its greatest value there, unless it is empty in one of them.
Texts are left alone: they lie anywhere, and an engine that takes the condition for a narrow one
builds its joins from the wrong side.
-#}
{% macro in_range_of(keys, columns, row) -%}
    {%- set ranges = [] -%}
    {%- for column in columns -%}
        {%- do ranges.append(
            "case when count(*) = count(" ~ column ~ ") and typeof(min(" ~ column ~ ")) <> 'VARCHAR' then concat('"
            ~ row ~ "." ~ column ~ " between ''', min(" ~ column ~ "), ''' and ''', max(" ~ column ~ "), '''') end"
        ) -%}
    {%- endfor -%}
    {%- set found = run_query("select " ~ ranges | join(', ') ~ " from " ~ keys ~ " having count(*) > 0").rows -%}
    {{- found[0].values() | select | join(' and ') or 'true' if found else 'false' -}}
{%- endmacro %}

{#-
Condition on incoming rows that leaves out most of those whose key is not among the changed. Columns
in which one of these is empty are left to the comparison of whole keys: `in` never finds it.
-#}
{% macro key_filter(table, keys) -%}
    {%- set contract = canonical_table(table) -%}
    {%- set filters = [] -%}
    {%- for column in contract.key if contract.columns[column].entity is not defined -%}
        {%- if run_query('select count(*) - count(' ~ column ~ ') from ' ~ keys).rows[0][0] == 0 -%}
            {%- do filters.append(column ~ ' in (select ' ~ column ~ ' from ' ~ keys ~ ')') -%}
        {%- endif -%}
    {%- endfor -%}
    {{- filters | join(' and ') or 'true' -}}
{%- endmacro %}

{#- Which of several rows of a natural key holds: live before deleted, then the most trusted source. -#}
{% macro newest_first(contract) -%}
is_deleted,
{%- if contract.conformed %} {{ source_position('source_system') }},{% endif %}
changed_at desc nulls last, batch_id desc, source_system, source_pk desc
{%- endmacro %}

{#-
Everything that can keep a row of a canonical table out: column, SQL condition, and in SQL the reason
and the entity that does not know the code.
-#}
{% macro canonical_problems(table) %}
    {%- set contract = canonical_table(table) -%}
    {%- set problems = [] -%}
    {%- for name, column in contract.columns.items() if column.references is defined -%}
        {%- do problems.append({
            'column': name,
            'reason': "'unmapped'",
            'entity': "'" ~ column.references ~ "'",
            'condition': '(latest.' ~ name ~ ' is not null and known_' ~ name ~ '.code is null)',
        }) -%}
    {%- endfor -%}
    {%- if contract.has_uom -%}
        {%- do problems.append({
            'column': 'uom',
            'reason': "'unmapped'",
            'entity': "'uom'",
            'condition': '(item.item_code is not null and _factor is null)',
        }) -%}
    {%- endif -%}
    {%- if contract.has_currency -%}
        {%- do problems.append({
            'column': 'currency',
            'reason': "'unmapped'",
            'entity': "'currency'",
            'condition': '(_rate is null)',
        }) -%}
    {%- endif -%}
    {%- for name, column in contract.columns.items() if column.stamped is defined -%}
        {%- do problems.append({
            'column': name,
            'reason': "case when " ~ name ~ " > extracted_at then 'future' else 'before_go_live' end",
            'entity': 'null',
            'condition': 'coalesce(' ~ out_of_time('latest', name) ~ ', false)',
        }) -%}
    {%- endfor -%}
    {{- return(problems) -}}
{% endmacro %}

{#-
Condition that a stamped time is later than its extraction, but for what clocks may differ, or before
the first day of its source.
-#}
{% macro out_of_time(row, column) -%}
(
    {{ row }}.{{ column }} > {{ add_interval(row ~ '.extracted_at', (60 * var('tolerance').clock_skew_minutes) | int, 'second') }}
    {%- for source in var('sources') if source.go_live %}
    or {{ row }}.source_system = '{{ source.name }}' and {{ row }}.{{ column }} < {{ to_utc("'" ~ source.go_live ~ " 00:00:00'", "'" ~ source.time_zone ~ "'") }}
    {%- endfor %}
)
{%- endmacro %}

{#-
A column of `checked` in the item's base unit or the enterprise's currency. Where the factor is 1, as
almost always, nothing is computed: wide decimals cost two microseconds each.
-#}
{% macro converted(table, name, sql) %}
    {%- set contract = canonical_table(table) -%}
    {%- set convert = contract.columns.get(name, {}).get('convert') -%}
    {%- if convert in ('quantity', 'per_unit') -%}
        {%- set direct, inverse = name ~ ' * _factor', name ~ ' / _factor' -%}
        {%- if convert == 'per_unit' -%}{%- set direct, inverse = inverse, direct -%}{%- endif -%}
        case
            when _factor = 1 then {{ name }}
            when _is_inverse then cast({{ inverse }} as {{ sql }})
            else cast({{ direct }} as {{ sql }})
        end
    {%- elif convert == 'money' -%}
        case when _rate = 1 then {{ name }} else cast({{ name }} * _rate as {{ sql }}) end
    {%- elif name == 'uom' and contract.has_uom -%}
        coalesce(_base_uom, uom)
    {%- elif name == 'currency' and contract.has_currency -%}
        '{{ var('enterprise').currency }}'
    {%- else -%}
        {{ name }}
    {%- endif -%}
{% endmacro %}

{#- Column names and SQL types of a canonical table, lineage included. -#}
{% macro canonical_types(table) %}
    {%- set types = {} -%}
    {%- for name, column in canonical_table(table).columns.items() -%}
        {%- do types.update({name: column.sql}) -%}
    {%- endfor -%}
    {%- do types.update(lineage_columns()) -%}
    {{- return(types) -}}
{% endmacro %}

{#- Models that feed a canonical table. -#}
{% macro canonical_feeds(table) %}{{ return(var('staging').get(table, [])) }}{% endmacro %}

{#- Rows of one feed. Files come in canonical shape, so their base table needs no mapping. -#}
{% macro canonical_feed(model, table) -%}
    {%- if model.startswith('base_files__') -%}
    (
        select {{ canonical_columns(table) }}
        from (
            select
                feed.*,
                {{ lineage('feed', pk="concat_ws('|', " ~ canonical_table(table).key | join(', ') ~ ")") }}
            from {{ landed('files', table) }} as feed
        )
    )
    {%- else -%}
    {{ ref(model) }}
    {%- endif -%}
{%- endmacro %}

{#-
Day that decides which mapping and which exchange rate holds: of the event itself; for master data,
which has none, the day of extraction.
-#}
{% macro code_date(contract) -%}
coalesce({% for name in contract.event %}cast({{ name }} as date), {% endfor %}cast(extracted_at as date))
{%- endmacro %}

{#- Place of a source in the configuration: the first source listed is the most trusted. -#}
{% macro source_position(source_column) -%}
case
    {%- for source in var('sources') %} when {{ source_column }} = '{{ source.name }}' then {{ loop.index }}{% endfor %}
    when true then {{ var('sources') | length + 1 }}
end
{%- endmacro %}

{#- A node of the organization, where it is empty the source's site; a site hangs below the enterprise. -#}
{% macro site_of_source(table, expression) -%}
    {%- set filled = 'coalesce(' ~ expression ~ ', ' ~ source_site('incoming.source_system') ~ ')' -%}
    {%- if table == 'mes_equipment' -%}
case when incoming.level = 'site' then {{ expression }} else {{ filled }} end
    {%- else -%}
{{ filled }}
    {%- endif -%}
{%- endmacro %}
