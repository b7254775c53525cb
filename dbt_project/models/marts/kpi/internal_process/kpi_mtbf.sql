-- Mean operating time between failures = hours of production and set-up / failures.
-- Grain: one row per state interval (numerator) and per failure (denominator).
{{ contribution(ref('fct_state_time'), numerator='(apt_s + aust_s) / 3600') }}
union all
{{ contribution(ref('fct_maintenance'), denominator='1', where='is_failure') }}
