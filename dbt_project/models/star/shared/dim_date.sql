-- grain: one row per day, from the first event to the end of the fiscal year of clock.as_of
-- not additive
-- A date more than ten years before as_of is a typing error, not the beginning of the data; and a
-- budget is a plan, not an event.
with event as (
    {%- for table, contract in contract().items() if contract.event and 'valid_from' not in contract.key and table != 'erp_budget' %}
    select min(day) as day
    from (select {{ code_date(contract) }} as day from {{ live(table) }})
    where day between {{ add_interval(as_of_date(), -10, 'year') }} and {{ as_of_date() }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

span as (
    select
        coalesce(min(event.day), max(clock.as_of_date)) as first_day,
        cast({{ add_interval(fiscal_start('year', 'max(clock.as_of_date)'), 12, 'month') }} as date) as end_day
    from {{ ref('clock') }} as clock
    left join event on true
    having max(clock.as_of_date) is not null
),

day as (
    select cast({{ add_interval('span.first_day', 'n.number', 'day') }} as date) as date_day
    from span
    {{ lateral_integers('0', days_between('span.first_day', 'span.end_day') ~ ' - 1', 'n', 'number') }}
),

started as (
    select
        date_day,
        cast(date_trunc('week', date_day) as date) as week_start,
        cast(date_trunc('month', date_day) as date) as month_start,
        {{ fiscal_start('quarter', 'date_day') }} as quarter_start,
        {{ fiscal_start('year', 'date_day') }} as year_start
    from day
)

select
    date_day,
    cast({{ days_between('week_start', 'date_day') }} + 1 as integer) as day_of_week,
    {{ days_between('week_start', 'date_day') }} >= 5 as is_weekend,
    cast(extract(year from {{ add_interval('week_start', 3, 'day') }}) as integer) as iso_year,
    cast(extract(week from date_day) as integer) as iso_week,
    week_start,
    month_start,
    quarter_start,
    year_start,
    cast(extract(year from {{ add_interval('year_start', 11, 'month') }}) as integer) as fiscal_year,
    cast({{ add_interval('week_start', 6, 'day') }} as date) as week_end,
    cast({{ add_interval(add_interval('month_start', 1, 'month'), -1, 'day') }} as date) as month_end,
    cast({{ add_interval(add_interval('quarter_start', 3, 'month'), -1, 'day') }} as date) as quarter_end,
    cast({{ add_interval(add_interval('year_start', 12, 'month'), -1, 'day') }} as date) as year_end
from started
