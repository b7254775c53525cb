-- OEE availability factor = actual production time (APT) / planned busy time (PBT) of the machine-days
-- that OEE counts.
-- Grain: one row per state interval.
{{ contribution(
    ref('fct_state_time'),
    numerator=operating_time(),
    denominator=oee_busy_time(),
    where=rated(),
) }}
