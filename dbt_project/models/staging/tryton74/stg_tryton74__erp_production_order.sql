-- The same productions as in mes_work_order: Tryton is MES and ERP in one.
with mapped as (
    select
        o.order_no as erp_order_no,
        o.site_code,
        o.item_code,
        o.quantity as qty,
        o.uom_code as uom,
        o.status,
        o.due_date,
        {{ lineage('o', pk='o.id', changed_at='o.changed_at') }}
    from {{ tryton74_production() }} as o
)

select {{ canonical_columns('erp_production_order') }} from mapped
