-- Effectiveness = sum of (planned run time per item x produced quantity) / actual production time.
-- A machine-day whose output has no planned run time is left out with its time.
-- Grain: one row per count (numerator) and per busy state interval (denominator).
{{ contribution(ref('fct_production'), numerator='ideal_time_total_s', where=rated()) }}
union all
{{ contribution(ref('fct_state_time'), denominator=operating_time(), where=was_busy() ~ ' and ' ~ rated()) }}
