-- Parts of the KPIs that are computed from members, per node and period: here the roll-up class of a
-- KPI is dispatched to its macro.
-- Grain: one row per KPI, node and period with data. Of the periods to date only today's and those
-- that they are compared with.
-- NOT additive: a value is computed from the members at each node and period anew, each once, however many
-- nodes below have it.
with wanted as (
    select period_type, period_start, period_end
    from {{ ref('dim_period') }}
    where period_type <> 'shift' and (period_type not like '%_to_date' or is_current)

    union

    select previous_type, previous_start, previous_end
    from {{ ref('dim_period') }}
    where is_current and period_type like '%_to_date'

    union

    select year_ago_type, year_ago_start, year_ago_end
    from {{ ref('dim_period') }}
    where is_current and period_type like '%_to_date'
),

period as (
    select
        wanted.*,
        least(wanted.period_end, {{ as_of_date() }}) as last_day,
        cast({{ add_interval('wanted.period_start', -1, 'day') }} as date) as day_before
    from wanted
),

located as (
    select
        member.*,
        closure.ancestor_id,
        kpi.rollup,
        kpi.statistic,
        kpi.at_least,
        kpi.set_base
    from {{ ref('kpi_member') }} as member
    inner join {{ ref('dim_kpi') }} as kpi on kpi.kpi_id = member.kpi_id
    inner join {{ ref('node_closure') }} as closure on closure.descendant_id = member.node_id
    inner join {{ ref('kpi_level') }} as defined
        on defined.kpi_id = member.kpi_id and defined.node_level = closure.ancestor_level
),

begun as (
    select first.kpi_id, first.first_day, day.month_start as first_month
    from (select kpi_id, min(date_day) as first_day from located group by kpi_id) as first
    left join {{ ref('dim_date') }} as day on day.date_day = first.first_day
),

observed as (
    select
        located.kpi_id,
        located.ancestor_id as node_id,
        period.period_type,
        period.period_start,
        period.period_end,
        located.rollup,
        located.statistic,
        located.at_least,
        located.member,
        located.numerator,
        located.denominator,
        located.place,
        located.lsl,
        located.usl
    from located
    inner join period on located.date_day between period.period_start and period.period_end
    inner join begun on begun.kpi_id = located.kpi_id
    where
        located.rollup <> 'set'
        and (
            period.period_type <> 'rolling_12_months'
            or period.period_start >= begun.first_month
        )
),

-- Rows of a set that hold on the base day or on the last day of a period.
standing as (
    select
        located.kpi_id,
        located.ancestor_id as node_id,
        period.period_type,
        period.period_start,
        period.period_end,
        located.member,
        located.numerator,
        located.denominator,
        located.date_day,
        coalesce(located.valid_to, date '9999-12-31') as valid_to,
        case when located.set_base = 'start' then period.day_before else period.last_day end as base_day,
        period.last_day
    from located
    inner join begun on begun.kpi_id = located.kpi_id
    inner join period
        on located.date_day <= period.last_day
        and coalesce(located.valid_to, date '9999-12-31') > period.day_before
    where
        located.rollup = 'set'
        and case when located.set_base = 'start' then period.day_before else period.last_day end
            >= coalesce(located.first_day, begun.first_day)
)

select
    {{ cell() }},
    numerator,
    denominator
from (
    {{ product_over_members('observed') }}
    union all
    {{ members_of_set('standing') }}
    union all
    {{ capability_of_members('observed') }}
    union all
    {{ percentiles('observed') }}
) as part
