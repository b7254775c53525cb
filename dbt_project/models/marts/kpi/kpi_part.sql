-- Numerator and denominator of every KPI per node, day and shift, as contributed at that node.
-- Grain: one row per KPI, node, day and shift with contributions, from the first day on which all
-- that the KPI needs was recorded until clock.as_of_date. shift_code is null where a KPI has no
-- values per shift, and for what happened outside of shifts.
-- Additive over shifts, days and, through node_closure, over nodes of the organization. Rows of a segment
-- node repeat rows of the organization, grouped otherwise: never add the two.
-- A KPI that lacks what it needs has no rows, and none before the last of it began to be recorded:
-- nothing reported is no data, not zero. Without that, a plant that counts heads since January and
-- records training since May would have trained nobody until April.
{{ config(meta={'recompute': 'days'}) }}
{%- set touched = in_touched_days('date_day') %}
with part as (
    {% for kpi, definition in kpis().items() if definition.rollup in summed_classes() %}
    select
        '{{ kpi }}' as kpi_id,
        node_id,
        date_day,
        {{ 'shift_id' if definition.get('has_shifts') else 'cast(null as varchar)' }} as shift_id,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from (
        {{ placed(kpi, ['date_day', 'shift_id', 'numerator', 'denominator']) }}
    ) as contribution
    {%- if dated_by_its_facts(kpi) %}
    where {{ touched }}
    {%- endif %}
    group by node_id, date_day{{ ', shift_id' if definition.get('has_shifts') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    part.kpi_id,
    part.node_id,
    part.date_day,
    shift.shift_code,
    cast(sum(part.numerator) as decimal(38,12)) as numerator,
    cast(sum(part.denominator) as decimal(38,12)) as denominator
from part
inner join {{ ref('kpi_readiness') }} as readiness on readiness.kpi_id = part.kpi_id
left join {{ ref('dim_shift') }} as shift on shift.shift_id = part.shift_id
where
    readiness.missing is null
    and (readiness.first_day is null or part.date_day >= readiness.first_day)
    and part.date_day <= {{ as_of_date() }}
group by part.kpi_id, part.node_id, part.date_day, shift.shift_code
