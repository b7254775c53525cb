-- grain: one row per machine and slot of its calendar, from its first production date until as_of
-- additive: calendar_s
-- A slot is a shift or the time between shifts, so the slots of a day are its 23, 24 or 25 hours,
-- with a night shift booked to the day on which it began. No state is needed for time to pass.
with began as (
    select node_id, min(date_day) as first_day
    from {{ ref('fct_state_time') }}
    group by node_id
)

select
    slot.node_id,
    slot.date_day,
    slot.shift_id,
    slot.is_scheduled,
    {{ seconds_between('slot.start_ts', 'least(slot.end_ts, ' ~ as_of() ~ ')') }} as calendar_s,
    equipment.source_system,
    equipment.source_pk,
    equipment.batch_id
from {{ ref('calendar_slot') }} as slot
inner join began on began.node_id = slot.node_id and slot.date_day >= began.first_day
inner join {{ ref('mes_equipment') }} as equipment on equipment.equipment_code = slot.node_id
where slot.start_ts < {{ as_of() }}
