-- Last day inclusive; S is sickness, O other unplanned absence.
with mapped as (
    select
        cast(l.absid as varchar) as absence_id,
        l.persnr as emp_no,
        l.from_dt as start_date,
        l.to_dt as end_date,
        l.wdays as days,
        case l.kind when 'S' then 'sickness' else 'other' end as kind,
        {{ lineage('l', pk="l.absid", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'emp_abs') }} as l
)
select {{ canonical_columns('hr_absence') }} from mapped
