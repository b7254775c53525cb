-- Goods that customers sent back. Community has no complaints: without one of those, the KPIs that ask
-- for complaints have no data, whatever came back.
with mapped as (
    select
        'return-' || m.id as case_id,
        'return' as kind,
        p.party_code as customer_code,
        o.name as order_no,
        m.item_code,
        m.uom_code as uom,
        {{ odoo17_site('o') }} as site_code,
        m.date as opened_at,
        m.date as closed_at,
        m.quantity as qty,
        null as amount,
        null as currency,
        null as reason_class,
        null as reason,
        {{ lineage('m', pk="'stock_move/' || m.id", changed_at='m.write_date') }}
    from {{ odoo17_move() }} as m
    inner join {{ landed('odoo17', 'sale_order_line') }} as l
        on m._source = l._source and m.sale_line_id = l.id
    inner join {{ landed('odoo17', 'sale_order') }} as o
        on l._source = o._source and l.order_id = o.id
    inner join {{ odoo17_party() }} as p
        on o._source = p._source and o.partner_id = p.id
    where m.from_usage = 'customer' and m.to_usage <> 'customer'
)

select {{ canonical_columns('erp_return_complaint') }} from mapped
