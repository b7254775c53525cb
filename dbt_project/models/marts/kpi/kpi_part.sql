-- Numerator and denominator of every KPI per organization node and day, as contributed at that node.
-- Grain: one row per KPI, node and day with contributions, from the first day on which all that the
-- KPI needs was recorded until clock.as_of_date.
-- Additive over days and, through organization_closure, over nodes.
-- A KPI that lacks what it needs has no rows, and none before the last of it began to be recorded:
-- nothing reported is no data, not zero. Without that, a plant that counts heads since January and
-- records training since May would have trained nobody until April.
{{- config(meta={'recompute': 'days'}) -}}
{%- set touched = in_touched_days('date_day') %}
with part as (
    {% for kpi in kpis() %}
    select
        '{{ kpi }}' as kpi_id,
        node_id,
        date_day,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from {{ ref('kpi_' ~ kpi) }}
    where {{ touched }}
    group by node_id, date_day
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    part.kpi_id,
    part.node_id,
    part.date_day,
    cast(part.numerator as decimal(38,12)) as numerator,
    cast(part.denominator as decimal(38,12)) as denominator
from part
inner join {{ ref('kpi_readiness') }} as readiness on readiness.kpi_id = part.kpi_id
where
    readiness.missing is null
    and (readiness.first_day is null or part.date_day >= readiness.first_day)
    and part.date_day <= {{ as_of_date() }}
