-- Inputs of productions in the unit they were booked in, often another than the item's.
with mapped as (
    select
        m.id as consumption_id,
        o.order_no,
        m.item_code,
        u.uom_code as uom,
        m.quantity as qty,
        null as lot,
        m.moved_at as consumed_at,
        {{ lineage('m', pk='m.id', changed_at='m.changed_at') }}
    from {{ tryton74_move() }} as m
    inner join {{ tryton74_production() }} as o
        on m._source = o._source and m.production_input = o.id
    inner join {{ tryton74_uom() }} as u
        on m._source = u._source and m.unit = u.id
)

select {{ canonical_columns('mes_material_consumption') }} from mapped
