-- Lines of stock counts that are done. Tryton has no tolerance.
with mapped as (
    select
        l.id as count_id,
        i.item_code,
        k.name as location_code,
        c.site_code,
        n.date as counted_on,
        i.base_uom as uom,
        l.expected_quantity as qty_book,
        coalesce(l.quantity, 0) as qty_counted,
        null as qty_tolerance,
        {{ lineage('l', pk='l.id', changed_at=tryton74_changed_at('l')) }}
    from {{ landed('tryton74', 'stock_inventory_line') }} as l
    inner join {{ landed('tryton74', 'stock_inventory') }} as n
        on l._source = n._source and l.inventory = n.id
    inner join {{ tryton74_company() }} as c
        on n._source = c._source and n.company = c.id
    inner join {{ tryton74_item() }} as i
        on l._source = i._source and l.product = i.id
    inner join {{ landed('tryton74', 'stock_location') }} as k
        on n._source = k._source and n.location = k.id
    where n.state = 'done'
)

select {{ canonical_columns('erp_inventory_count') }} from mapped
