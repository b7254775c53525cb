-- Each move has up to two legs: out of a storage location and into one. What it means follows from
-- the types of both locations. Scrapped output never comes into stock: it enters and leaves at once,
-- so that the scrap is there and the balance as it was. When a move was entered is not known: it is
-- created when it is planned.
with moves as (
    select
        m.*,
        coalesce(m.production_input, m.production_output) as production,
        m.from_type = 'production' and m.to_type = 'lost_found' as is_scrapped_output
    from {{ tryton74_move() }} as m
),

legs as (
    select m.*, 'out' as leg, m.from_location as location, -m.qty as signed_qty
    from moves as m
    where m.from_type = 'storage' or m.is_scrapped_output
    union all
    select m.*, 'in' as leg, m.to_location as location, m.qty as signed_qty
    from moves as m
    where m.to_type = 'storage' or m.is_scrapped_output
),

mapped as (
    select
        l.id || '-' || l.leg as movement_id,
        l.date as posting_date,
        null as entered_at,
        case
            when l.is_scrapped_output then case l.leg when 'out' then 'SCRAP' else 'ADJ' end
            when l.from_type = 'storage' and l.to_type = 'storage' then 'TRANSFER'
            when l.from_type = 'production' then 'GR_PROD'
            when l.to_type = 'production' then 'GI_PROD'
            when l.from_type = 'supplier' then 'GR_PO'
            when l.to_type = 'customer' then 'GI_SO'
            when l.from_type = 'customer' or l.to_type = 'supplier' then 'RETURN'
            when l.to_type = 'lost_found' and not coalesce(l.origin like 'stock.inventory.line,%', false) then 'SCRAP'
            else 'ADJ'
        end as type,
        l.item_code,
        l.base_uom as uom,
        l.signed_qty as qty,
        l.location as location_code,
        coalesce(p.order_no, s.order_no, b.po_no) as order_no,
        null as reversal_of,
        {{ lineage('l', pk='l.id', changed_at='l.changed_at') }}
    from legs as l
    left join {{ tryton74_production() }} as p
        on l._source = p._source and l.production = p.id
    left join {{ landed('tryton74', 'sale_line') }} as sl
        on l._source = sl._source and l.sale_line = sl.id
    left join {{ tryton74_sale() }} as s
        on sl._source = s._source and sl.sale = s.id
    left join {{ landed('tryton74', 'purchase_line') }} as bl
        on l._source = bl._source and l.purchase_line = bl.id
    left join {{ tryton74_purchase() }} as b
        on bl._source = b._source and bl.purchase = b.id
)

select {{ canonical_columns('erp_goods_movement') }} from mapped
