-- grain: one row per invoice line; credit notes are negative
-- additive: qty (of one item), net_amount
select
    {{ node_or_enterprise('site.node_id') }} as node_id,
    invoice.posted_date as date_day,
    invoice.invoice_no,
    invoice.customer_code,
    invoice.item_code,
    cast(case when invoice.type = 'credit' then -invoice.qty else invoice.qty end as decimal(18,6)) as qty,
    cast(
        case when invoice.type = 'credit' then -invoice.net_amount else invoice.net_amount end as decimal(18,4)
    ) as net_amount,
    invoice.source_system,
    invoice.source_pk,
    invoice.batch_id
from {{ live('erp_invoice_line') }} as invoice
left join {{ ref('dim_organization') }} as site on site.node_id = invoice.site_code
where invoice.posted_date <= {{ as_of_date() }}
