-- Whether the rows that some KPI cannot do without have arrived, and since when they are recorded.
-- Grain: one row per need: the rows of a canonical table, or those with certain values in a column.
-- first_day is the earliest event of these rows, on the enterprise's calendar; empty without rows,
-- and for master data, which holds until changed. A log of occasional events has no row for a day
-- on which nothing happened: it is recorded since the first event of any kind in its domain. A row of a
-- periodic table, such as a year's cost posted on its last day, speaks for the days before it: such a
-- table is recorded since the beginning of the fiscal year of its first row.
with need as (
    {% for name, need in needs().items() %}
    select
        '{{ name }}' as need,
        '{{ need.table }}' as canonical_table,
        '{{ canonical_table(need.table).domain }}' as domain,
        {{ canonical_table(need.table).sparse }} as is_sparse,
        {{ canonical_table(need.table).periodic }} as is_periodic,
        cast(count(*) as bigint) as row_count,
        {{ first_event_day(need.table) }} as first_day
    from {{ live(need.table) }} as live
    where {{ needed_rows(need) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

domain_start as (
    select domain, min(first_day) as first_day
    from (
        {% for name, table in contract().items() if table.event %}
        select '{{ table.domain }}' as domain, {{ first_event_day(name) }} as first_day
        from {{ live(name) }} as live
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as dated
    group by domain
)

select
    need.need,
    need.canonical_table,
    need.row_count,
    case
        when need.is_sparse and need.row_count > 0 then domain_start.first_day
        when need.is_periodic then coalesce(first_date.year_start, need.first_day)
        else need.first_day
    end as first_day
from need
left join {{ ref('dim_date') }} as first_date on first_date.date_day = need.first_day
left join domain_start on domain_start.domain = need.domain
