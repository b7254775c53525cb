with billed as (
    select r._source, r.invoice_line_id, min(o.name) as order_no
    from {{ landed('odoo17', 'sale_order_line_invoice_rel') }} as r
    inner join {{ landed('odoo17', 'sale_order_line') }} as l
        on r._source = l._source and r.order_line_id = l.id
    inner join {{ landed('odoo17', 'sale_order') }} as o
        on l._source = o._source and l.order_id = o.id
    group by r._source, r.invoice_line_id
),

mapped as (
    select
        m.name as invoice_no,
        l.id as line_no,
        case when m.move_type = 'out_refund' then 'credit' else 'invoice' end as type,
        b.order_no,
        {{ odoo17_site('m') }} as site_code,
        p.party_code as customer_code,
        i.item_code,
        l.quantity as qty,
        u.uom_code as uom,
        l.price_subtotal as net_amount,
        c.name as currency,
        m.date as posted_date,
        {{ lineage('l', pk='l.id', changed_at='greatest(l.write_date, m.write_date)') }}
    from {{ landed('odoo17', 'account_move_line') }} as l
    inner join {{ landed('odoo17', 'account_move') }} as m
        on l._source = m._source and l.move_id = m.id
    inner join {{ odoo17_party() }} as p
        on m._source = p._source and m.commercial_partner_id = p.id
    inner join {{ landed('odoo17', 'res_currency') }} as c
        on m._source = c._source and m.currency_id = c.id
    left join {{ odoo17_item() }} as i
        on l._source = i._source and l.product_id = i.id
    left join {{ odoo17_uom() }} as u
        on l._source = u._source and l.product_uom_id = u.id
    left join billed as b
        on l._source = b._source and l.id = b.invoice_line_id
    where m.move_type in ('out_invoice', 'out_refund', 'out_receipt')
        and m.state = 'posted' and l.display_type = 'product'
)

select {{ canonical_columns('erp_invoice_line') }} from mapped
