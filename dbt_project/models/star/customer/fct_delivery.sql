-- grain: one row per delivery line
-- additive: qty (of one item); returns are positive too, so never over is_return
-- Day: the local shipping date.
select
    coalesce(line.node_id, {{ enterprise_node() }}) as node_id,
    delivery.shipped_date as date_day,
    delivery.delivery_no,
    delivery.line_no,
    delivery.order_no,
    line.customer_code,
    delivery.item_code,
    delivery.qty,
    delivery.is_return,
    delivery.source_system,
    delivery.source_pk,
    delivery.batch_id
from {{ live('erp_delivery_line') }} as delivery
left join {{ seen_from_sources(ref('fct_order_line'), ['order_no', 'line_no']) }} as line
    on line.order_no = delivery.order_no
    and line.line_no = delivery.order_line_no
    and line.seen_from = delivery.source_system
where delivery.shipped_date <= {{ as_of_date() }}
