-- Utilization efficiency = actual production time (APT) / actual unit busy time (AUBT).
-- Grain: one row per state interval.
{{ contribution(ref('fct_state_time'), numerator='apt_s', denominator='apt_s + aust_s + adet_s') }}
