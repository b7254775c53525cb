-- grain: one row per sales order
-- additive: cycle_days, the is_ and has_ columns as counts
-- Only lines that bind us count (neither draft nor cancelled). Day: the latest of the dates first
-- promised of them. An order is perfect if every line is; complete when the last line is.
with orders as (
    select
        source_system,
        order_no,
        case when count(distinct node_id) = 1 then min(node_id) else {{ enterprise_node() }} end as node_id,
        min(customer_code) as customer_code,
        max(commit_date) as date_day,
        min(ordered_date) as ordered_date,
        count(*) = count(completed_date) as is_complete,
        max(completed_date) as last_completed_date,
        min(case when is_due_by_commit then 1 else 0 end) = 1 as is_due,
        min(case when is_in_full then 1 else 0 end) = 1 as is_in_full,
        min(case when is_on_commit then 1 else 0 end) = 1 as is_on_commit,
        max(case when has_damage then 1 else 0 end) = 1 as has_damage,
        max(case when has_documentation_error then 1 else 0 end) = 1 as has_documentation_error,
        min(case when is_perfect then 1 else 0 end) = 1 as is_perfect,
        min(first_shipped_date) as first_shipped_date,
        max(batch_id) as batch_id
    from {{ ref('fct_order_line') }}
    where status in ('confirmed', 'closed') and qty_ordered > 0
    group by source_system, order_no
)

select
    order_no,
    node_id,
    customer_code,
    date_day,
    first_shipped_date,
    is_due,
    is_in_full,
    is_on_commit,
    has_damage,
    has_documentation_error,
    is_perfect,
    case
        when is_complete then cast({{ days_between('ordered_date', 'last_completed_date') }} as integer)
    end as cycle_days,
    case when is_complete then last_completed_date end as completed_date,
    source_system,
    order_no as source_pk,
    batch_id
from orders
