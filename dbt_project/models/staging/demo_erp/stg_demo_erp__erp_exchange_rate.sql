-- 1 unit of the currency in euro.
with mapped as (
    select
        l.ccy as currency,
        l.valid_from as valid_from,
        l.rate as rate,
        {{ lineage('l', pk="concat(l.ccy, '/', l.valid_from)", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'fx') }} as l
)
select {{ canonical_columns('erp_exchange_rate') }} from mapped
