-- Utilization = planned busy time (PBT) / calendar time.
-- Grain: one row per state interval (numerator) and per slot of the calendar (denominator).
{{ contribution(ref('fct_state_time'), numerator=oee_busy_time()) }}
union all
{{ contribution(ref('fct_calendar_time'), denominator='calendar_s') }}
