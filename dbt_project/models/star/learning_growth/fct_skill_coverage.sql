-- grain: one row per station, skill and span of time in which neither need nor qualified people change
-- not additive: people_*; a cell of the skill matrix is covered or not. Count cells of one day.
-- Who is qualified counts at the stations of his site while he is employed, once per skill.
with requirement as (
    select
        {{ node_or_enterprise('node.node_id') }} as node_id,
        node.site_id,
        required.equipment_code,
        required.skill_code,
        required.people,
        required.valid_from,
        least(
            coalesce(required.valid_to, date '9999-12-31'),
            coalesce(
                lead(required.valid_from) over (
                    partition by required.source_system, required.equipment_code, required.skill_code
                    order by required.valid_from
                ),
                date '9999-12-31'
            )
        ) as valid_to,
        required.source_system,
        required.source_pk,
        required.batch_id
    from {{ live('hr_skill_requirement') }} as required
    left join {{ ref('dim_organization') }} as node on node.node_id = required.equipment_code
),

qualified as (
    select
        requirement.source_system,
        requirement.source_pk,
        skill.emp_no,
        greatest(requirement.valid_from, skill.valid_from, coalesce(employee.hired_on, skill.valid_from)) as valid_from,
        least(
            requirement.valid_to,
            coalesce(skill.valid_to, date '9999-12-31'),
            coalesce(employee.left_on, date '9999-12-31')
        ) as valid_to
    from requirement
    inner join {{ live('hr_employee_skill') }} as skill on skill.skill_code = requirement.skill_code
    inner join {{ ref('dim_employee') }} as employee on employee.emp_no = skill.emp_no
    where
        employee.site_id is null
        or requirement.site_id is null
        or employee.site_id = requirement.site_id
),

point as (
    select source_system, source_pk, valid_from as day from requirement
    union
    select source_system, source_pk, valid_to from requirement
    union
    select source_system, source_pk, valid_from from qualified where valid_from < valid_to
    union
    select source_system, source_pk, valid_to from qualified where valid_from < valid_to
),

span as (
    select
        source_system,
        source_pk,
        day as valid_from,
        lead(day) over (partition by source_system, source_pk order by day) as valid_to
    from point
)

select
    requirement.node_id,
    requirement.skill_code,
    span.valid_from,
    span.valid_to,
    requirement.people as people_required,
    count(distinct qualified.emp_no) as people_qualified,
    count(distinct qualified.emp_no) >= requirement.people as is_covered,
    requirement.source_system,
    requirement.source_pk,
    requirement.batch_id
from span
inner join requirement
    on requirement.source_system = span.source_system and requirement.source_pk = span.source_pk
left join qualified
    on qualified.source_system = span.source_system
    and qualified.source_pk = span.source_pk
    and qualified.valid_from <= span.valid_from
    and qualified.valid_to > span.valid_from
where span.valid_to is not null
group by
    requirement.node_id,
    requirement.skill_code,
    span.valid_from,
    span.valid_to,
    requirement.people,
    requirement.source_system,
    requirement.source_pk,
    requirement.batch_id
