-- Times are local to the plant of the machine.
with mapped as (
    select
        cast(l.use_id as varchar) as consumption_id,
        l.ord_no as order_no,
        l.item_no as item_code,
        l.uom as uom,
        l.qty as qty,
        l.lot as lot,
        {{ to_utc('cast(l.t_at as timestamp)', 'r.tz') }} as consumed_at,
        {{ lineage('l', pk="l.use_id", changed_at="cast(l.upd_utc as timestamp)") }}
    from {{ landed('demo_mes', 'mat_use') }} as l
    left join {{ landed('demo_mes', 'resource') }} as r on r.res_id = l.res_id and r._source = l._source
)
select {{ canonical_columns('mes_material_consumption') }} from mapped
