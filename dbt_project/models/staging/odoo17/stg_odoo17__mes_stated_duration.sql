-- Finished time logs. Odoo clips stops to the work centre's calendar when it stores their duration.
with mapped as (
    select
        p.id as interval_id,
        case when p.loss_type in ('productive', 'performance') then 'run' else 'stop' end as kind,
        w.equipment_code,
        p.date_start as start_ts,
        p.date_end as end_ts,
        p.duration as minutes_stated,
        {{ lineage('p', pk='p.id', changed_at='p.write_date') }}
    from {{ landed('odoo17', 'mrp_workcenter_productivity') }} as p
    inner join {{ odoo17_workcenter() }} as w
        on p._source = w._source and p.workcenter_id = w.id
    where p.date_end is not null
)

select {{ canonical_columns('mes_stated_duration') }} from mapped
