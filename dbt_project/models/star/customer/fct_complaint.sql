-- grain: one row per complaint or return case
-- additive: qty (of one item), amount
-- Day: local date on which the case was opened. Node: the site named, else that of the order, of which, as in
-- fct_order, only lines that bind us count.
with ordered as (
    select
        source_system,
        order_no,
        case when count(distinct node_id) = 1 then min(node_id) end as node_id,
        min(first_shipped_date) as first_shipped_date
    from {{ ref('fct_order_line') }}
    where status in ('confirmed', 'closed') and qty_ordered > 0
    group by source_system, order_no
)

select
    complaint.case_id,
    {{ node_or_enterprise('site.node_id') }} as node_id,
    {{ local_date('complaint.opened_at', zone_or_enterprise('site.time_zone')) }} as date_day,
    ordered.first_shipped_date as shipped_date,
    complaint.kind,
    complaint.customer_code,
    complaint.order_no,
    complaint.item_code,
    complaint.qty,
    complaint.amount,
    complaint.reason_class,
    {{ local_date('complaint.closed_at', zone_or_enterprise('site.time_zone')) }} as closed_date,
    complaint.source_system,
    complaint.source_pk,
    complaint.batch_id
from {{ live('erp_return_complaint') }} as complaint
left join {{ seen_from_sources('ordered', ['order_no']) }} as ordered
    on ordered.order_no = complaint.order_no and ordered.seen_from = complaint.source_system
left join {{ ref('dim_organization') }} as site
    on site.node_id = coalesce(complaint.site_code, ordered.node_id, {{ source_site('complaint.source_system') }})
where complaint.opened_at <= {{ as_of() }}
