-- Parts of every KPI per organization node and period.
-- Grain: one row per KPI, node and period; a period to date has one row for each of its days, from
-- the first day with data until clock.as_of_date. A shift is identified by its production day
-- (period_start and period_end) and shift_code, which is null for every other period: at higher nodes
-- the shifts of that name and day are one.
-- Twelve months rolling stand at the end of each month, from the twelfth month of the KPI's data on.
-- NOT additive: periods overlap, and each node holds its descendants' parts.
{{ config(meta={'recompute': 'periods', 'lies_by': ['period_type', 'period_end']}) }}
{%- set first_touched = first_touched_day() %}
{%- set day_before = 'cast(' ~ add_interval(first_touched, -1, 'day') ~ ' as date)' %}
with month as (
    select
        part.kpi_id,
        part.node_id,
        day.month_start,
        sum(part.numerator) as numerator,
        sum(part.denominator) as denominator
    from {{ ref('kpi_node_day') }} as part
    inner join {{ ref('dim_date') }} as day on day.date_day = part.date_day
    group by part.kpi_id, part.node_id, day.month_start
),

-- Quarters and years consist of whole months, which are far fewer rows than days.
month_of as (
    select distinct
        {% for name in running_periods() -%}
        {{ name }}_start, {{ name }}_end{{ ', ' if not loop.last }}
        {%- endfor %}
    from {{ ref('dim_date') }}
),

whole as (
    {% for name, period in whole_periods().items() %}
    {%- set is_of_months = name in running_periods() %}
    select
        part.kpi_id,
        part.node_id,
        '{{ name }}' as period_type,
        day.{{ period.start }} as period_start,
        day.{{ period.end }} as period_end,
        sum(part.numerator) as numerator,
        sum(part.denominator) as denominator
    {%- if is_of_months %}
    from month as part
    inner join month_of as day on day.month_start = part.month_start
    {%- else %}
    from {{ ref('kpi_node_day') }} as part
    inner join {{ ref('dim_date') }} as day on day.date_day = part.date_day
    {%- endif %}
    {%- if name != 'month' %}
    where {{ in_touched_days('day.' ~ period.start, 'day.' ~ period.end) }}
    {%- endif %}
    group by part.kpi_id, part.node_id, day.{{ period.start }}, day.{{ period.end }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

shift as (
    select
        part.kpi_id,
        closure.ancestor_id as node_id,
        'shift' as period_type,
        part.date_day as period_start,
        part.date_day as period_end,
        part.shift_code,
        sum(part.numerator) as numerator,
        sum(part.denominator) as denominator
    from (
        select * from {{ ref('kpi_part') }}
        union all
        select * from {{ ref('kpi_segment_part') }}
    ) as part
    inner join {{ ref('node_closure') }} as closure on closure.descendant_id = part.node_id
    inner join {{ ref('kpi_level') }} as defined
        on defined.kpi_id = part.kpi_id and defined.node_level = closure.ancestor_level
    where part.shift_code is not null and {{ in_touched_days('part.date_day') }}
    group by part.kpi_id, closure.ancestor_id, part.date_day, part.shift_code
),

twelve_months as (
    select
        part.kpi_id,
        part.node_id,
        period.period_type,
        period.period_start,
        period.period_end,
        sum(part.numerator) as numerator,
        sum(part.denominator) as denominator
    from month as part
    inner join (
        select kpi_id, min(month_start) as first_month
        from month
        group by kpi_id
    ) as begun on begun.kpi_id = part.kpi_id
    inner join {{ ref('dim_period') }} as period
        on period.period_type = 'rolling_12_months'
        and period.period_start >= begun.first_month
        and part.month_start between period.period_start and period.period_end
    group by part.kpi_id, part.node_id, period.period_type, period.period_start, period.period_end
),

-- Every day since a KPI's first one at a node: to-date figures stand also on days without data.
series as (
    select
        kpi_id,
        node_id,
        min(date_day) as first_day
    from {{ ref('kpi_node_day') }}
    group by kpi_id, node_id
),

dense as (
    select
        series.kpi_id,
        series.node_id,
        day.date_day,
        {% for name in running_periods() %}
        day.{{ name }}_start,
        {% endfor %}
        part.numerator,
        part.denominator
    from series
    inner join {{ ref('dim_date') }} as day
        on day.date_day >= series.first_day and day.date_day <= {{ as_of_date() }}
        {%- if first_touched %}
        and day.date_day >= {{ first_touched }}
        {%- endif %}
    left join {{ ref('kpi_node_day') }} as part
        on part.kpi_id = series.kpi_id
        and part.node_id = series.node_id
        and part.date_day = day.date_day
    {%- if first_touched %}

    union all

    -- what lies before the first touched day, whole months and days, enters the running sums of the days after it
    select
        part.kpi_id,
        part.node_id,
        {{ day_before }} as date_day,
        {% for name in running_periods() %}
        month_of.{{ name }}_start,
        {% endfor %}
        part.numerator,
        part.denominator
    from month as part
    inner join month_of on month_of.month_start = part.month_start
    where month_of.month_end < {{ first_touched }} and month_of.year_end >= {{ first_touched }}

    union all

    select
        part.kpi_id,
        part.node_id,
        {{ day_before }} as date_day,
        {% for name in running_periods() %}
        day.{{ name }}_start,
        {% endfor %}
        sum(part.numerator) as numerator,
        sum(part.denominator) as denominator
    from {{ ref('kpi_node_day') }} as part
    inner join {{ ref('dim_date') }} as day on day.date_day = part.date_day
    where part.date_day < {{ first_touched }} and day.month_end >= {{ first_touched }}
    group by part.kpi_id, part.node_id
        {%- for name in running_periods() %}, day.{{ name }}_start{% endfor %}
    {%- endif %}
),

to_date as (
    {% for name in running_periods() %}
    select
        kpi_id,
        node_id,
        '{{ name }}_to_date' as period_type,
        {{ name }}_start as period_start,
        date_day as period_end,
        sum(numerator) over running_{{ name }} as numerator,
        sum(denominator) over running_{{ name }} as denominator
    from dense
    window running_{{ name }} as (
        partition by kpi_id, node_id, {{ name }}_start
        order by date_day rows between unbounded preceding and current row
    )
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    kpi_id,
    node_id,
    period_type,
    cast(period_start as date) as period_start,
    cast(period_end as date) as period_end,
    shift_code,
    cast(numerator as decimal(38,12)) as numerator,
    cast(denominator as decimal(38,12)) as denominator
from (
    select *, cast(null as varchar) as shift_code from whole
    union all
    select *, cast(null as varchar) as shift_code from to_date
    union all
    select *, cast(null as varchar) as shift_code from twelve_months
    union all
    select
        kpi_id, node_id, period_type, period_start, period_end, numerator, denominator, shift_code
    from shift
) as period
where numerator is not null
