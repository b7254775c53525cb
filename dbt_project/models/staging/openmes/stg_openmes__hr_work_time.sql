-- Hours at work by day, from activities that had ended when they were read: the table holds plans,
-- too. Breaks, rest, travel and days off are no work; activities that overlap count once.
with activities as (
    select
        a.*,
        coalesce(s.time_zone, {{ source_zone('a._source') }}) as time_zone,
        max(a.ends_at) over (
            partition by a._source, a.worker_id order by a.starts_at, a.id
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from {{ landed('openmes', 'employee_activities') }} as a
    left join {{ openmes_node() }} as s
        on a._source = s._source and s.kind = 'site' and s.node_code = s.only_site_code
    where a.deleted_at is null and a.type not in ('break', 'rest', 'travel', 'off')
        and a.ends_at <= a._extracted_at and a.ends_at > a.starts_at
),

days as (
    select
        _source,
        worker_id,
        {{ local_date('starts_at', 'time_zone') }} as work_date,
        sum(
            case
                when covered_until is null or covered_until <= starts_at
                    then {{ seconds_between('starts_at', 'ends_at') }}
                when covered_until < ends_at then {{ seconds_between('covered_until', 'ends_at') }}
                else 0
            end
        ) / 3600 as hours_worked,
        max(updated_at) as updated_at,
        max(_batch) as _batch,
        max(_extracted_at) as _extracted_at
    from activities
    group by 1, 2, 3
),

mapped as (
    select
        d.worker_id || '/' || d.work_date as work_time_id,
        {{ openmes_id('d', 'e', 'd.worker_id') }} as emp_no,
        null as site_code,
        d.work_date,
        null as hours_scheduled,
        d.hours_worked,
        {{ lineage('d', pk="d.worker_id || '/' || d.work_date", changed_at='d.updated_at') }}
    from days as d
)

select {{ canonical_columns('hr_work_time') }} from mapped
