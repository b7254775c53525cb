-- Goods issue is a UTC timestamp; the local date is that of the plant which ships.
with mapped as (
    select
        l.dlvno as delivery_no,
        cast(l.posnr as varchar) as line_no,
        l.sono as order_no,
        cast(l.sopos as varchar) as order_line_no,
        l.itno as item_code,
        l.qty as qty,
        l.uom as uom,
        l.gi_ts as shipped_at,
        cast({{ to_local('cast(l.gi_ts as timestamp)', 'p.tz') }} as date) as shipped_date,
        l.ret = 'X' as is_return,
        {{ lineage('l', pk="l.rid", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'dlv_line') }} as l
    left join {{ landed('demo_erp', 'plant') }} as p on p.werks = l.werks and p._source = l._source
)
select {{ canonical_columns('erp_delivery_line') }} from mapped
