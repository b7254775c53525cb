{#-
From the staging tables of all sources to one canonical table: codes mapped, duplicates collapsed,
units and currencies converted. A row with a code, unit or currency that nobody knows does not
enter; `unmapped_code` lists it.
-#}

{#- One canonical table. -#}
{% macro conform(table) %}
    {%- if not canonical_feeds(table) %}
    select
        {%- for name, sql in canonical_types(table).items() %}
        cast(null as {{ sql }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- else %}
    with {{ conformed_rows(table) }}
    select
        {%- for name, sql in canonical_types(table).items() %}
        {{ converted(table, name, sql) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from checked
    {%- for problem in canonical_problems(table) %}
    {{ 'where' if loop.first else 'and' }} not _unknown_{{ problem.column }}
    {%- endfor %}
    {%- endif %}
{% endmacro %}

{#- The codes, units and currencies of one canonical table that kept a live row out of it. -#}
{% macro unmapped_codes(table) %}
    select * from (
        with {{ conformed_rows(table) }},
        refused as (
            select * from checked
            where not is_deleted and (
                {%- for problem in canonical_problems(table) %}
                {{ 'or' if not loop.first }} _unknown_{{ problem.column }}
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
            '{{ problem.entity }}' as entity,
            {{ problem.column }} as code,
            _code_date as needed_on,
            batch_id
        from refused where _unknown_{{ problem.column }}
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

{#-
The common table expressions behind both: `checked` holds the newest row of each natural key with
mapped codes, the factors of its unit and currency, and a flag `_unknown_<column>` for each column
that can keep it out.
-#}
{% macro conformed_rows(table) %}
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
        {%- endfor %}
    ),
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
    ),
    latest as {{ inlined() }} (
        {{ first_of_each('mapped', contract.key + ([] if contract.conformed else ['source_system']), newest_first(contract)) }}
    ),
    checked as (
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
            {{ problem.condition }} as _unknown_{{ problem.column }}
            {%- endfor %}
        from latest
        {%- for name, column in contract.columns.items() if column.references is defined %}
        left join
            {%- if column.references == table %} (select {{ contract.key[0] }} as code from latest)
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
    )
{% endmacro %}

{#- Which of several rows of a natural key holds: live before deleted, then the most trusted source. -#}
{% macro newest_first(contract) -%}
is_deleted,
{%- if contract.conformed %} {{ source_position('source_system') }},{% endif %}
changed_at desc nulls last, batch_id desc, source_system, source_pk desc
{%- endmacro %}

{#- Everything that can keep a row of a canonical table out: column, entity, SQL condition. -#}
{% macro canonical_problems(table) %}
    {%- set contract = canonical_table(table) -%}
    {%- set problems = [] -%}
    {%- for name, column in contract.columns.items() if column.references is defined -%}
        {%- do problems.append({
            'column': name,
            'entity': column.references,
            'condition': '(latest.' ~ name ~ ' is not null and known_' ~ name ~ '.code is null)',
        }) -%}
    {%- endfor -%}
    {%- if contract.has_uom -%}
        {%- do problems.append({'column': 'uom', 'entity': 'uom', 'condition': '(item.item_code is not null and _factor is null)'}) -%}
    {%- endif -%}
    {%- if contract.has_currency -%}
        {%- do problems.append({'column': 'currency', 'entity': 'currency', 'condition': '(_rate is null)'}) -%}
    {%- endif -%}
    {{- return(problems) -}}
{% endmacro %}

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

{#-
A node of the organization, where it is empty the site that the configuration gives the source. A site
itself hangs below the enterprise.
-#}
{% macro site_of_source(table, expression) -%}
    {%- set known = var('sources') | selectattr('site') | list -%}
    {%- if known -%}
case
        {%- if table == 'mes_equipment' %}
        when incoming.level = 'site' then {{ expression }}
        {%- endif %}
        {%- for source in known %}
        when incoming.source_system = '{{ source.name }}' then coalesce({{ expression }}, '{{ source.site | replace("'", "''") }}')
        {%- endfor %}
        else {{ expression }}
    end
    {%- else -%}
{{ expression }}
    {%- endif -%}
{%- endmacro %}
