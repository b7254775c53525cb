-- Each move has its quantity in the unit it was booked in and in the product's own.
with mapped as (
    select
        m.id as movement_id,
        m.item_code,
        u.uom_code as uom,
        m.quantity as qty,
        u.uom_code as booked_uom,
        m.qty as qty_stated,
        {{ lineage('m', pk='m.id', changed_at='m.changed_at') }}
    from {{ tryton74_move() }} as m
    inner join {{ tryton74_uom() }} as u
        on m._source = u._source and m.unit = u.id
)

select {{ canonical_columns('erp_base_quantity') }} from mapped
