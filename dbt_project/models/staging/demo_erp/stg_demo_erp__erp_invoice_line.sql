-- F2 is an invoice, G2 a credit note; both amounts are positive.
with mapped as (
    select
        l.invno as invoice_no,
        cast(l.posnr as varchar) as line_no,
        case l.kind when 'F2' then 'invoice' when 'G2' then 'credit' end as type,
        l.sono as order_no,
        l.werks as site_code,
        l.pno as customer_code,
        l.itno as item_code,
        l.qty as qty,
        l.uom as uom,
        l.net as net_amount,
        l.ccy as currency,
        l.post_dt as posted_date,
        {{ lineage('l', pk="concat(l.invno, '/', l.posnr)", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'inv_line') }} as l
)
select {{ canonical_columns('erp_invoice_line') }} from mapped
