-- Value, target, score and status of every KPI per organization node and period.
-- Grain: one row per KPI, node and period with data; a period to date has one row for each day, a
-- production day one per shift, which shift_code names.
-- NOT additive: a value of a longer period or a higher node is never the sum or average of others,
-- it is recomputed here from the rolled-up numerator and denominator.
-- A ratio to a negative denominator, such as the margin of a month with more credit notes than
-- invoices, can be computed but not judged: it has a value, no score, and status not_meaningful; so
-- has a KPI derived from it. Where every row of a table that a KPI needs was refused, it has no value
-- (kpi_refused). denominator_offset and zero_value are conventions of the enterprise.
{{ config(meta={'recompute': 'periods', 'lies_by': ['period_type', 'period_end']}) }}
{%- set touched = in_touched_periods() %}
with period as (
    select kpi_id, node_id, period_type, period_start, period_end, shift_code, numerator, denominator
    from {{ ref('kpi_period') }}
    where {{ touched }}

    union all

    select
        kpi_id,
        node_id,
        period_type,
        period_start,
        period_end,
        cast(null as varchar) as shift_code,
        numerator,
        denominator
    from {{ ref('kpi_member_period') }}
    where {{ touched }}
),

part as (
    select
        period.kpi_id,
        period.node_id,
        period.period_type,
        period.period_start,
        period.period_end,
        period.shift_code,
        period.numerator,
        case
            when kpi.rollup = 'additive' then {{ measure('1') }} else period.denominator
        end as denominator,
        -- no intervals where there is no time to part
        case
            when period.numerator = 0 and period.denominator = 0 then {{ measure('0') }}
            else {{ measure('coalesce(kpi.denominator_offset, 0)') }}
        end as denominator_offset,
        kpi.scale,
        kpi.zero_value
    from period
    inner join {{ ref('dim_kpi') }} as kpi on kpi.kpi_id = period.kpi_id
),

computed as (
    select
        part.kpi_id,
        part.node_id,
        part.period_type,
        part.period_start,
        part.period_end,
        part.shift_code,
        part.numerator,
        part.denominator,
        case
            when denominator + denominator_offset <> 0
                then scale * cast(numerator as double) / cast(denominator + denominator_offset as double)
            else zero_value
        end as value,
        denominator >= 0 as is_meaningful
    from part
    {{ join_refused('part') }}
    where refused.kpi_id is null and (denominator + denominator_offset <> 0 or (numerator = 0 and zero_value is not null))
),

derived as (
    select
        component.kpi_id,
        computed.node_id,
        computed.period_type,
        computed.period_start,
        computed.period_end,
        computed.shift_code,
        cast(null as decimal(38,12)) as numerator,
        cast(null as decimal(38,12)) as denominator,
        max(kpi.scale) * case
            when max(kpi.derived_as) = 'product' then {{ product_of('component.factor * computed.value', 'component.component_id') }}
            else cast(sum(
                case when kpi.derived_as = 'product' then null else {{ measure('component.factor * computed.value') }} end
            ) as double)
        end as value,
        min({{ flag('computed.is_meaningful') }}) = 1 as is_meaningful
    from computed
    inner join (
        select
            component.*,
            version.valid_from,
            version.valid_to,
            count(*) over (partition by component.kpi_id, component.version) as components
        from {{ ref('kpi_component') }} as component
        inner join {{ ref('dim_kpi_version') }} as version
            on version.kpi_id = component.kpi_id and version.version = component.version
    ) as component on component.component_id = computed.kpi_id
    inner join {{ ref('dim_period') }} as period
        on period.period_type = computed.period_type
        and period.period_start = computed.period_start
        and period.period_end = computed.period_end
        and {{ counts_on('component', 'period.counted_until') }}
    inner join {{ ref('dim_kpi') }} as kpi on kpi.kpi_id = component.kpi_id
    inner join {{ ref('dim_node') }} as node on node.node_id = computed.node_id
    inner join {{ ref('kpi_level') }} as defined
        on defined.kpi_id = component.kpi_id and defined.node_level = node.node_level
    group by
        component.kpi_id,
        computed.node_id,
        computed.period_type,
        computed.period_start,
        computed.period_end,
        computed.shift_code
    having count(*) = max(component.components)
),

valued as (
    select * from computed
    union all
    select * from derived
),

judged as (
    select
        valued.*,
        kpi.direction,
        {{ target_of('target') }} as target,
        {{ target_of('red_flag') }} as red_flag
    from valued
    inner join {{ ref('dim_kpi') }} as kpi on kpi.kpi_id = valued.kpi_id
    {{ join_targets('valued') }}
),

-- What of a node's period its KPIs are computed from: machine time with a state, machine-days whose
-- output has a planned run time. Divided here once, not for every KPI: to make a double of a wide
-- decimal takes as long as all else.
coverage as (
    select
        node_id,
        period_type,
        period_start,
        period_end,
        shift_code,
        max(case when kpi_id = 'state_coverage' then cast(numerator as double) / cast(denominator as double) end) as observed,
        max(case when kpi_id = 'oee_coverage' then cast(numerator as double) / cast(denominator as double) end) as rated
    from {{ ref('kpi_period') }}
    where kpi_id in ('state_coverage', 'oee_coverage') and denominator <> 0 and {{ touched }}
    group by node_id, period_type, period_start, period_end, shift_code
),

scored as (
    select
        judged.*,
        case
            when is_meaningful then {{ kpi_score('value', 'target', 'red_flag', 'direction') }}
        end as score
    from judged
)

select
    scored.kpi_id,
    scored.node_id,
    node.node_level,
    scored.period_type,
    scored.period_start,
    scored.period_end,
    scored.shift_code,
    scored.numerator,
    scored.denominator,
    scored.value,
    scored.target,
    scored.red_flag,
    scored.score,
    case
        when scored.is_meaningful then {{ kpi_status('scored.score') }} else 'not_meaningful'
    end as status,
    period.is_provisional,
    coalesce(former.version, kpi.version) as kpi_version,
    readiness.mapped_share * readiness.recorded_share
        * case when readiness.uses_machine_states then coalesce(coverage.observed, 1) else 1 end
        * case when kpi.of_rated_days then coalesce(coverage.rated, 1) else 1 end as completeness
from scored
inner join {{ ref('dim_node') }} as node on node.node_id = scored.node_id
inner join {{ ref('dim_period') }} as period
    on period.period_type = scored.period_type
    and period.period_start = scored.period_start
    and period.period_end = scored.period_end
{{ join_readiness('scored') }}
inner join {{ ref('dim_kpi') }} as kpi on kpi.kpi_id = scored.kpi_id
left join coverage
    on coverage.node_id = scored.node_id
    and coverage.period_type = scored.period_type
    and coverage.period_start = scored.period_start
    and coverage.period_end = scored.period_end
    and coverage.shift_code is not distinct from scored.shift_code
-- Versions that another one took over from: mostly none, and then the join costs nothing.
left join (select * from {{ ref('dim_kpi_version') }} where valid_to < date '9999-12-31') as former
    on former.kpi_id = scored.kpi_id and {{ counts_on('former', 'period.counted_until') }}
