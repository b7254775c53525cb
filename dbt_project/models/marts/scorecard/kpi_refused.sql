-- Where a KPI cannot be known, because of a table that it needs every row was refused.
-- Grain: one row per KPI, node and period in which rows of that table were refused and none entered;
-- day, week, month, quarter, year, and these to date. Rows that name no node count at the enterprise.
-- Days are those of events in UTC, as in unmapped_code.
-- A share of refused rows lowers the completeness of a value (kpi_readiness); here nothing is left
-- that a value could be made of, and a numerator of zero would only say that nothing is known.
with refused as (
    select
        canonical_table,
        {{ node_or_enterprise('node_id') }} as node_id,
        needed_on as date_day
    from {{ ref('unmapped_code') }}
    group by canonical_table, node_id, needed_on
),

entered as (
    {%- set tables = [] -%}
    {%- for table in needs().values() | map(attribute='table') | unique if node_column(table) and canonical_table(table).event -%}
        {%- do tables.append(table) -%}
    {%- endfor %}
    {%- for table in tables %}
    {{ 'union all' if not loop.first }}
    select
        '{{ table }}' as canonical_table,
        {{ node_or_enterprise(node_column(table)) }} as node_id,
        cast(coalesce({{ canonical_table(table).event | join(', ') }}, null) as date) as date_day
    from {{ live(table) }} as live
    where exists (select 1 from refused where refused.canonical_table = '{{ table }}')
    group by 1, 2, 3
    {%- endfor %}
),

above as (
    select refused.canonical_table, closure.ancestor_id as node_id, refused.date_day, 0 as has_entered
    from refused
    inner join {{ ref('organization_closure') }} as closure on closure.descendant_id = refused.node_id
    where refused.canonical_table in ('{{ tables | join("', '") }}')
    union
    select entered.canonical_table, closure.ancestor_id as node_id, entered.date_day, 1 as has_entered
    from entered
    inner join {{ ref('organization_closure') }} as closure on closure.descendant_id = entered.node_id
),

lost as (
    select
        above.canonical_table,
        above.node_id,
        period.period_type,
        period.period_start,
        period.period_end
    from above
    inner join {{ ref('dim_period') }} as period
        on above.date_day between period.period_start and period.period_end
    group by
        above.canonical_table,
        above.node_id,
        period.period_type,
        period.period_start,
        period.period_end
    having max(above.has_entered) = 0
)

select
    need.kpi_id,
    lost.node_id,
    lost.period_type,
    lost.period_start,
    lost.period_end,
    min(lost.canonical_table) as canonical_table
from lost
inner join {{ ref('kpi_need') }} as need on need.canonical_table = lost.canonical_table
group by need.kpi_id, lost.node_id, lost.period_type, lost.period_start, lost.period_end
