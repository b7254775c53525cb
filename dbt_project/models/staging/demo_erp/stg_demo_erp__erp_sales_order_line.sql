-- Customer, plant, currency and time of receipt stand in the header.
with mapped as (
    select
        l.sono as order_no,
        cast(l.posnr as varchar) as line_no,
        h.werks as site_code,
        h.pno as customer_code,
        l.itno as item_code,
        l.qty as qty,
        l.uom as uom,
        l.net as net_amount,
        h.ccy as currency,
        h.rcv_ts as ordered_at,
        nullif(l.req_dt, '0000-00-00') as requested_date,
        nullif(l.prom1_dt, '0000-00-00') as original_promised_date,
        nullif(l.prom_dt, '0000-00-00') as promised_date,
        case l.stat when 'O' then 'confirmed' when 'C' then 'closed' when 'X' then 'cancelled' end as status,
        {{ lineage('l', pk="concat(l.sono, '/', l.posnr)", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'so_line') }} as l
    left join {{ landed('demo_erp', 'so_head') }} as h on h.sono = l.sono and h._source = l._source
)
select {{ canonical_columns('erp_sales_order_line') }} from mapped
