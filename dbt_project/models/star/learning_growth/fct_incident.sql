-- grain: one row per incident or near miss
-- additive: lost_days; the is_ columns as counts
-- Recordable as in OSHA 29 CFR 1904: from medical treatment upwards. DART: columns H and I of form
-- 300A, days away, restricted or transferred; deaths are counted apart.
select
    incident.incident_id,
    {{ node_or_enterprise('site.node_id') }} as node_id,
    incident.occurred_on as date_day,
    incident.severity,
    incident.severity in ('medical_treatment', 'restricted_work', 'lost_time', 'fatality') as is_recordable,
    incident.severity in ('lost_time', 'fatality') as is_lost_time,
    incident.severity in ('restricted_work', 'lost_time') as is_dart,
    incident.severity = 'near_miss' as is_near_miss,
    incident.lost_days,
    incident.source_system,
    incident.source_pk,
    incident.batch_id
from {{ live('ehs_incident') }} as incident
left join {{ ref('dim_organization') }} as site on site.node_id = incident.site_code
where incident.occurred_on <= {{ as_of_date() }}
