-- grain: one row per purchase order line
-- additive: qty_* (of one item), net_amount, the is_ columns as counts
-- Day: the date the supplier promised. A line that is overdue and incomplete is due, not on time.
select
    line.po_no,
    line.line_no,
    {{ node_or_enterprise('site.node_id') }} as node_id,
    line.supplier_code,
    line.item_code,
    line.promised_date as date_day,
    case when line.received_date <= {{ as_of_date() }} then line.received_date end as received_date,
    line.qty as qty_ordered,
    line.qty_received,
    line.qty_rejected,
    line.net_amount,
    coalesce(
        line.status in ('confirmed', 'closed') and line.promised_date <= {{ as_of_date() }}, false
    ) as is_due,
    coalesce(
        line.received_date <= line.promised_date and line.received_date <= {{ as_of_date() }}, false
    ) as is_on_time,
    line.source_system,
    line.source_pk,
    line.batch_id
from {{ live('erp_purchase_order_line') }} as line
left join {{ ref('dim_organization') }} as site on site.node_id = line.site_code
where line.ordered_at <= {{ as_of() }}
