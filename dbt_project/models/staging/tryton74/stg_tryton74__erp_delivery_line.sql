-- Moves to customers and back that belong to a sale. A return is a sale of its own with negative
-- lines: it counts at the sale that it takes back, on the first line of the same product.
with first_lines as (
    select _source, sale, product, min(id) as id
    from {{ landed('tryton74', 'sale_line') }}
    where type = 'line' and quantity > 0
    group by _source, sale, product
),

mapped as (
    select
        coalesce(
            d.number, b.number, {{ source_code('m', 'move', 'm.id') }}
        ) as delivery_no,
        cast(m.id as varchar) as line_no,
        case when f.id is null then s.order_no else returned.order_no end as order_no,
        coalesce(f.id, l.id) as order_line_no,
        m.item_code,
        m.qty,
        m.base_uom as uom,
        m.moved_at as shipped_at,
        m.date as shipped_date,
        m.from_type = 'customer' as is_return,
        {{ lineage('m', pk='m.id', changed_at='m.changed_at') }}
    from {{ tryton74_move() }} as m
    inner join {{ landed('tryton74', 'sale_line') }} as l
        on m._source = l._source and m.sale_line = l.id
    inner join {{ tryton74_sale() }} as s
        on l._source = s._source and l.sale = s.id
    left join {{ landed('tryton74', 'stock_shipment_out') }} as d
        on m._source = d._source and m.shipment_out = d.id
    left join {{ landed('tryton74', 'stock_shipment_out_return') }} as b
        on m._source = b._source and m.shipment_out_return = b.id
    left join {{ tryton74_sale() }} as returned
        on s._source = returned._source and s.returned_sale = returned.id and m.from_type = 'customer'
    left join first_lines as f
        on returned._source = f._source and returned.id = f.sale and m.product = f.product
    where (m.to_type = 'customer') <> (m.from_type = 'customer')
)

select {{ canonical_columns('erp_delivery_line') }} from mapped
