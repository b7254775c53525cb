-- grain: one row per general ledger line
-- additive: debit, credit, balance (debit - credit)
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
    entry.source_system,
    entry.source_pk,
    entry.batch_id
from {{ live('erp_gl_entry') }} as entry
left join {{ ref('erp_cost_center') }} as center on center.cost_center_code = entry.cost_center_code
left join {{ ref('dim_organization') }} as node on node.node_id = center.equipment_code
where entry.posting_date <= {{ as_of_date() }}
