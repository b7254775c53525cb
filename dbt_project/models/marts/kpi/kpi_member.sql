-- Rows of the KPIs that are computed from members, never from sums: operations of a yield, members of
-- a set, measured values of a characteristic.
-- Grain: one row per KPI and contribution at its node of the organization, and one more per segment.
-- NOT additive. Rows of a set count from date_day until the day before valid_to; the others on
-- date_day, from the first day on which all that the KPI needs was recorded at their site.
{%- set columns = ['date_day', 'numerator', 'denominator'] + (member_columns().keys() | list) %}
with member as (
    {% for kpi, definition in kpis().items() if definition.rollup not in summed_classes() %}
    select '{{ kpi }}' as kpi_id, node_id, {{ recording_node('contribution') }} as recorded_at, {{ columns | join(', ') }}
    from {{ ref('kpi_' ~ kpi) }} as contribution
    {% if definition.get('segments') %}
    union all
    select '{{ kpi }}' as kpi_id, segment.*
    from ({{ in_segments(kpi, columns) }}) as segment
    {% endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    member.kpi_id,
    member.node_id,
    {%- for column in columns %}
    member.{{ column }},
    {%- endfor %}
    readiness.first_day
from member
{{ join_readiness('member', 'recorded_at') }}
inner join {{ ref('dim_kpi') }} as kpi on kpi.kpi_id = member.kpi_id
where
    readiness.missing is null
    and (kpi.rollup = 'set' or readiness.first_day is null or member.date_day >= readiness.first_day)
    and member.date_day <= {{ as_of_date() }}
