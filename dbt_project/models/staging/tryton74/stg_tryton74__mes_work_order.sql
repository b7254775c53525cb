-- Productions. Tryton knows days, and neither when an order was released nor parts of a split one.
-- A plan that was moved keeps its first day, which is the one to be judged by.
with mapped as (
    select
        o.order_no,
        o.order_no as erp_order_no,
        o.equipment_code,
        o.item_code,
        o.quantity as qty_planned,
        null as qty_reported,
        o.uom_code as uom,
        o.status,
        null as released_at,
        o.planned_start_at,
        o.due_at,
        o.started_at,
        o.finished_at,
        null as parent_order_no,
        {{ lineage('o', pk='o.id', changed_at='o.changed_at') }}
    from {{ tryton74_production() }} as o
)

select {{ canonical_columns('mes_work_order') }} from mapped
