-- Allocation efficiency = actual unit busy time (AUBT = APT + AUST + ADET) / planned busy time (PBT).
-- Grain: one row per state interval.
{{ contribution(
    ref('fct_state_time'), numerator='apt_s + aust_s + adet_s', denominator=busy_time()
) }}
