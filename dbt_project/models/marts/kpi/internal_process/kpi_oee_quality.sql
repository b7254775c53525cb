-- OEE quality factor = sum of (planned run time per item x good quantity)
--                      / sum of (planned run time per item x produced quantity).
-- A machine-day whose output has no planned run time for some of it is left out.
-- Grain: one row per count, and per busy state interval if no production counts as zero.
{{ contribution(
    ref('fct_production'),
    numerator='ideal_time_good_s',
    denominator='ideal_time_total_s',
    where=rated(),
) }}
union all
{{ contribution(ref('fct_state_time'), where=busy_without_output() ~ ' and ' ~ rated()) }}
