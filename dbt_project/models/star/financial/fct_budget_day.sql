-- grain: one row per budgeted account, month, cost centre, and day of that month
-- additive: amount; the days of a month add up to exactly the month's amount
-- Of several versions of a month's budget the last in alphabetical order holds.
with versioned as (
    select
        *,
        rank() over (partition by source_system, period_start order by version desc) as age
    from {{ live('erp_budget') }}
)

select
    {{ node_or_enterprise('node.node_id') }} as node_id,
    day.date_day,
    budget.account_class,
    budget.account_code,
    {{ spread('budget.amount', 'extract(day from day.date_day)', 'extract(day from day.month_end)', 'decimal(38,12)') }} as amount,
    budget.source_system,
    budget.source_pk,
    budget.batch_id
from versioned as budget
inner join {{ ref('dim_date') }} as day
    on day.month_start = cast(date_trunc('month', budget.period_start) as date)
left join {{ ref('erp_cost_center') }} as center on center.cost_center_code = budget.cost_center_code
left join {{ ref('dim_organization') }} as node
    on node.node_id = {{ node_of_cost_center('budget', 'center') }}
where budget.age = 1
