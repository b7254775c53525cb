-- What was used of the material allocated to a batch.
with mapped as (
    select
        a.id as consumption_id,
        o.order_no,
        i.item_code,
        i.uom,
        a.consumed_qty as qty,
        null as lot,
        coalesce(a.consumed_at, a.updated_at) as consumed_at,
        {{ lineage('a', pk='a.id', changed_at='a.updated_at') }}
    from {{ landed('openmes', 'material_allocations') }} as a
    inner join {{ openmes_order() }} as o
        on a._source = o._source and a.work_order_id = o.id
    inner join {{ openmes_item() }} as i
        on a._source = i._source and a.material_id = i.id and i.kind = 'material'
    where a.consumed_qty <> 0
)

select {{ canonical_columns('mes_material_consumption') }} from mapped
