-- Inspections that were decided. Tryton judges what it inspects as a whole: each inspection is one
-- part inspected. A second inspection of the same thing is no first pass, so it counts no part.
-- Each number that was measured is a row of its own without parts.
with inspections as (
    select
        q.*,
        {{ tryton74_reference('q.origin', 'production') }} as production,
        {{ tryton74_reference('q.origin', 'stock.shipment.in') }} as shipment_in,
        case
            when q.origin is null or row_number() over (
                partition by q._source, q.origin, q.control order by q.processed_at, q.id
            ) = 1 then 1
            else 0
        end as parts
    from {{ landed('tryton74', 'quality_inspection') }} as q
    where q.state in ('passed', 'failed') and q.processed_at is not null
),

placed as (
    select
        q.*,
        'inspection-' || q.id as inspection_id,
        o.order_no,
        coalesce(r.number, {{ source_code('r', 'receipt', 'r.id') }}) as receipt_no,
        coalesce(o.equipment_code, c.site_code) as equipment_code,
        o.item_code,
        case q.state when 'passed' then 'pass' else 'fail' end as result
    from inspections as q
    left join {{ tryton74_production() }} as o
        on q._source = o._source and q.production = o.id
    left join {{ landed('tryton74', 'stock_shipment_in') }} as r
        on q._source = r._source and q.shipment_in = r.id
    left join {{ tryton74_company() }} as c
        on q._source = c._source and q.company = c.id
),

measured as (
    select
        q.*,
        p.name as characteristic,
        cast({{ json_text_of('q.points', 'p.name') }} as double) as value,
        p.tolerance_lower as lsl,
        p.tolerance_upper as usl
    from placed as q
    inner join {{ landed('tryton74', 'quality_control_point') }} as p
        on q._source = p._source and q.control = p.control and p.type_ in ('integer', 'float')
    where {{ json_text_of('q.points', 'p.name') }} is not null
),

mapped as (
    select
        q.inspection_id,
        q.order_no, q.receipt_no, q.equipment_code,
        null as op_seq,
        q.item_code,
        null as uom,
        q.processed_at as inspected_at,
        q.result,
        q.parts as qty_inspected,
        case when q.result = 'fail' then q.parts else 0 end as qty_rejected,
        0 as qty_reworked,
        null as characteristic, null as value, null as lsl, null as usl,
        {{ lineage('q', pk="'quality_inspection/' || q.id", changed_at=tryton74_changed_at('q')) }}
    from placed as q
    union all
    select
        m.inspection_id || '-' || m.characteristic as inspection_id,
        m.order_no, m.receipt_no, m.equipment_code,
        null as op_seq,
        m.item_code,
        null as uom,
        m.processed_at as inspected_at,
        m.result,
        0 as qty_inspected,
        0 as qty_rejected,
        0 as qty_reworked,
        m.characteristic, m.value, m.lsl, m.usl,
        {{ lineage('m', pk="'quality_inspection/' || m.id || '/' || m.characteristic", changed_at=tryton74_changed_at('m')) }}
    from measured as m
)

select {{ canonical_columns('mes_quality_inspection') }} from mapped
