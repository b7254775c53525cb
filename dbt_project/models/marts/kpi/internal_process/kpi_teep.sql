-- TEEP = sum of (planned run time per item x good quantity) / calendar time.
-- A machine-day whose output has no planned run time is left out with its time.
-- Grain: one row per count (numerator) and per slot of the calendar (denominator).
{{ contribution(ref('fct_production'), numerator='ideal_time_good_s', where=rated()) }}
union all
{{ contribution(ref('fct_calendar_time'), denominator='calendar_s', where=rated()) }}
