-- Minutes become hours.
with mapped as (
    select
        cast(l.trainid as varchar) as training_id,
        l.persnr as emp_no,
        cast(null as varchar) as site_code,
        l.train_dt as training_date,
        cast(l.minutes as decimal(18, 6)) / 60 as hours,
        l.topic as topic,
        {{ lineage('l', pk="l.trainid", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'emp_train') }} as l
)
select {{ canonical_columns('hr_training') }} from mapped
