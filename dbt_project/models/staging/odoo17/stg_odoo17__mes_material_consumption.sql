with mapped as (
    select
        l.id as consumption_id,
        o.name as order_no,
        m.item_code,
        u.uom_code as uom,
        l.quantity as qty,
        t.name as lot,
        l.date as consumed_at,
        {{ lineage('l', pk='l.id', changed_at='l.write_date') }}
    from {{ landed('odoo17', 'stock_move_line') }} as l
    inner join {{ odoo17_move() }} as m
        on l._source = m._source and l.move_id = m.id
    inner join {{ odoo17_production() }} as o
        on m._source = o._source and m.raw_material_production_id = o.id
    inner join {{ odoo17_uom() }} as u
        on l._source = u._source and l.product_uom_id = u.id
    left join {{ landed('odoo17', 'stock_lot') }} as t
        on l._source = t._source and l.lot_id = t.id
    where l.state = 'done' and m.to_usage = 'production'
)

select {{ canonical_columns('mes_material_consumption') }} from mapped
