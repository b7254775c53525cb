-- Good output is what the finished moves brought to stock; scrap of the finished product is booked
-- beside it and was produced too. Both count at the last work order's machine. Work orders before
-- the last report what they passed on. Scrapped components are goods movements, not output. Odoo
-- does not record rework.
with final_operations as (
    select * from {{ odoo17_workorder() }} where is_final
),

finished as (
    select
        m._source, m._batch, m._extracted_at, m.write_date,
        'move-' || m.id as count_id,
        'stock_move/' || m.id as pk,
        o.name as order_no, o.company_id,
        f.op_seq, true as is_final_op, f.equipment_code,
        m.item_code, m.uom_code, m.date as counted_at,
        m.quantity as qty_good, 0 as qty_scrap
    from {{ odoo17_move() }} as m
    inner join {{ odoo17_production() }} as o
        on m._source = o._source and m.production_id = o.id and m.product_id = o.product_id
    left join final_operations as f
        on o._source = f._source and o.id = f.production_id
    where not coalesce(m.scrapped, false) and m.byproduct_id is null
),

scrapped as (
    select
        s._source, s._batch, s._extracted_at, s.write_date,
        'scrap-' || s.id as count_id,
        'stock_scrap/' || s.id as pk,
        o.name as order_no, o.company_id,
        w.op_seq, coalesce(w.is_final, true) as is_final_op, w.equipment_code,
        i.item_code, u.uom_code, s.date_done as counted_at,
        0 as qty_good, s.scrap_qty as qty_scrap
    from {{ landed('odoo17', 'stock_scrap') }} as s
    inner join {{ odoo17_production() }} as o
        on s._source = o._source and s.production_id = o.id and s.product_id = o.product_id
    inner join {{ odoo17_item() }} as i
        on s._source = i._source and s.product_id = i.id
    inner join {{ odoo17_uom() }} as u
        on s._source = u._source and s.product_uom_id = u.id
    left join {{ odoo17_workorder() }} as w
        on s._source = w._source and s.production_id = w.production_id
        and case when s.workorder_id is null then w.is_final else s.workorder_id = w.id end
    where s.state = 'done'
),

passed_on as (
    select
        w._source, w._batch, w._extracted_at, w.write_date,
        'workorder-' || w.id as count_id,
        'mrp_workorder/' || w.id as pk,
        w.order_no, w.company_id,
        w.op_seq, false as is_final_op, w.equipment_code,
        i.item_code, u.uom_code, w.date_finished as counted_at,
        w.qty_produced as qty_good, 0 as qty_scrap
    from {{ odoo17_workorder() }} as w
    inner join {{ odoo17_item() }} as i
        on w._source = i._source and w.product_id = i.id
    inner join {{ odoo17_uom() }} as u
        on w._source = u._source and w.product_uom_id = u.id
    where not w.is_final and w.state = 'done' and w.qty_produced > 0
),

counts as (
    select * from finished
    union all
    select * from scrapped
    union all
    select * from passed_on
),

mapped as (
    select
        c.count_id,
        c.order_no,
        c.op_seq,
        c.is_final_op,
        coalesce(c.equipment_code, {{ odoo17_site('c') }}) as equipment_code,
        c.item_code,
        c.uom_code as uom,
        c.counted_at,
        c.qty_good + c.qty_scrap as qty_total,
        c.qty_good,
        c.qty_scrap,
        null as qty_rework,
        null as pri_s,
        null as reason_code,
        null as reversal_of,
        {{ lineage('c', pk='c.pk', changed_at='c.write_date') }}
    from counts as c
)

select {{ canonical_columns('mes_production_count') }} from mapped
