-- OEE quality factor = sum of (planned run time per item x good quantity)
--                      / sum of (planned run time per item x produced quantity).
-- Grain: one row per count.
{{ contribution(
    ref('fct_production'), numerator='ideal_time_good_s', denominator='ideal_time_total_s'
) }}
