-- Checks of batches by their samples (a check without samples is one part), and inspections of
-- received lots once they are decided. Every numeric sample is also a measurement of no parts, so
-- that its value can be looked at without counting the part again.
with samples as (
    select
        _source, quality_check_id,
        count(distinct sample_number) as inspected,
        count(distinct case when not is_passed then sample_number end) as rejected
    from {{ landed('openmes', 'quality_check_samples') }}
    group by _source, quality_check_id
),

inspections as (
    select
        c._source, c._batch, c._extracted_at, c.updated_at,
        'check-' || c.id as inspection_id,
        b.order_no, cast(null as varchar) as receipt_no, b.equipment_code, b.item_code, b.uom,
        c.checked_at as inspected_at,
        case when c.all_passed then 'pass' else 'fail' end as result,
        coalesce(s.inspected, 1) as qty_inspected,
        coalesce(s.rejected, case when c.all_passed then 0 else 1 end) as qty_rejected,
        0 as qty_reworked,
        cast(null as varchar) as characteristic, cast(null as decimal(18,6)) as value
    from {{ landed('openmes', 'quality_checks') }} as c
    inner join {{ openmes_batch() }} as b
        on c._source = b._source and c.batch_id = b.id
    left join samples as s
        on c._source = s._source and c.id = s.quality_check_id
    union all
    select
        c._source, c._batch, c._extracted_at, c.updated_at,
        'sample-' || s.id, b.order_no, null, b.equipment_code, b.item_code, b.uom,
        c.checked_at, case when s.is_passed then 'pass' else 'fail' end, 0, 0, 0,
        s.parameter_name, s.value_numeric
    from {{ landed('openmes', 'quality_check_samples') }} as s
    inner join {{ landed('openmes', 'quality_checks') }} as c
        on s._source = c._source and s.quality_check_id = c.id
    inner join {{ openmes_batch() }} as b
        on c._source = b._source and c.batch_id = b.id
    where s.value_numeric is not null
    union all
    select
        n._source, n._batch, n._extracted_at, n.updated_at,
        'inspection-' || n.id, null, n.lot_number, null, i.item_code, i.uom,
        n.completed_at,
        case
            when lower(n.disposition) like 'accept%' then 'pass'
            when lower(n.disposition) like 'rework%' then 'rework'
            else 'fail'
        end,
        coalesce(n.quantity_received, 1),
        case when lower(n.disposition) like 'reject%' then coalesce(n.quantity_received, 1) else 0 end,
        case when lower(n.disposition) like 'rework%' then coalesce(n.quantity_received, 1) else 0 end,
        null, null
    from {{ landed('openmes', 'inspections') }} as n
    inner join {{ openmes_item() }} as i
        on n._source = i._source and n.material_id = i.id and i.kind = 'material'
    where n.completed_at is not null
        and (
            lower(n.disposition) like 'accept%' or lower(n.disposition) like 'reject%'
            or lower(n.disposition) like 'rework%'
        )
),

mapped as (
    select
        i.inspection_id, i.order_no, i.receipt_no, i.equipment_code, null as op_seq, i.item_code, i.uom,
        i.inspected_at, i.result, i.qty_inspected, i.qty_rejected, i.qty_reworked,
        i.characteristic, i.value, null as lsl, null as usl,
        {{ lineage('i', pk='i.inspection_id', changed_at='i.updated_at') }}
    from inspections as i
)

select {{ canonical_columns('mes_quality_inspection') }} from mapped
