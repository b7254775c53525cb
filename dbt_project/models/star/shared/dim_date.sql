-- grain: one row per day, from the first event to the end of the fiscal year of clock.as_of
-- not additive
-- A date more than ten years before as_of is a typing error, not the beginning of the data; and a
-- budget is a plan, not an event.
with event as (
    select min(date_day) as day
    from {{ ref('event_day') }}
    where date_day between {{ add_interval(as_of_date(), -10, 'year') }} and {{ as_of_date() }}
        and kind in (
            {%- for table, contract in contract().items() if contract.event and 'valid_from' not in contract.key and table != 'erp_budget' %}
            '{{ table }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
),

span as (
    select
        coalesce(min(event.day), max(clock.as_of_date)) as first_day,
        max(year.period_end) as last_day
    from {{ ref('clock_date') }} as clock
    inner join {{ source('definitions', 'fiscal_period') }} as year
        on year.period_type = 'year'
        and clock.as_of_date between year.period_start and year.period_end
    left join event on true
    having max(clock.as_of_date) is not null
),

day as (
    select cast({{ add_interval('span.first_day', 'n.number', 'day') }} as date) as date_day
    from span
    {{ lateral_integers('0', days_between('span.first_day', 'span.last_day'), 'n', 'number') }}
),

week as (
    select date_day, cast(date_trunc('week', date_day) as date) as week_start
    from day
)

select
    week.date_day,
    cast({{ days_between('week.week_start', 'week.date_day') }} + 1 as integer) as day_of_week,
    {{ days_between('week.week_start', 'week.date_day') }} >= 5 as is_weekend,
    cast(extract(year from {{ add_interval('week.week_start', 3, 'day') }}) as integer) as iso_year,
    cast(extract(week from week.date_day) as integer) as iso_week,
    week.week_start,
    month.period_start as month_start,
    quarter.period_start as quarter_start,
    year.period_start as year_start,
    cast(year.fiscal_year as integer) as fiscal_year,
    cast({{ add_interval('week.week_start', 6, 'day') }} as date) as week_end,
    month.period_end as month_end,
    quarter.period_end as quarter_end,
    year.period_end as year_end
from week
{% for name in ('month', 'quarter', 'year') -%}
inner join {{ source('definitions', 'fiscal_period') }} as {{ name }}
    on {{ name }}.period_type = '{{ name }}'
    and week.date_day between {{ name }}.period_start and {{ name }}.period_end
{% endfor %}
