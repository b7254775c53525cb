-- Score of each perspective: the weighted mean of the scores of its objectives.
-- Grain: one row per perspective, node and period of the scorecard; only nodes at which one of its
-- objectives has a KPI with a target.
-- An objective without score leaves its weight to the others; coverage is the share of weight, down
-- to the KPIs, that counted.
{{ config(meta={'recompute': 'periods'}) }}
select
    perspective_id,
    perspective_name,
    node_id,
    node_level,
    period_type,
    period_start,
    period_end,
    is_provisional,
    score,
    case when score is null then 'no_data' else {{ kpi_status('score') }} end as status,
    coverage,
    objective_count,
    scored_objective_count
from (
    select
        objective.perspective_id,
        objective.perspective_name,
        score.node_id,
        score.node_level,
        score.period_type,
        score.period_start,
        score.period_end,
        score.is_provisional,
        {{ weighted_mean('score.score', 'objective.weight') }} as score,
        {{ weighted_mean('score.coverage', 'objective.weight') }} as coverage,
        count(*) as objective_count,
        count(score.score) as scored_objective_count
    from {{ ref('objective_score') }} as score
    inner join {{ ref('dim_objective') }} as objective
        on objective.objective_id = score.objective_id
    group by
        objective.perspective_id,
        objective.perspective_name,
        score.node_id,
        score.node_level,
        score.period_type,
        score.period_start,
        score.period_end,
        score.is_provisional
) as perspective
