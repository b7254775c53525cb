-- Times are local to the plant of the machine; cost is in cents of the enterprise's currency.
with mapped as (
    select
        cast(l.job_id as varchar) as maint_id,
        r.res_code as equipment_code,
        case l.kind when 'R' then 'corrective' when 'W' then 'preventive' end as type,
        {{ to_utc('cast(l.t_req as timestamp)', 'r.tz') }} as requested_at,
        {{ to_utc('cast(l.t_start as timestamp)', 'r.tz') }} as started_at,
        {{ to_utc('cast(l.t_end as timestamp)', 'r.tz') }} as completed_at,
        l.cost_ct * 0.01 as cost,
        cast(null as varchar) as currency,
        {{ lineage('l', pk="l.job_id", changed_at="cast(l.upd_utc as timestamp)") }}
    from {{ landed('demo_mes', 'mnt_job') }} as l
    left join {{ landed('demo_mes', 'resource') }} as r on r.res_id = l.res_id and r._source = l._source
)
select {{ canonical_columns('mes_maintenance_order') }} from mapped
