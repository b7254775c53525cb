-- The vendor keeps a fraction: num base units are den alternative units.
with mapped as (
    select
        nullif(l.itno, '*') as item_code,
        l.u_from as from_uom,
        l.u_to as to_uom,
        cast(l.num as decimal(18, 0)) / l.den as factor,
        {{ lineage('l', pk="concat(l.itno, '/', l.u_from, '/', l.u_to)", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'item_uom') }} as l
)
select {{ canonical_columns('erp_uom_conversion') }} from mapped
