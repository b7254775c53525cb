-- Hours booked in the timesheet to a work that is called training.
with mapped as (
    select
        'timesheet-' || l.id as training_id,
        {{ source_code('l', 'e', 'l.employee') }} as emp_no,
        null as site_code,
        l.date as training_date,
        {{ tryton74_seconds('l.duration') }} / 3600 as hours,
        w.name as topic,
        {{ lineage('l', pk='l.id', changed_at=tryton74_changed_at('l')) }}
    from {{ landed('tryton74', 'timesheet_line') }} as l
    inner join {{ landed('tryton74', 'timesheet_work') }} as w
        on l._source = w._source and l.work = w.id
    where lower(w.name) like '%training%'
)

select {{ canonical_columns('hr_training') }} from mapped
