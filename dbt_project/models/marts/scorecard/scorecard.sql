-- The scorecard: every KPI at every node where it is defined, with or without data.
-- Grain: one row per KPI, node (down to the KPI's lowest level) and period: each month, quarter and
-- year since the first data of any KPI (without any, the current ones), and month, quarter and year to date as of today.
-- NOT additive.
{{ config(meta={'recompute': 'compared_periods'}) }}
with period as (
    select * from {{ ref('dim_period') }}
    where
        (
            period_type in ('month', 'quarter', 'year')
            or (period_type like '%_to_date' and is_current)
        )
        and coalesce(period_end >= (select min(date_day) from {{ ref('kpi_part') }}), is_current)
        and {{ in_touched_comparisons() }}
),

cell as (
    select
        kpi.kpi_id,
        kpi.kpi_name,
        kpi.perspective_id,
        kpi.objective_id,
        kpi.unit,
        kpi.decimals,
        kpi.direction,
        kpi.rollup,
        version.denominator as denominator_meaning,
        version.derived_from,
        weight.weight,
        kpi.role,
        node.node_id,
        node.node_name,
        node.node_level,
        period.*
    from {{ ref('dim_kpi') }} as kpi
    inner join {{ ref('kpi_level') }} as defined on defined.kpi_id = kpi.kpi_id
    inner join {{ ref('dim_organization') }} as node on node.node_level = defined.node_level
    cross join period
    inner join {{ ref('dim_kpi_version') }} as version
        on version.kpi_id = kpi.kpi_id and {{ counts_on('version', 'period.counted_until') }}
    inner join {{ ref('kpi_weight') }} as weight
        on weight.kpi_id = kpi.kpi_id
        and period.period_end >= weight.valid_from
        and period.period_end < weight.valid_to
),

-- The few values that are shown or compared with, of all that there are.
shown as (
    select value.*
    from {{ ref('kpi_value') }} as value
    inner join (
        select period_type, period_start, period_end from period
        union
        select previous_type, previous_start, previous_end from period
        union
        select year_ago_type, year_ago_start, year_ago_end from period
    ) as wanted
        on wanted.period_type = value.period_type
        and wanted.period_start = value.period_start
        and wanted.period_end = value.period_end
),

compared as (
    select
        cell.*,
        objective.objective_name,
        objective.perspective_name,
        current_value.numerator,
        current_value.denominator,
        current_value.value,
        {{ target_of('target') }} as target,
        {{ target_of('red_flag') }} as red_flag,
        current_value.score,
        current_value.status,
        current_value.completeness,
        previous_value.value as previous_value,
        -- A change to or from a value that is not meaningful is not meaningful either.
        case
            when current_value.status <> 'not_meaningful' and previous_value.status <> 'not_meaningful'
                then current_value.value - previous_value.value
        end as delta,
        year_ago_value.value as year_ago_value,
        case
            when current_value.status <> 'not_meaningful' and year_ago_value.status <> 'not_meaningful'
                then current_value.value - year_ago_value.value
        end as year_ago_delta,
        case
            when current_value.value is not null then null
            when readiness.missing is not null then 'no rows in ' || readiness.missing
            when readiness.recorded_share = 0 then 'no site records all that it needs'
            when cell.period_end < readiness.first_day
                then 'not all that it needs was recorded before ' || cast(readiness.first_day as varchar)
            when refused.canonical_table is not null
                then 'every row of ' || refused.canonical_table || ' here was refused, see unmapped_code'
            when cell.rollup = 'derived'
                then 'not all of ' || cell.derived_from || ' have a value'
            when part.kpi_id is not null
                then 'nothing to divide by: ' || cell.denominator_meaning
            else 'nothing reported here in this period'
        end as no_data_reason
    from cell
    inner join {{ ref('dim_objective') }} as objective
        on objective.objective_id = cell.objective_id
    {{ join_readiness('cell') }}
    {{ join_targets('cell') }}
    left join shown as current_value
        on current_value.kpi_id = cell.kpi_id
        and current_value.node_id = cell.node_id
        and current_value.period_type = cell.period_type
        and current_value.period_start = cell.period_start
        and current_value.period_end = cell.period_end
    left join shown as previous_value
        on previous_value.kpi_id = cell.kpi_id
        and previous_value.node_id = cell.node_id
        and previous_value.period_type = cell.previous_type
        and previous_value.period_start = cell.previous_start
        and previous_value.period_end = cell.previous_end
    left join shown as year_ago_value
        on year_ago_value.kpi_id = cell.kpi_id
        and year_ago_value.node_id = cell.node_id
        and year_ago_value.period_type = cell.year_ago_type
        and year_ago_value.period_start = cell.year_ago_start
        and year_ago_value.period_end = cell.year_ago_end
    {{ join_refused('cell') }}
    left join {{ ref('kpi_period') }} as part
        on part.kpi_id = cell.kpi_id
        and part.node_id = cell.node_id
        and part.period_type = cell.period_type
        and part.period_start = cell.period_start
        and part.period_end = cell.period_end
)

select
    perspective_id,
    perspective_name,
    objective_id,
    objective_name,
    kpi_id,
    kpi_name,
    unit,
    decimals,
    direction,
    weight,
    role,
    node_id,
    node_name,
    node_level,
    period_type,
    period_start,
    period_end,
    is_provisional,
    numerator,
    denominator,
    value,
    target,
    red_flag,
    score,
    coalesce(status, 'no_data') as status,
    no_data_reason,
    previous_start,
    previous_end,
    previous_value,
    delta,
    case
        when delta is null then null
        when direction = 'higher' then delta
        when direction = 'lower' then -delta
        else abs(previous_value - target) - abs(value - target)
    end as favourable_delta,
    -- Flat: the difference does not show in the decimals in which the value is shown.
    case
        when delta is null then null
        when abs(delta) < 0.5 * power(10, -decimals) then 'flat'
        when delta > 0 then 'up'
        else 'down'
    end as trend,
    year_ago_start,
    year_ago_end,
    year_ago_value,
    year_ago_delta,
    completeness
from compared
