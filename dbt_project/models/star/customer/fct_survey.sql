-- grain: one row per answer
-- not additive: score, which is read against scale_max; the is_ columns as counts
-- A recommendation question has ten points: promoters answer 9 or 10, detractors 0 to 6 (Reichheld).
-- One of satisfaction has five: 4 and 5 are satisfied.
select
    {{ node_or_enterprise('site.node_id') }} as node_id,
    {{ local_date('answer.answered_at', zone_or_enterprise('site.time_zone')) }} as date_day,
    answer.customer_code,
    answer.score,
    answer.scale_max,
    answer.scale_max = 10 as is_nps,
    answer.scale_max = 10 and answer.score >= 9 as is_promoter,
    answer.scale_max = 10 and answer.score <= 6 as is_detractor,
    answer.scale_max = 5 as is_csat,
    answer.scale_max = 5 and answer.score >= 4 as is_satisfied,
    answer.source_system,
    answer.source_pk,
    answer.batch_id
from {{ live('erp_survey_response') }} as answer
left join {{ ref('dim_organization') }} as site on site.node_id = answer.site_code
where answer.answered_at <= {{ as_of() }}
