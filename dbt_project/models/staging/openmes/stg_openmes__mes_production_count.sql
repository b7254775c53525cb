-- What batches produced: produced_qty is the total, so good = produced - scrap. It counts when the
-- batch was completed; of a batch in work, what it has produced so far counts at its last change.
-- Scrap with a reason is a row of its own, taken out of its batch's row.
with counts as (
    select
        b._source, b._batch, b._extracted_at, b.updated_at,
        'batch-' || b.id as count_id,
        'batches/' || b.id as pk,
        b.order_no, b.equipment_code, b.item_code, b.uom,
        coalesce(b.completed_at, b.updated_at) as counted_at,
        b.produced_qty - b.scrap_with_reason as qty_total,
        b.produced_qty - b.scrap as qty_good,
        b.scrap - b.scrap_with_reason as qty_scrap,
        cast(null as varchar) as reason_code
    from {{ openmes_batch() }} as b
    where b.produced_qty <> 0 or b.scrap <> 0
    union all
    select
        e._source, e._batch, e._extracted_at, e.updated_at,
        'scrap-' || e.id as count_id,
        'scrap_entries/' || e.id as pk,
        b.order_no, b.equipment_code, b.item_code, b.uom,
        e.reported_at as counted_at,
        e.quantity as qty_total,
        0 as qty_good,
        e.quantity as qty_scrap,
        r.reason_code
    from {{ openmes_scrap() }} as e
    inner join {{ openmes_batch() }} as b
        on e._source = b._source and e.batch_id = b.id
    left join {{ openmes_reason() }} as r
        on e._source = r._source and e.scrap_reason_id = r.id and r.kind = 'scrap'
),

mapped as (
    select
        c.count_id,
        c.order_no,
        null as op_seq,
        true as is_final_op,
        c.equipment_code,
        c.item_code,
        c.uom,
        c.counted_at,
        c.qty_total,
        c.qty_good,
        c.qty_scrap,
        null as qty_rework,
        null as pri_s,
        c.reason_code,
        null as reversal_of,
        {{ lineage('c', pk='c.pk', changed_at='c.updated_at') }}
    from counts as c
)

select {{ canonical_columns('mes_production_count') }} from mapped
