-- Moves to customers and back. A kit leaves as its components: its line is delivered as often as
-- Odoo says, on the day of the last component.
with moves as (
    select
        m.*,
        o.name as order_no,
        o.company_id as seller_id,
        l.id as order_line_id,
        l.qty_delivered,
        k.name as delivery_no,
        i.item_code as ordered_item,
        u.uom_code as ordered_uom,
        l.product_id <> m.product_id as is_kit,
        m.from_usage = 'customer' as is_return
    from {{ odoo17_move() }} as m
    inner join {{ landed('odoo17', 'sale_order_line') }} as l
        on m._source = l._source and m.sale_line_id = l.id
    inner join {{ landed('odoo17', 'sale_order') }} as o
        on l._source = o._source and l.order_id = o.id
    inner join {{ odoo17_item() }} as i
        on l._source = i._source and l.product_id = i.id
    inner join {{ odoo17_uom() }} as u
        on l._source = u._source and l.product_uom = u.id
    left join {{ landed('odoo17', 'stock_picking') }} as k
        on m._source = k._source and m.picking_id = k.id
    where (m.to_usage = 'customer') <> (m.from_usage = 'customer')
),

kits as (
    select
        _source, order_no, order_line_id, ordered_item, ordered_uom, qty_delivered,
        max(delivery_no) as delivery_no,
        max(date) as date,
        max(write_date) as write_date,
        max(_batch) as _batch,
        max(_extracted_at) as _extracted_at
    from moves
    where is_kit and not is_return and qty_delivered > 0
    group by _source, order_no, order_line_id, ordered_item, ordered_uom, qty_delivered
),

mapped as (
    select
        coalesce(m.delivery_no, m.order_no) as delivery_no,
        cast(m.id as varchar) as line_no,
        m.order_no,
        m.order_line_id as order_line_no,
        m.item_code,
        m.quantity as qty,
        m.uom_code as uom,
        m.date as shipped_at,
        {{ odoo17_local_date('m.date', 'm') }} as shipped_date,
        m.is_return,
        {{ lineage('m', pk="'stock_move/' || m.id", changed_at='m.write_date') }}
    from moves as m
    where not m.is_kit
    union all
    select
        coalesce(k.delivery_no, k.order_no) as delivery_no,
        'kit-' || k.order_line_id as line_no,
        k.order_no,
        k.order_line_id as order_line_no,
        k.ordered_item as item_code,
        k.qty_delivered as qty,
        k.ordered_uom as uom,
        k.date as shipped_at,
        {{ odoo17_local_date('k.date', 'k') }} as shipped_date,
        false as is_return,
        {{ lineage('k', pk="'sale_order_line/' || k.order_line_id", changed_at='k.write_date') }}
    from kits as k
)

select {{ canonical_columns('erp_delivery_line') }} from mapped
