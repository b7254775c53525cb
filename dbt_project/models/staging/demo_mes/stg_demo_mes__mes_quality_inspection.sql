-- Measured values come in micrometres and leave in millimetres.
with mapped as (
    select
        cast(l.lot_id as varchar) as inspection_id,
        l.ord_no as order_no,
        cast(null as varchar) as receipt_no,
        r.res_code as equipment_code,
        l.op_no as op_seq,
        l.item_no as item_code,
        l.uom as uom,
        {{ to_utc('cast(l.t_at as timestamp)', 'r.tz') }} as inspected_at,
        case l.verdict when 'OK' then 'pass' when 'NOK' then 'fail' when 'RW' then 'rework' end as result,
        l.n_insp as qty_inspected,
        l.n_nok as qty_rejected,
        l.n_rework as qty_reworked,
        l.feature as characteristic,
        l.val_um * 0.001 as value,
        l.lsl_um * 0.001 as lsl,
        l.usl_um * 0.001 as usl,
        {{ lineage('l', pk="l.lot_id", changed_at="cast(l.upd_utc as timestamp)") }}
    from {{ landed('demo_mes', 'qc_lot') }} as l
    left join {{ landed('demo_mes', 'resource') }} as r on r.res_id = l.res_id and r._source = l._source
)
select {{ canonical_columns('mes_quality_inspection') }} from mapped
