-- One table for both roles: C customer, S supplier.
with mapped as (
    select
        l.pno as party_code,
        l.name as name,
        l.role = 'C' as is_customer,
        l.role = 'S' as is_supplier,
        l.ctry as country,
        nullif(l.since_dt, '0000-00-00') as since,
        {{ lineage('l', pk="l.pno", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'partner') }} as l
)
select {{ canonical_columns('erp_party') }} from mapped
