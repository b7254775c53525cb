-- Set-up ratio = actual set-up time (AUST) / actual unit processing time (AUPT = APT + AUST).
-- Grain: one row per state interval.
{{ contribution(ref('fct_state_time'), numerator='aust_s', denominator='apt_s + aust_s') }}
