-- What is known of lines and workstations, from three tables:
-- 1. Stops (production_downtimes) of a line or a workstation, from start to end; the stored duration
--    is not used. Planned ones are PLANNED, changeovers SETUP, all other STOP.
-- 2. States of workstations with a machine connection. Where a stop begins at the same instant, it is
--    the same stop, with a reason: it comes first, the state follows where it lasts longer.
-- 3. A batch in work is production, where the workstation reports no states (yet). Nobody reports
--    that a line runs; time with neither stop nor batch is no data.
-- The key allows one interval per node and start, so the less serious one begins where the more
-- serious one ends; stops that overlap otherwise stay as they are, and count once in the star.
with nodes as (
    select * from {{ openmes_node() }}
),

connected as (
    select _source, workstation_id, min(started_at) as first_at
    from {{ landed('openmes', 'workstation_states') }}
    group by _source, workstation_id
),

logs as (
    select
        d._source, d._batch, d._extracted_at, d.updated_at,
        'production_downtimes/' || d.id as pk,
        coalesce(w.node_code, l.node_code) as equipment_code,
        d.started_at,
        d.ended_at,
        case r.stop_kind when 'planned' then 'PLANNED' when 'changeover' then 'SETUP' else 'STOP' end as state,
        case r.stop_kind when 'planned' then 3 when 'changeover' then 2 else 1 end as seriousness,
        r.natural_code as raw_state,
        r.reason_code,
        cast(null as varchar) as order_no
    from {{ landed('openmes', 'production_downtimes') }} as d
    left join {{ openmes_reason() }} as r
        on d._source = r._source and d.downtime_reason_id = r.id and r.kind = 'reason'
    left join nodes as w
        on d._source = w._source and d.workstation_id = w.id and w.kind = 'machine'
    left join nodes as l
        on d._source = l._source and d.line_id = l.id and l.kind = 'line'
    union all
    select
        s._source, s._batch, s._extracted_at, s.updated_at,
        'workstation_states/' || s.id as pk,
        n.node_code as equipment_code,
        s.started_at,
        s.ended_at,
        case upper(s.state)
            when 'RUNNING' then 'RUN'
            when 'IDLE' then 'IDLE'
            when 'SETUP' then 'SETUP'
            when 'CLEANING' then 'PLANNED'
            when 'MAINTENANCE' then 'PLANNED'
            when 'STOPPED' then 'STOP'
            when 'FAULT' then 'STOP'
            when 'ERROR' then 'STOP'
            when 'OFF' then 'OFF'
            else 'NODATA'
        end as state,
        4 as seriousness,
        s.state as raw_state,
        null as reason_code,
        null as order_no
    from {{ landed('openmes', 'workstation_states') }} as s
    inner join nodes as n
        on s._source = n._source and s.workstation_id = n.id and n.kind = 'machine'
    union all
    select
        b._source, b._batch, b._extracted_at, b.updated_at,
        'batches/' || b.id as pk,
        b.equipment_code,
        b.started_at,
        least(b.completed_at, c.first_at) as ended_at,
        'RUN' as state,
        5 as seriousness,
        'batch' as raw_state,
        null as reason_code,
        b.order_no
    from {{ openmes_batch() }} as b
    left join connected as c
        on b._source = c._source and b.workstation_id = c.workstation_id
    where b.started_at is not null
        and (c.first_at is null or b.started_at < c.first_at)
        and (b.completed_at is not null or b.status = 'IN_PROGRESS')
),

freed as (
    select
        g.*,
        coalesce(g.ended_at, timestamp '9999-12-31 00:00:00') as until,
        coalesce(
            max(coalesce(g.ended_at, timestamp '9999-12-31 00:00:00')) over (
                partition by g._source, g.equipment_code, g.started_at
                order by g.seriousness, g.ended_at nulls last, g.pk
                rows between unbounded preceding and 1 preceding
            ),
            g.started_at
        ) as free_from
    from logs as g
    where g.equipment_code is not null
),

mapped as (
    select
        f.equipment_code,
        f.free_from as start_ts,
        f.ended_at as end_ts,
        f.state,
        f.raw_state,
        f.reason_code,
        f.order_no,
        {{ lineage('f', pk='f.pk', changed_at='f.updated_at') }}
    from freed as f
    where f.free_from < f.until
)

select {{ canonical_columns('mes_equipment_state') }} from mapped
