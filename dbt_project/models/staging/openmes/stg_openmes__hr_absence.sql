-- Approved sickness; vacation, personal days and training are planned. Its days are those from Monday
-- to Friday.
with unplanned as (
    select *
    from {{ landed('openmes', 'worker_absences') }} as a
    where a.status = 'approved' and a.type = 'sick'
),

-- 1900-01-01 was a Monday
working_days as (
    select u._source, u.id, count(*) as days
    from unplanned as u
    {{ lateral_integers(days_between("date '1900-01-01'", 'u.starts_on'), days_between("date '1900-01-01'", 'u.ends_on'), 'n', 'day_no') }}
    where mod(n.day_no, 7) < 5
    group by u._source, u.id
),

mapped as (
    select
        'absence-' || u.id as absence_id,
        {{ openmes_id('u', 'e', 'u.worker_id') }} as emp_no,
        u.starts_on as start_date,
        u.ends_on as end_date,
        coalesce(d.days, 0) as days,
        'sickness' as kind,
        {{ lineage('u', pk='u.id', changed_at='u.updated_at', is_deleted='u.deleted_at is not null') }}
    from unplanned as u
    left join working_days as d
        on u._source = d._source and u.id = d.id
)

select {{ canonical_columns('hr_absence') }} from mapped
