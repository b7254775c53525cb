-- Receipts are cumulated in the line.
with mapped as (
    select
        l.pono as po_no,
        cast(l.posnr as varchar) as line_no,
        l.werks as site_code,
        l.pno as supplier_code,
        l.itno as item_code,
        l.uom as uom,
        l.qty as qty,
        l.qty_rcv as qty_received,
        l.qty_rej as qty_rejected,
        l.ord_ts as ordered_at,
        nullif(l.prom_dt, '0000-00-00') as promised_date,
        nullif(l.rcv_dt, '0000-00-00') as received_date,
        l.net as net_amount,
        l.ccy as currency,
        case l.stat when 'O' then 'confirmed' when 'C' then 'closed' when 'X' then 'cancelled' end as status,
        {{ lineage('l', pk="concat(l.pono, '/', l.posnr)", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'po_line') }} as l
)
select {{ canonical_columns('erp_purchase_order_line') }} from mapped
