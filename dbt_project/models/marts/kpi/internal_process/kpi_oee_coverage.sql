-- OEE coverage = planned busy time of the machine-days that OEE counts / planned busy time.
-- Grain: one row per state interval.
{{ contribution(
    ref('fct_state_time'),
    numerator='case when ' ~ rated() ~ ' then ' ~ oee_busy_time() ~ ' else 0 end',
    denominator=oee_busy_time(),
) }}
