-- grain: one row per absence and day of it, until as_of
-- additive: days; those of one absence add up to exactly its working days
-- The working days are spread over the weekdays of the absence; over all its days if it has none.
with absence as (
    select
        absence.*,
        least(absence.end_date, (select max(year_end) from {{ ref('dim_date') }})) as last_day
    from {{ live('hr_absence') }} as absence
    where absence.start_date <= {{ as_of_date() }} and absence.end_date >= absence.start_date
),

day as (
    select
        absence.*,
        cast({{ add_interval('absence.start_date', 'n.number', 'day') }} as date) as date_day
    from absence
    {{ lateral_integers('0', days_between('absence.start_date', 'absence.last_day'), 'n', 'number') }}
),

weighed as (
    select
        *,
        {{ days_between("cast(date_trunc('week', date_day) as date)", 'date_day') }} < 5 as is_weekday,
        max(case when {{ days_between("cast(date_trunc('week', date_day) as date)", 'date_day') }} < 5 then 1 else 0 end)
            over (partition by source_system, absence_id) as has_weekday
    from day
),

counted as (
    select
        *,
        row_number() over (partition by source_system, absence_id order by date_day) as day_no,
        count(*) over (partition by source_system, absence_id) as day_count
    from weighed
    where is_weekday or has_weekday = 0
)

select
    counted.emp_no,
    {{ node_or_enterprise('employee.site_id') }} as node_id,
    counted.date_day,
    {{ spread('counted.days', 'counted.day_no', 'counted.day_count', 'decimal(18,6)') }} as days,
    counted.kind,
    counted.source_system,
    counted.source_pk,
    counted.batch_id
from counted
left join {{ ref('dim_employee') }} as employee on employee.emp_no = counted.emp_no
where counted.date_day <= {{ as_of_date() }}
