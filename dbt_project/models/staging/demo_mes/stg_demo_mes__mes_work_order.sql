-- Quantities are in the vendor's unit (ST or G).
with mapped as (
    select
        l.ord_no as order_no,
        l.erp_ref as erp_order_no,
        r.res_code as equipment_code,
        l.item_no as item_code,
        l.q_plan as qty_planned,
        l.q_rep as qty_reported,
        l.uom as uom,
        case l.stat when 10 then 'released' when 20 then 'started' when 30 then 'finished' when 90 then 'cancelled' end as status,
        {{ to_utc('cast(l.t_release as timestamp)', 'r.tz') }} as released_at,
        {{ to_utc('cast(l.t_plan as timestamp)', 'r.tz') }} as planned_start_at,
        {{ to_utc('cast(l.t_due as timestamp)', 'r.tz') }} as due_at,
        {{ to_utc('cast(l.t_start as timestamp)', 'r.tz') }} as started_at,
        {{ to_utc('cast(l.t_end as timestamp)', 'r.tz') }} as finished_at,
        l.split_from as parent_order_no,
        {{ lineage('l', pk="l.ord_no", changed_at="cast(l.upd_utc as timestamp)") }}
    from {{ landed('demo_mes', 'wo_head') }} as l
    left join {{ landed('demo_mes', 'resource') }} as r on r.res_id = l.res_id and r._source = l._source
)
select {{ canonical_columns('mes_work_order') }} from mapped
