-- Mean operating time between failures = hours of production and set-up / failures.
-- Grain: one row per state interval (numerator) and per failure, on its day (denominator).
{{ contribution(ref('fct_state_time'), numerator='(apt_s + aust_s) / 3600') }}
union all
{{ contribution(ref('fct_failure'), denominator='1') }}
