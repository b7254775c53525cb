-- One cost centre per company, so that every ledger line counts at its site.
with mapped as (
    select
        c.site_code as cost_center_code,
        c.site_code as name,
        c.site_code as equipment_code,
        {{ lineage('c', pk='c.id', changed_at='c.changed_at') }}
    from {{ tryton74_company() }} as c
)

select {{ canonical_columns('erp_cost_center') }} from mapped
