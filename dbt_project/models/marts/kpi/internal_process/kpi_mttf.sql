-- Mean time to failure = (hours of production and set-up - hours of repair) / failures.
-- Grain: one row per state interval, and one row per failure, on its day.
{{ contribution(ref('fct_state_time'), numerator='(apt_s + aust_s) / 3600') }}
union all
{{ contribution(ref('fct_failure'), numerator='-coalesce(repair_s, 0) / 3600', denominator='1') }}
