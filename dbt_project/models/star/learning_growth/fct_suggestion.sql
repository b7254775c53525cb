-- grain: one row per suggestion
-- additive: benefit; is_implemented as a count
-- Day: local date on which it was handed in.
select
    suggestion.suggestion_id,
    suggestion.emp_no,
    {{ node_or_enterprise('site.node_id') }} as node_id,
    suggestion.submitted_on as date_day,
    suggestion.implemented_on,
    suggestion.status,
    coalesce(
        suggestion.status = 'implemented' and coalesce(suggestion.implemented_on <= {{ as_of_date() }}, true),
        false
    ) as is_implemented,
    suggestion.benefit,
    suggestion.source_system,
    suggestion.source_pk,
    suggestion.batch_id
from {{ live('hr_suggestion') }} as suggestion
left join {{ ref('dim_employee') }} as employee on employee.emp_no = suggestion.emp_no
left join {{ ref('dim_organization') }} as site
    on site.node_id = coalesce(suggestion.site_code, employee.site_id, {{ source_site('suggestion.source_system') }})
where suggestion.submitted_on <= {{ as_of_date() }}
