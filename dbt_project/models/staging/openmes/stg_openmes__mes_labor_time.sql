-- Activities on a work order that had ended when they were read: the table holds plans, too. Breaks,
-- rest, travel and days off are no work.
with mapped as (
    select
        'activity-' || a.id as labor_id,
        {{ openmes_id('a', 'e', 'a.worker_id') }} as emp_no,
        l.node_code as equipment_code,
        o.order_no,
        null as op_seq,
        a.starts_at as started_at,
        a.ends_at as finished_at,
        {{ lineage('a', pk='a.id', changed_at='a.updated_at') }}
    from {{ landed('openmes', 'employee_activities') }} as a
    inner join {{ openmes_order() }} as o
        on a._source = o._source and a.work_order_id = o.id
    left join {{ openmes_node() }} as l
        on a._source = l._source and coalesce(a.line_id, o.line_id) = l.id and l.kind = 'line'
    where a.deleted_at is null and a.type not in ('break', 'rest', 'travel', 'off')
        and a.ends_at <= a._extracted_at
)

select {{ canonical_columns('mes_labor_time') }} from mapped
