-- Availability = actual production time (APT) / planned busy time (PBT).
-- Grain: one row per state interval.
{{ contribution(
    ref('fct_state_time'), numerator=operating_time(), denominator=oee_busy_time()
) }}
