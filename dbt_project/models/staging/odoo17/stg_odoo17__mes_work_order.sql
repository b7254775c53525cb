-- Manufacturing orders. date_start and date_finished are plans until the order starts and is done;
-- Odoo does not store when an order was confirmed.
with work_centers as (
    select
        _source,
        production_id,
        case when min(equipment_code) = max(equipment_code) then min(equipment_code) end as only_one
    from {{ odoo17_workorder() }}
    where state <> 'cancel'
    group by _source, production_id
),

mapped as (
    select
        o.name as order_no,
        o.name as erp_order_no,
        coalesce(w.only_one, {{ odoo17_site('o') }}) as equipment_code,
        i.item_code,
        o.product_qty as qty_planned,
        null as qty_reported,
        u.uom_code as uom,
        {{ odoo17_production_status('o.state') }} as status,
        null as released_at,
        o.date_start as planned_start_at,
        o.date_deadline as due_at,
        case when o.state in ('progress', 'to_close', 'done') then o.date_start end as started_at,
        case when o.state = 'done' then o.date_finished end as finished_at,
        nullif(o.root_name, o.name) as parent_order_no,
        {{ lineage('o', pk='o.id', changed_at='o.write_date') }}
    from {{ odoo17_production() }} as o
    inner join {{ odoo17_item() }} as i
        on o._source = i._source and o.product_id = i.id
    inner join {{ odoo17_uom() }} as u
        on o._source = u._source and o.product_uom_id = u.id
    left join work_centers as w
        on o._source = w._source and o.id = w.production_id
)

select {{ canonical_columns('mes_work_order') }} from mapped
