-- Parts of every KPI per node, with all that lies below it, and day.
-- Grain: one row per KPI, node and day with contributions; nodes from the enterprise down to the
-- deepest level at which the KPI is defined, and its segments.
-- Additive over days, NOT over nodes: each row holds its descendants' parts already.
-- A stock is summed over nodes and averaged over days, so a day counts once in its denominator.
{{ config(meta={'recompute': 'days', 'lies_by': ['date_day']}) }}
select
    part.kpi_id,
    closure.ancestor_id as node_id,
    part.date_day,
    cast(sum(part.numerator) as decimal(38,12)) as numerator,
    case
        when kpi.rollup = 'stock' then {{ measure('1') }}
        else cast(sum(part.denominator) as decimal(38,12))
    end as denominator
from (
    select * from {{ ref('kpi_part') }}
    union all
    select * from {{ ref('kpi_segment_part') }}
) as part
inner join {{ ref('dim_kpi') }} as kpi on kpi.kpi_id = part.kpi_id
inner join {{ ref('node_closure') }} as closure on closure.descendant_id = part.node_id
inner join {{ ref('kpi_level') }} as defined
    on defined.kpi_id = part.kpi_id and defined.node_level = closure.ancestor_level
where {{ in_touched_days('part.date_day') }}
group by part.kpi_id, closure.ancestor_id, part.date_day, kpi.rollup
