-- A skill counts from its certificate on, without one from the day it was entered, until the day after
-- the certificate ends.
with mapped as (
    select
        {{ openmes_id('s', 'e', 's.worker_id') }} as emp_no,
        k.code as skill_code,
        coalesce(s.certified_from, cast(s.created_at as date)) as valid_from,
        {{ add_interval('s.certified_until', 1, 'day') }} as valid_to,
        {{ lineage('s', pk="s.worker_id || '/' || s.skill_id", changed_at='s.updated_at') }}
    from {{ landed('openmes', 'worker_skills') }} as s
    inner join {{ landed('openmes', 'skills') }} as k
        on s._source = k._source and s.skill_id = k.id
    where s.certified_from is not null or s.created_at is not null
)

select {{ canonical_columns('hr_employee_skill') }} from mapped
