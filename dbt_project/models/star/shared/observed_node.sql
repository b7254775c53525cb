-- grain: one row per node with machine states that last, or counts, whatever the organization knows of it
-- not additive
-- What the calendars need to know of the events: as a table of its own it hardly ever changes, so
-- that new events leave the calendars as they are.
select
    node_id,
    cast(min(case when ts <= {{ as_of() }} then ts end) as date) as first_day,
    max({{ flag('is_state') }}) = 1 as has_states
from (
    select node_id, first_start_ts as ts, true as is_state from {{ ref('state_day') }}
    union all
    select equipment_code as node_id, counted_at as ts, false as is_state from {{ live('mes_production_count') }}
) as event
where node_id is not null
group by node_id
