-- Each move, planned and cancelled ones as well, has its quantity in the unit it was booked in and in
-- the product's own.
with mapped as (
    select
        m.id as movement_id,
        i.item_code,
        u.uom_code as uom,
        m.quantity as qty,
        u.uom_code as booked_uom,
        m.internal_quantity as qty_stated,
        {{ lineage('m', pk='m.id', changed_at=tryton74_changed_at('m')) }}
    from {{ landed('tryton74', 'stock_move') }} as m
    inner join {{ tryton74_item() }} as i
        on m._source = i._source and m.product = i.id
    inner join {{ tryton74_uom() }} as u
        on m._source = u._source and m.unit = u.id
)

select {{ canonical_columns('erp_base_quantity') }} from mapped
