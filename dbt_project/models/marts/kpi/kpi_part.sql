-- Numerator and denominator of every KPI per organization node, day and shift, as contributed at that node.
-- Grain: one row per KPI, node, day and shift with contributions, from the first day on which all
-- that the KPI needs was recorded there until clock.as_of_date. shift_code is null where a KPI has no
-- values per shift, and for what happened outside of shifts.
-- Additive over shifts, days and, through organization_closure, over nodes.
-- Where a site lacks what a KPI needs there are no rows, and none before the last of it began to be
-- recorded: nothing reported is no data, not zero. Without that, a plant that counts heads since January and
-- records training since May would have trained nobody until April.
{{ config(meta={'recompute': 'days', 'lies_by': ['date_day']}) }}
select
    kpi_id,
    node_id,
    date_day,
    shift_code,
    cast(sum(numerator) as decimal(38,12)) as numerator,
    cast(sum(denominator) as decimal(38,12)) as denominator
from {{ ref('kpi_source') }}
where {{ in_touched_days('date_day') }}
group by kpi_id, node_id, date_day, shift_code
