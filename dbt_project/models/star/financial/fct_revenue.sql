-- grain: one row per invoice line, and one more per line to a company of the enterprise
-- additive: qty (of one item), net_amount; credit notes are negative
-- What companies of the enterprise sell each other counts at each of them; the second row takes it
-- back at the enterprise (eliminated_node_id says for which of them). A product is new for the
-- convention's years after launch.
with invoiced as (
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
        coalesce(
            item.launched_on <= invoice.posted_date
            and invoice.posted_date < {{ add_interval('item.launched_on', convention('new_product_years'), 'year') }},
            false
        ) as is_new_product,
        invoice.customer_code in (
            select code from {{ live('erp_intercompany') }} where kind = 'customer'
        ) as is_intercompany,
        cast(null as varchar) as eliminated_node_id,
        invoice.source_system,
        invoice.source_pk,
        invoice.batch_id
    from {{ live('erp_invoice_line') }} as invoice
    left join {{ ref('dim_item') }} as item on item.item_code = invoice.item_code
    left join {{ ref('dim_organization') }} as site on site.node_id = invoice.site_code
    where invoice.posted_date <= {{ as_of_date() }}
)

select * from invoiced

union all

select
    {{ enterprise_node() }} as node_id,
    date_day,
    invoice_no,
    customer_code,
    item_code,
    cast(-qty as decimal(18,6)) as qty,
    cast(-net_amount as decimal(18,4)) as net_amount,
    is_new_product,
    is_intercompany,
    node_id as eliminated_node_id,
    source_system,
    source_pk,
    batch_id
from invoiced
where is_intercompany
