-- Score of each objective: the weighted mean of the scores of its KPIs.
-- Grain: one row per objective, node and period of the scorecard; only nodes at which a KPI of the
-- objective is defined and has a target.
-- A KPI without data, or with a value that is not meaningful, leaves its weight to the others; coverage is the share of weight that counted.
{{ config(meta={'recompute': 'periods'}) }}
select
    objective_id,
    objective_name,
    perspective_id,
    node_id,
    node_level,
    period_type,
    period_start,
    period_end,
    is_provisional,
    score,
    case when score is null then 'no_data' else {{ kpi_status('score') }} end as status,
    coverage,
    kpi_count,
    scored_kpi_count
from (
    select
        objective_id,
        objective_name,
        perspective_id,
        node_id,
        node_level,
        period_type,
        period_start,
        period_end,
        is_provisional,
        {{ weighted_mean('score', 'weight') }} as score,
        {{ weight_share('score', 'weight') }} as coverage,
        count(*) as kpi_count,
        count(score) as scored_kpi_count
    from {{ ref('scorecard') }}
    where target is not null
    group by
        objective_id,
        objective_name,
        perspective_id,
        node_id,
        node_level,
        period_type,
        period_start,
        period_end,
        is_provisional
) as objective
