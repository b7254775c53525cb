-- grain: one row per observed node, UTC hour, and slot that the hour touches
-- not additive
-- Bridge from an instant to its slot: joined on node and hour, at most a few rows are compared.
{{ config(meta={'recompute': 'days'}) }}
select
    slot.node_id,
    {{ add_interval("date_trunc('hour', slot.start_ts)", 'n.number', 'hour') }} as hour_ts,
    slot.start_ts,
    slot.end_ts,
    slot.shift_id,
    slot.date_day,
    slot.is_scheduled
from {{ ref('calendar_slot') }} as slot
{{ lateral_integers('0', hours_between("date_trunc('hour', slot.start_ts)", add_interval('slot.end_ts', -1, 'microsecond')), 'n', 'number') }}
where {{ in_touched_days('slot.date_day') }}
