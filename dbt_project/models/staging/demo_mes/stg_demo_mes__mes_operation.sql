-- te_ms holds for te_base vendor units, which is one base unit of the item (1 ST or 1,000 G).
with mapped as (
    select
        l.ord_no as order_no,
        l.op_no as op_seq,
        l.last_op = 1 as is_final,
        r.res_code as equipment_code,
        l.te_ms * 0.001 as pri_s,
        l.std_min as std_time_min,
        l.act_min as act_time_min,
        l.tr_min as setup_min,
        {{ to_utc('cast(l.t_start as timestamp)', 'r.tz') }} as started_at,
        {{ to_utc('cast(l.t_end as timestamp)', 'r.tz') }} as finished_at,
        {{ lineage('l', pk="concat(l.ord_no, '/', l.op_no)", changed_at="cast(l.upd_utc as timestamp)") }}
    from {{ landed('demo_mes', 'wo_op') }} as l
    left join {{ landed('demo_mes', 'resource') }} as r on r.res_id = l.res_id and r._source = l._source
)
select {{ canonical_columns('mes_operation') }} from mapped
