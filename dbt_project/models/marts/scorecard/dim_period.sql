-- The periods of the scorecard that have begun by clock.as_of_date, each with the one before and the
-- one of a year ago to compare with.
-- Grain: one row per period; a period to date has one row for each of its days. A row of type shift
-- stands for all shifts of a production day.
-- A whole period is compared with whole ones. A period to date, and a whole month, quarter or year
-- that is still open, is compared with as many elapsed days of the others, or with all of theirs
-- where they are shorter: 29 February to date with 28 days, 31 March to date with all of February.
-- A year ago is 52 weeks for shift, day and week, so that a Saturday is compared with a Saturday; else the
-- same month, quarter or year of the fiscal calendar.
with past as (
    select
        day.*,
        clock.as_of_date as today
    from {{ ref('dim_date') }} as day
    inner join {{ ref('clock_date') }} as clock on clock.as_of_date >= day.date_day
),

fiscal as (
    select
        period.*,
        previous.period_start as previous_start,
        previous.period_end as previous_end,
        year_ago.period_start as year_ago_start,
        year_ago.period_end as year_ago_end
    from {{ source('definitions', 'fiscal_period') }} as period
    inner join {{ source('definitions', 'fiscal_period') }} as previous
        on previous.period_type = period.period_type and previous.number = period.number - 1
    inner join {{ source('definitions', 'fiscal_period') }} as year_ago
        on year_ago.period_type = period.period_type
        and year_ago.number = period.number - period.per_year
),

period as (
    {% for name, (step, year) in fixed_periods().items() %}
    {%- set start = whole_periods()['week' if name == 'week' else 'day'].start %}
    {%- set end = whole_periods()['week' if name == 'week' else 'day'].end %}
    select distinct
        '{{ name }}' as period_type,
        {{ start }} as period_start,
        {{ end }} as period_end,
        {% if name == 'week' -%}
        concat(iso_year, '-W', {{ dbt.right("concat('0', iso_week)", 2) }})
        {%- else %}cast(date_day as varchar){% endif %} as label,
        false as runs,
        cast({{ add_interval(start, -step, 'day') }} as date) as previous_start,
        cast({{ add_interval(end, -step, 'day') }} as date) as previous_full_end,
        cast({{ add_interval(start, -year, 'day') }} as date) as year_ago_start,
        cast({{ add_interval(end, -year, 'day') }} as date) as year_ago_full_end,
        today
    from past
    union all
    {% endfor %}
    {% for name in running_periods() %}
    select distinct
        '{{ name }}' as period_type,
        fiscal.period_start,
        fiscal.period_end,
        fiscal.label,
        fiscal.period_end >= past.today as runs,
        fiscal.previous_start,
        fiscal.previous_end as previous_full_end,
        fiscal.year_ago_start,
        fiscal.year_ago_end as year_ago_full_end,
        past.today
    from past
    inner join fiscal on fiscal.period_type = '{{ name }}' and fiscal.period_start = past.{{ name }}_start
    union all
    select
        '{{ name }}_to_date' as period_type,
        fiscal.period_start,
        past.date_day as period_end,
        '{{ name[0] }}td' as label,
        true as runs,
        fiscal.previous_start,
        fiscal.previous_end as previous_full_end,
        fiscal.year_ago_start,
        fiscal.year_ago_end as year_ago_full_end,
        past.today
    from past
    inner join fiscal on fiscal.period_type = '{{ name }}' and fiscal.period_start = past.{{ name }}_start
    union all
    {% endfor %}
    -- Twelve months that end with this one: the months after that of a year ago.
    select distinct
        'rolling_12_months' as period_type,
        cast({{ add_interval('month.year_ago_end', 1, 'day') }} as date) as period_start,
        month.period_end,
        concat(month.label, '-R12') as label,
        false as runs,
        month.year_ago_start as previous_start,
        month.previous_end as previous_full_end,
        cast({{ add_interval('year_before.year_ago_end', 1, 'day') }} as date) as year_ago_start,
        month.year_ago_end as year_ago_full_end,
        past.today
    from past
    inner join fiscal as month on month.period_type = 'month' and month.period_start = past.month_start
    inner join fiscal as year_before
        on year_before.period_type = 'month' and year_before.number = month.number - month.per_year
),

counted as (
    select
        *,
        cast({{ days_between('period_start', 'least(today, period_end)') }} as bigint) as elapsed
    from period
)

select
    period_type,
    period_start,
    period_end,
    label,
    case
        when period_type like '%_to_date' then period_end = today
        else period_start <= today and period_end >= today
    end as is_current,
    period_end >= today as is_provisional,
    elapsed + 1 as days_counted,
    least(today, period_end) as counted_until,
    {% for other in ('previous', 'year_ago') %}
    case
        when runs and period_type not like '%_to_date' then concat(period_type, '_to_date')
        else period_type
    end as {{ other }}_type,
    {{ other }}_start,
    case
        when runs
            then least(cast({{ add_interval(other ~ '_start', 'elapsed', 'day') }} as date), {{ other }}_full_end)
        else {{ other }}_full_end
    end as {{ other }}_end{{ ',' if not loop.last }}
    {% endfor %}
from counted
