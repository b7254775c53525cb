-- grain: one row per budgeted account, month, cost centre, and day of that month
-- additive: amount; the days of a month add up to exactly the month's amount
-- A month is the fiscal one that begins on the budget's first day, else the calendar's that holds it.
-- Of several versions of a month's budget the last in alphabetical order holds.
{%- set month_start = "cast(date_trunc('month', versioned.period_start) as date)" %}
with versioned as (
    select
        *,
        rank() over (partition by source_system, period_start order by version desc) as age
    from {{ live('erp_budget') }}
),

budgeted as (
    select
        versioned.*,
        coalesce(fiscal.month_start, {{ month_start }}) as first_day,
        coalesce(fiscal.month_end, cast({{ add_interval(add_interval(month_start, 1, 'month'), -1, 'day') }} as date)) as last_day
    from versioned
    left join (select distinct month_start, month_end from {{ ref('dim_date') }}) as fiscal
        on fiscal.month_start = versioned.period_start
    where versioned.age = 1
)

select
    {{ node_or_enterprise('node.node_id') }} as node_id,
    day.date_day,
    budget.account_class,
    budget.account_code,
    {{ spread(
        'budget.amount',
        '(' ~ days_between('budget.first_day', 'day.date_day') ~ ' + 1)',
        '(' ~ days_between('budget.first_day', 'budget.last_day') ~ ' + 1)',
        'decimal(38,12)'
    ) }} as amount,
    budget.source_system,
    budget.source_pk,
    budget.batch_id
from budgeted as budget
inner join {{ ref('dim_date') }} as day on day.date_day between budget.first_day and budget.last_day
left join {{ ref('erp_cost_center') }} as center on center.cost_center_code = budget.cost_center_code
left join {{ ref('dim_organization') }} as node
    on node.node_id = {{ node_of_cost_center('budget', 'center') }}
