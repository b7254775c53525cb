-- Minutes become hours.
with mapped as (
    select
        cast(l.timeid as varchar) as work_time_id,
        l.persnr as emp_no,
        cast(null as varchar) as site_code,
        l.work_dt as work_date,
        cast(l.sched_min as decimal(18, 6)) / 60 as hours_scheduled,
        cast(l.work_min as decimal(18, 6)) / 60 as hours_worked,
        {{ lineage('l', pk="l.timeid", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'emp_time') }} as l
)
select {{ canonical_columns('hr_work_time') }} from mapped
