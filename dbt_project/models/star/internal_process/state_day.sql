-- grain: one row per node and UTC day on which a machine state begins that lasts
-- not additive: first_start_ts, last_start_ts, last_end_ts, first_crossing_ts
-- What is asked of all states is asked of these few rows: where a node's time begins, and which states
-- lie before or after some days.
{{ config(meta={'recompute': 'days'}) }}
select
    equipment_code as node_id,
    cast(start_ts as date) as date_day,
    count(*) as state_count,
    min(start_ts) as first_start_ts,
    max(start_ts) as last_start_ts,
    max(end_ts) as last_end_ts,
    min(case when end_ts >= {{ add_interval("date_trunc('day', start_ts)", 1, 'day') }} then start_ts end) as first_crossing_ts
from {{ live('mes_equipment_state') }} as state
where (end_ts is null or end_ts > start_ts) and {{ in_touched_days('start_ts', widen=1) }}
group by equipment_code, cast(start_ts as date)
