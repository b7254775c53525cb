-- Steps of an order over all its batches: from the first start to the last end, the minutes added up.
with steps as (
    select
        s._source, b.order_no, s.step_number,
        max(s.step_number) over (partition by s._source, b.order_no) as last_step,
        n.node_code,
        s.status, s.started_at, s.completed_at, s.duration_minutes, s.estimated_duration_minutes,
        s.setup_time_minutes, s.run_time_per_unit_minutes,
        s.updated_at, s._batch, s._extracted_at
    from {{ landed('openmes', 'batch_steps') }} as s
    inner join {{ openmes_batch() }} as b
        on s._source = b._source and s.batch_id = b.id
    left join {{ openmes_node() }} as n
        on s._source = n._source and s.workstation_id = n.id and n.kind = 'machine'
    where s.deleted_at is null
),

operations as (
    select
        _source, order_no, step_number, last_step,
        case when min(node_code) = max(node_code) then min(node_code) end as equipment_code,
        max(run_time_per_unit_minutes) as run_time_per_unit_minutes,
        sum(estimated_duration_minutes) as std_time_min,
        sum(duration_minutes) as act_time_min,
        sum(setup_time_minutes) as setup_min,
        min(started_at) as started_at,
        case when count(completed_at) = count(*) then max(completed_at) end as finished_at,
        max(updated_at) as updated_at,
        max(_batch) as _batch,
        max(_extracted_at) as _extracted_at
    from steps
    group by _source, order_no, step_number, last_step
),

mapped as (
    select
        o.order_no,
        o.step_number as op_seq,
        o.step_number = o.last_step as is_final,
        o.equipment_code,
        nullif(o.run_time_per_unit_minutes, 0) * 60 as pri_s,
        o.std_time_min,
        o.act_time_min,
        o.setup_min,
        o.started_at,
        o.finished_at,
        {{ lineage('o', pk="o.order_no || '/' || o.step_number", changed_at='o.updated_at') }}
    from operations as o
)

select {{ canonical_columns('mes_operation') }} from mapped
