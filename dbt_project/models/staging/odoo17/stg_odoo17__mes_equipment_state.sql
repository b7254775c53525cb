-- Time logs of the work centres. Odoo writes them only while a work order is worked on or the work
-- centre is blocked; between them there is no data. A log ends at date_end: the stored duration is
-- clipped to the calendar. Two work orders may start at one instant on one work centre; the key
-- allows one interval there, so the less serious log begins where the more serious one ends.
with logs as (
    select
        p.*,
        c.equipment_code,
        r.reason_code,
        w.order_no,
        case
            when p.loss_type in ('productive', 'performance') then 'RUN'
            when r.is_setup then 'SETUP'
            else 'STOP'
        end as state,
        case
            when p.loss_type in ('productive', 'performance') then 3
            when r.is_setup then 2
            else 1
        end as seriousness,
        coalesce(p.date_end, timestamp '9999-12-31 00:00:00') as until
    from {{ landed('odoo17', 'mrp_workcenter_productivity') }} as p
    inner join {{ odoo17_workcenter() }} as c
        on p._source = c._source and p.workcenter_id = c.id
    inner join {{ odoo17_loss() }} as r
        on p._source = r._source and p.loss_id = r.id
    left join {{ odoo17_workorder() }} as w
        on p._source = w._source and p.workorder_id = w.id
),

freed as (
    select
        logs.*,
        coalesce(
            max(until) over (
                partition by _source, workcenter_id, date_start
                order by seriousness, until, id
                rows between unbounded preceding and 1 preceding
            ),
            date_start
        ) as free_from
    from logs
),

mapped as (
    select
        f.equipment_code,
        f.free_from as start_ts,
        f.date_end as end_ts,
        f.state,
        f.loss_type as raw_state,
        case when f.loss_type <> 'productive' then f.reason_code end as reason_code,
        f.order_no,
        {{ lineage('f', pk='f.id', changed_at='f.write_date') }}
    from freed as f
    where f.free_from < f.until
)

select {{ canonical_columns('mes_equipment_state') }} from mapped
