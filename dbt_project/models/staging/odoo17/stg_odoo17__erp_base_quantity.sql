-- Valuation layers hold the quantity of their stock move in the product's own unit.
with layers as (
    select _source, stock_move_id, sum(quantity) as quantity
    from {{ landed('odoo17', 'stock_valuation_layer') }}
    where quantity <> 0
    group by _source, stock_move_id
),

mapped as (
    select
        m.id as movement_id,
        m.item_code,
        m.uom_code as uom,
        m.quantity as qty,
        m.uom_code as booked_uom,
        abs(l.quantity) as qty_stated,
        {{ lineage('m', pk='m.id', changed_at='m.write_date') }}
    from {{ odoo17_move() }} as m
    inner join layers as l
        on m._source = l._source and m.id = l.stock_move_id
)

select {{ canonical_columns('erp_base_quantity') }} from mapped
