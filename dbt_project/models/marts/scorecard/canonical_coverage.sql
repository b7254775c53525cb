-- How much of each canonical table arrived: rows that entered it, and rows kept out because a code,
-- unit or currency in them is unknown, or their time cannot be right.
-- Grain: one row per canonical table.
with entered as (
    {% for table in contract() %}
    select '{{ table }}' as canonical_table, count(*) as row_count
    from {{ live(table) }} as live
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

refused as (
    select canonical_table, count(*) as row_count
    from (
        -- A row refused for two columns is one row.
        select distinct canonical_table, source_system, source_pk
        from {{ ref('unmapped_code') }}
    ) as refused_row
    group by canonical_table
)

select
    definition.name as canonical_table,
    definition.domain,
    definition.mandatory as is_mandatory,
    cast(entered.row_count as bigint) as entered_rows,
    cast(coalesce(refused.row_count, 0) as bigint) as refused_rows,
    cast(entered.row_count as double)
        / nullif(entered.row_count + coalesce(refused.row_count, 0), 0) as mapped_share
from {{ source('definitions', 'canonical_table') }} as definition
inner join entered on entered.canonical_table = definition.name
left join refused on refused.canonical_table = definition.name
