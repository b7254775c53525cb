-- The periods of the scorecard that have begun by clock.as_of_date, each with the one to compare with.
-- Grain: one row per period; a period to date has one row for each of its days.
-- A whole period is compared with the whole one before it. A period to date, and a whole period that
-- is still open, is compared with as many days of the one before it.
with past as (
    select
        day.*,
        clock.as_of_date as today
    from {{ ref('dim_date') }} as day
    inner join {{ ref('clock') }} as clock on clock.as_of_date >= day.date_day
),

period as (
    {% for name, period in whole_periods().items() %}
    {%- set unit, number = period.back %}
    select distinct
        '{{ name }}' as period_type,
        {{ period.start }} as period_start,
        {{ period.end }} as period_end,
        {{ period.start }} <= today and {{ period.end }} >= today as is_current,
        {% if name in running_periods() -%}
        case when {{ period.end }} >= today then '{{ name }}_to_date' else '{{ name }}' end
        {%- else %}'{{ name }}'{% endif %} as previous_type,
        cast({{ add_interval(period.start, number, unit) }} as date) as previous_start,
        least(today, {{ period.end }}) as last_day,
        today
    from past
    union all
    {% endfor %}
    {% for name in running_periods() %}
    {%- set unit, number = whole_periods()[name].back %}
    select
        '{{ name }}_to_date' as period_type,
        {{ name }}_start as period_start,
        date_day as period_end,
        date_day = today as is_current,
        '{{ name }}_to_date' as previous_type,
        cast({{ add_interval(name ~ '_start', number, unit) }} as date) as previous_start,
        date_day as last_day,
        today
    from past
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    period_type,
    period_start,
    period_end,
    is_current,
    period_end >= today as is_provisional,
    cast({{ days_between('period_start', 'last_day') }} + 1 as bigint) as days_counted,
    previous_type,
    previous_start,
    cast(case
        when previous_type like '%_to_date' then least(
            cast(
                {{ add_interval('previous_start', days_between('period_start', 'last_day'), 'day') }}
                as date
            ),
            cast({{ add_interval('period_start', -1, 'day') }} as date)
        )
        else {{ add_interval('period_start', -1, 'day') }}
    end as date) as previous_end
from period
