-- The same manufacturing orders as in mes_work_order: Odoo is MES and ERP in one.
with mapped as (
    select
        o.name as erp_order_no,
        {{ odoo17_site('o') }} as site_code,
        i.item_code,
        o.product_qty as qty,
        u.uom_code as uom,
        {{ odoo17_production_status('o.state') }} as status,
        {{ odoo17_local_date('o.date_deadline', 'o') }} as due_date,
        {{ lineage('o', pk='o.id', changed_at='o.write_date') }}
    from {{ odoo17_production() }} as o
    inner join {{ odoo17_item() }} as i
        on o._source = i._source and o.product_id = i.id
    inner join {{ odoo17_uom() }} as u
        on o._source = u._source and o.product_uom_id = u.id
)

select {{ canonical_columns('erp_production_order') }} from mapped
