-- Inherent availability = operating time / (operating time + time to repair).
-- Grain: one row per state interval, and one row per failure whose repair has ended.
{{ contribution(
    ref('fct_state_time'),
    numerator='(apt_s + aust_s) / 3600',
    denominator='(apt_s + aust_s) / 3600'
) }}
union all
{{ contribution(
    ref('fct_maintenance'),
    denominator='repair_s / 3600',
    where='is_failure and repair_s is not null'
) }}
