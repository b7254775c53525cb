-- An open end is written as 9999-12-31.
with mapped as (
    select
        l.itno as item_code,
        l.valid_from as valid_from,
        nullif(l.valid_to, '9999-12-31') as valid_to,
        l.cost as unit_cost,
        l.ccy as currency,
        {{ lineage('l', pk="concat(l.itno, '/', l.valid_from)", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'item_cost') }} as l
)
select {{ canonical_columns('erp_standard_cost') }} from mapped
