-- grain: one row per node, node whose charges it takes back, source, balance sheet class and day, from its first
-- posting to as_of
-- additive over nodes and sources: balance. NOT additive over days: a closing balance.
-- balance = debit - credit, so receivables and stock are positive, payables negative. A sum has no
-- row of its own in the source: source_pk is empty, batch_id the newest batch in the sum.
with posted as (
    select
        node_id,
        eliminated_node_id,
        source_system,
        account_class,
        date_day,
        sum(balance) as balance,
        max(batch_id) as batch_id
    from {{ ref('fct_gl') }}
    where account_class in ('receivable', 'payable', 'inventory', 'cash', 'wip')
    group by node_id, eliminated_node_id, source_system, account_class, date_day
),

closing as (
    select
        node_id,
        eliminated_node_id,
        source_system,
        account_class,
        date_day as first_day,
        coalesce(
            lead(date_day) over (partition by node_id, eliminated_node_id, source_system, account_class order by date_day),
            cast({{ add_interval(as_of_date(), 1, 'day') }} as date)
        ) as next_day,
        sum(balance) over (
            partition by node_id, eliminated_node_id, source_system, account_class order by date_day
            rows between unbounded preceding and current row
        ) as balance,
        max(batch_id) over (
            partition by node_id, eliminated_node_id, source_system, account_class order by date_day
            rows between unbounded preceding and current row
        ) as batch_id
    from posted
)

select
    closing.node_id,
    day.date_day,
    closing.account_class,
    closing.eliminated_node_id,
    cast(closing.balance as decimal(18,4)) as balance,
    closing.source_system,
    cast(null as varchar) as source_pk,
    closing.batch_id
from closing
inner join {{ ref('dim_date') }} as day
    on day.date_day >= closing.first_day and day.date_day < closing.next_day
