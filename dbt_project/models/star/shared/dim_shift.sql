-- grain: one row per machine (or node without nodes below it, or with states of its own) and shift
-- instance
-- not additive
-- A machine's shifts are its own, else those of the nearest node above that has some. Where shifts
-- overlap, the earlier one ends when the next begins.
{{ config(meta={'slice_day': 'production_date', 'slice_node': 'node_id'}) }}
with shift as (
    select
        equipment_code,
        shift_code,
        start_ts,
        least(
            end_ts,
            coalesce(
                lead(start_ts) over (partition by equipment_code order by start_ts, source_system, source_pk),
                end_ts
            )
        ) as end_ts,
        production_date,
        cast(coalesce(planned_break_min, 0) * 60 as decimal(18,6)) as planned_break_s,
        source_system,
        source_pk,
        batch_id
    from {{ live('mes_shift') }}
    where end_ts > start_ts
),

owner as (
    select
        node.node_id,
        closure.ancestor_id as owner_id,
        row_number() over (partition by node.node_id order by closure.depth) as nearness
    from {{ ref('dim_organization') }} as node
    inner join {{ ref('organization_closure') }} as closure on closure.descendant_id = node.node_id
    inner join (select distinct equipment_code from shift) as owning
        on owning.equipment_code = closure.ancestor_id
    where
        node.node_level = 'machine'
        or node.node_id in (select node_id from {{ ref('observed_node') }} where has_states)
        or node.node_id not in (
            select parent_id from {{ ref('dim_organization') }} where parent_id is not null
        )
)

select
    concat(owner.node_id, '@', cast(shift.start_ts as varchar)) as shift_id,
    owner.node_id,
    shift.shift_code,
    shift.start_ts,
    shift.end_ts,
    shift.production_date,
    shift.planned_break_s,
    shift.source_system,
    shift.source_pk,
    shift.batch_id
from owner
inner join shift on shift.equipment_code = owner.owner_id
where owner.nearness = 1 and shift.end_ts > shift.start_ts
