-- Receipts and returns come from the moves, in the unit of the line; what is received without a
-- move (services) from Odoo's own figure. A line is complete on the day its quantity was reached.
with moves as (
    select
        m._source,
        m.purchase_line_id,
        m.date,
        m.from_usage = 'supplier' as is_receipt,
        cast(m.quantity / cast(f.factor as double) * cast(t.factor as double) as decimal(18,6)) as qty
    from {{ odoo17_move() }} as m
    inner join {{ landed('odoo17', 'purchase_order_line') }} as l
        on m._source = l._source and m.purchase_line_id = l.id
    inner join {{ landed('odoo17', 'uom_uom') }} as f
        on m._source = f._source and m.product_uom = f.id
    inner join {{ landed('odoo17', 'uom_uom') }} as t
        on l._source = t._source and l.product_uom = t.id
    where (m.from_usage = 'supplier') <> (m.to_usage = 'supplier')
),

running as (
    select
        moves.*,
        sum(case when is_receipt then qty else 0 end) over (
            partition by _source, purchase_line_id order by date
            range between unbounded preceding and current row
        ) as received_by_then
    from moves
),

receipts as (
    select
        r._source,
        r.purchase_line_id,
        sum(case when r.is_receipt then r.qty else 0 end) as received,
        sum(case when r.is_receipt then 0 else r.qty end) as rejected,
        min(case when r.received_by_then >= l.product_qty then r.date end) as complete_at
    from running as r
    inner join {{ landed('odoo17', 'purchase_order_line') }} as l
        on r._source = l._source and r.purchase_line_id = l.id
    group by r._source, r.purchase_line_id
),

mapped as (
    select
        o.name as po_no,
        l.id as line_no,
        {{ odoo17_site('o') }} as site_code,
        p.party_code as supplier_code,
        i.item_code,
        u.uom_code as uom,
        l.product_qty as qty,
        coalesce(r.received, l.qty_received, 0) as qty_received,
        coalesce(r.rejected, 0) as qty_rejected,
        coalesce(o.date_approve, o.date_order) as ordered_at,
        case when i.type <> 'service' then {{ odoo17_local_date('l.date_planned', 'l') }} end as promised_date,
        {{ odoo17_local_date('r.complete_at', 'l') }} as received_date,
        l.price_subtotal as net_amount,
        c.name as currency,
        case o.state
            when 'purchase' then 'confirmed'
            when 'done' then 'closed'
            when 'cancel' then 'cancelled'
            else 'draft'
        end as status,
        {{ lineage('l', pk='l.id', changed_at='greatest(l.write_date, o.write_date)') }}
    from {{ landed('odoo17', 'purchase_order_line') }} as l
    inner join {{ landed('odoo17', 'purchase_order') }} as o
        on l._source = o._source and l.order_id = o.id
    inner join {{ odoo17_party() }} as p
        on o._source = p._source and o.partner_id = p.id
    inner join {{ odoo17_item() }} as i
        on l._source = i._source and l.product_id = i.id
    inner join {{ odoo17_uom() }} as u
        on l._source = u._source and l.product_uom = u.id
    inner join {{ landed('odoo17', 'res_currency') }} as c
        on o._source = c._source and o.currency_id = c.id
    left join receipts as r
        on l._source = r._source and l.id = r.purchase_line_id
    where l.display_type is null and l.product_qty >= 0
)

select {{ canonical_columns('erp_purchase_order_line') }} from mapped
