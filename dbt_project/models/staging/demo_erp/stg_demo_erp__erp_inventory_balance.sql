-- Balances at the end of each week and month, valued at standard cost in cents.
with mapped as (
    select
        l.itno as item_code,
        l.sloc as location_code,
        l.werks as site_code,
        l.dt as as_of_date,
        l.uom as uom,
        l.qty as qty,
        l.val_ct * 0.01 as value,
        cast(null as varchar) as currency,
        {{ lineage('l', pk="concat(l.itno, '/', l.sloc, '/', l.dt)", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'stk_bal') }} as l
)
select {{ canonical_columns('erp_inventory_balance') }} from mapped
