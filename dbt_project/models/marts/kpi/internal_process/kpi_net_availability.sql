-- Net availability = actual unit processing time (AUPT = APT + AUST) / planned busy time (PBT) of the
-- machine-days that OEE counts.
-- Grain: one row per state interval.
{{ contribution(
    ref('fct_state_time'),
    numerator=operating_time() ~ ' + aust_s',
    denominator=busy_time(),
    where=rated(),
) }}
