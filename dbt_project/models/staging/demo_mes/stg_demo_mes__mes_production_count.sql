-- The vendor keeps good, scrap and rework; the total is their sum. Whether a count is finished
-- output is a property of the operation. pri_s is per unit of the count.
with mapped as (
    select
        cast(l.tick_id as varchar) as count_id,
        l.ord_no as order_no,
        l.op_no as op_seq,
        coalesce(o.last_op = 1, false) as is_final_op,
        r.res_code as equipment_code,
        l.item_no as item_code,
        l.uom as uom,
        {{ dbt.dateadd('minute', '-1 * l.ofs_min', 'cast(l.t_at as timestamp)') }} as counted_at,
        l.q_good + l.q_scrap + l.q_rework as qty_total,
        l.q_good as qty_good,
        l.q_scrap as qty_scrap,
        l.q_rework as qty_rework,
        cast(o.te_ms as decimal(18, 6)) / (1000 * o.te_base) as pri_s,
        l.scrap_rsn as reason_code,
        cast(l.storno_of as varchar) as reversal_of,
        {{ lineage('l', pk="l.tick_id", changed_at="cast(l.upd_utc as timestamp)") }}
    from {{ landed('demo_mes', 'qty_tick') }} as l
    left join {{ landed('demo_mes', 'resource') }} as r on r.res_id = l.res_id and r._source = l._source
    left join {{ landed('demo_mes', 'wo_op') }} as o
        on o.ord_no = l.ord_no and o.op_no = l.op_no and o._source = l._source
)
select {{ canonical_columns('mes_production_count') }} from mapped
