-- Each move has up to two legs: out of a location of ours and into one of ours. What it means
-- follows from the usage of both locations, as in Odoo itself. A move is created when it is planned,
-- so when it was entered is not known.
with legs as (
    select m.*, 'out' as leg, m.from_location as location, -m.quantity as qty
    from {{ odoo17_move() }} as m
    where m.from_usage in ('internal', 'transit')
    union all
    select m.*, 'in' as leg, m.to_location as location, m.quantity as qty
    from {{ odoo17_move() }} as m
    where m.to_usage in ('internal', 'transit')
),

mapped as (
    select
        l.id || '-' || l.leg as movement_id,
        {{ odoo17_local_date('l.date', 'l') }} as posting_date,
        null as entered_at,
        case
            when l.from_usage in ('internal', 'transit') and l.to_usage in ('internal', 'transit') then 'TRANSFER'
            when l.unbuild_id is not null then 'ADJ'
            when l.scrapped then 'SCRAP'
            when l.from_usage = 'production' then 'GR_PROD'
            when l.to_usage = 'production' then 'GI_PROD'
            when l.from_usage = 'supplier' then 'GR_PO'
            when l.to_usage = 'customer' then 'GI_SO'
            when l.from_usage = 'customer' or l.to_usage = 'supplier' then 'RETURN'
            else 'ADJ'
        end as type,
        l.item_code,
        l.uom_code as uom,
        l.qty,
        l.location as location_code,
        coalesce(p.name, s.name, b.name) as order_no,
        null as reversal_of,
        {{ lineage('l', pk='l.id', changed_at='l.write_date') }}
    from legs as l
    left join {{ odoo17_production() }} as p
        on l._source = p._source and coalesce(l.production_id, l.raw_material_production_id) = p.id
    left join {{ landed('odoo17', 'sale_order_line') }} as sl
        on l._source = sl._source and l.sale_line_id = sl.id
    left join {{ landed('odoo17', 'sale_order') }} as s
        on sl._source = s._source and sl.order_id = s.id
    left join {{ landed('odoo17', 'purchase_order_line') }} as bl
        on l._source = bl._source and l.purchase_line_id = bl.id
    left join {{ landed('odoo17', 'purchase_order') }} as b
        on bl._source = b._source and bl.order_id = b.id
)

select {{ canonical_columns('erp_goods_movement') }} from mapped
