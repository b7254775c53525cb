with mapped as (
    select
        w.order_no,
        w.op_seq,
        w.is_final,
        w.equipment_code,
        w.pri_s,
        w.duration_expected as std_time_min,
        w.duration as act_time_min,
        w.setup_min,
        case when w.state in ('progress', 'done') then w.date_start end as started_at,
        case when w.state = 'done' then w.date_finished end as finished_at,
        {{ lineage('w', pk='w.id', changed_at='w.write_date') }}
    from {{ odoo17_workorder() }} as w
)

select {{ canonical_columns('mes_operation') }} from mapped
