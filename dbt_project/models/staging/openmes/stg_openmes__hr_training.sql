-- Activities of training that had ended when they were read. Certificates (worker_skills) carry no
-- hours, so they are no training here.
with mapped as (
    select
        'activity-' || a.id as training_id,
        {{ openmes_id('a', 'e', 'a.worker_id') }} as emp_no,
        null as site_code,
        {{ local_date('a.starts_at', "coalesce(s.time_zone, " ~ source_zone('a._source') ~ ")") }} as training_date,
        {{ seconds_between('a.starts_at', 'a.ends_at') }} / 3600 as hours,
        null as topic,
        {{ lineage('a', pk='a.id', changed_at='a.updated_at') }}
    from {{ landed('openmes', 'employee_activities') }} as a
    left join {{ openmes_node() }} as s
        on a._source = s._source and s.kind = 'site' and s.node_code = s.only_site_code
    where a.type = 'training' and a.deleted_at is null
        and a.ends_at <= a._extracted_at and a.ends_at > a.starts_at
)

select {{ canonical_columns('hr_training') }} from mapped
