-- The header's produced_qty is a total of its own that batches do not touch; less their scrap it is
-- what the header claims as good (compared by rule R3, never used). OpenMES has no ERP order.
with work as (
    select
        _source, work_order_id,
        min(started_at) as started_at,
        sum(scrap) as scrap
    from {{ openmes_batch() }} as b
    group by _source, work_order_id
),

mapped as (
    select
        o.order_no,
        null as erp_order_no,
        l.node_code as equipment_code,
        i.item_code,
        o.planned_qty as qty_planned,
        greatest(o.produced_qty - coalesce(w.scrap, 0), 0) as qty_reported,
        i.uom,
        case upper(o.status)
            when 'PENDING' then 'draft'
            when 'ACCEPTED' then 'released'
            when 'DONE' then 'finished'
            when 'CANCELLED' then 'cancelled'
            when 'REJECTED' then 'cancelled'
            else 'started'
        end as status,
        null as released_at,
        o.planned_start_at,
        o.due_date as due_at,
        w.started_at,
        case when upper(o.status) = 'DONE' then o.completed_at end as finished_at,
        null as parent_order_no,
        {{ lineage('o', pk='o.id', changed_at='o.updated_at', is_deleted='o.deleted_at is not null') }}
    from {{ openmes_order() }} as o
    inner join {{ openmes_item() }} as i
        on o._source = i._source and o.product_type_id = i.id and i.kind = 'product'
    left join {{ openmes_node() }} as l
        on o._source = l._source and o.line_id = l.id and l.kind = 'line'
    left join work as w
        on o._source = w._source and o.id = w.work_order_id
)

select {{ canonical_columns('mes_work_order') }} from mapped
