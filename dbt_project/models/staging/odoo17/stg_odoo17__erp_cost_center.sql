-- One cost centre per company, so that every journal item counts at its site.
with mapped as (
    select
        {{ odoo17_site('c', 'id') }} as cost_center_code,
        c.name,
        {{ odoo17_site('c', 'id') }} as equipment_code,
        {{ lineage('c', pk='c.id', changed_at='c.write_date') }}
    from {{ landed('odoo17', 'res_company') }} as c
)

select {{ canonical_columns('erp_cost_center') }} from mapped
