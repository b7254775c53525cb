-- grain: one row per general ledger line, and one more per line of an account between companies
-- additive: debit, credit, balance (debit - credit)
-- What companies of the enterprise charge each other counts at each of them; the second row takes it
-- back at the enterprise, as in a consolidation (eliminated_node_id says for which of them).
with entry as (
    select
        {{ node_or_enterprise('node.node_id') }} as node_id,
        entry.posting_date as date_day,
        entry.entry_id,
        entry.account_code,
        entry.account_class,
        entry.cost_center_code,
        entry.debit,
        entry.credit,
        cast(entry.debit - entry.credit as decimal(18,4)) as balance,
        entry.order_no,
        cast(null as varchar) as eliminated_node_id,
        entry.source_system,
        entry.source_pk,
        entry.batch_id
    from {{ live('erp_gl_entry') }} as entry
    left join {{ ref('erp_cost_center') }} as center on center.cost_center_code = entry.cost_center_code
    left join {{ ref('dim_organization') }} as node
        on node.node_id = {{ node_of_cost_center('entry', 'center') }}
    where entry.posting_date <= {{ as_of_date() }}
)

select * from entry

union all

select
    {{ enterprise_node() }} as node_id,
    date_day,
    entry_id,
    account_code,
    account_class,
    cast(null as varchar) as cost_center_code,
    credit as debit,
    debit as credit,
    cast(-balance as decimal(18,4)) as balance,
    order_no,
    node_id as eliminated_node_id,
    source_system,
    source_pk,
    batch_id
from entry
where account_code in (select code from {{ live('erp_intercompany') }} where kind = 'account')
