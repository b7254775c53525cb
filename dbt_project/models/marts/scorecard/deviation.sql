-- How far each value of the scorecard is from its target.
-- Grain: one row per KPI, node and period of the scorecard that has both a value and a target,
-- and whose value is meaningful.
-- NOT additive. favourable_deviation is positive where the value is better than the target; in a
-- band every distance from the middle is unfavourable.
{{ config(meta={'recompute': 'periods'}) }}
select
    kpi_id,
    objective_id,
    perspective_id,
    node_id,
    node_level,
    period_type,
    period_start,
    period_end,
    is_provisional,
    value,
    target,
    score,
    status,
    value - target as deviation,
    (value - target) / nullif(abs(target), 0) as relative_deviation,
    case direction
        when 'higher' then value - target
        when 'lower' then target - value
        else -abs(value - target)
    end as favourable_deviation
from {{ ref('scorecard') }}
where value is not null and target is not null and status <> 'not_meaningful'
