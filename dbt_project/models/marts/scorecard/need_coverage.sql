-- Whether the rows that some KPI cannot do without have arrived, where, and since when they are recorded.
-- Grain: one row per need and node at which there are any: the enterprise and each site. A need is the
-- rows of a canonical table, or those with certain values in a column.
-- A row speaks for every site of its source; but one of a table that records what goes on, and names
-- its site, does not for sites at which the source has no facts at all, such as those that a file of
-- all sites lists beside the energy of one.
-- first_day is the earliest event of these rows, on the enterprise's calendar; empty for master data,
-- which holds until changed. A log of occasional events is recorded since the first event of any kind
-- in its domain. A row of a periodic table, such as a year's cost posted on its last day, speaks for
-- the days before it: such a table is recorded since the beginning of the fiscal year of its first row.
with need as (
    {% for name, need in needs().items() %}
    {%- set table = canonical_table(need.table) %}
    {%- set by_row = not need.get('column') and not table.sparse %}
    select
        '{{ name }}' as need,
        '{{ table.domain }}' as domain,
        {{ table.sparse }} as is_sparse,
        {{ table.periodic }} as is_periodic,
        source_system,
        {%- if table.event %}
        {{ 'node_id' if by_row else 'cast(null as varchar)' }} as node_id,
        sum(row_count) as row_count,
        min(first_day) as first_day
    from {{ ref('event_day') }}
    where kind = '{{ name }}'
        {%- else %}
        {{ (node_column(need.table) if by_row) or 'cast(null as varchar)' }} as node_id,
        count(*) as row_count,
        cast(null as date) as first_day
    from {{ live(need.table) }} as live
    where {{ needed_rows(need) }}
        {%- endif %}
    group by 5, 6
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

begun as (
    select dated.domain, event.source_system, min(event.first_day) as first_day
    from (
        {% for name, table in contract().items() if table.event %}
        select '{{ table.domain }}' as domain, '{{ name }}' as kind
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as dated
    inner join {{ ref('event_day') }} as event on event.kind = dated.kind
    group by dated.domain, event.source_system
),

domain_start as (
    select begun.domain, reach.node_id, min(begun.first_day) as first_day
    from begun
    inner join {{ ref('source_reach') }} as reach on reach.source_system = begun.source_system
    group by begun.domain, reach.node_id
),

recorded as (
    select
        need.need,
        need.domain,
        need.is_sparse,
        need.is_periodic,
        reach.node_id,
        sum(need.row_count) as row_count,
        min(need.first_day) as first_day
    from need
    left join {{ ref('dim_organization') }} as place on place.node_id = need.node_id
    inner join {{ ref('source_reach') }} as reach
        on reach.source_system = need.source_system
        and (
            place.site_id is null
            or reach.has_facts
            or reach.node_id in (place.site_id, {{ enterprise_node() }})
        )
    group by need.need, need.domain, need.is_sparse, need.is_periodic, reach.node_id
)

select
    recorded.need,
    recorded.node_id,
    cast(recorded.row_count as bigint) as row_count,
    case
        when recorded.is_sparse then domain_start.first_day
        when recorded.is_periodic then coalesce(first_date.year_start, recorded.first_day)
        else recorded.first_day
    end as first_day
from recorded
left join {{ ref('dim_date') }} as first_date on first_date.date_day = recorded.first_day
left join domain_start
    on domain_start.domain = recorded.domain and domain_start.node_id = recorded.node_id
