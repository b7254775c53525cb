-- Technical efficiency = actual production time (APT) / (APT + actual unit delay time ADET).
-- Grain: one row per state interval.
{{ contribution(ref('fct_state_time'), numerator='apt_s', denominator='apt_s + adet_s') }}
