-- OEE = sum of (planned run time per item x good quantity) / sum of planned busy time (PBT).
-- The OEE of a machine counts what this machine made, so every operation counts, not only the last.
-- A machine-day whose output has no planned run time is left out with its time.
-- Grain: one row per count (numerator) and per state interval (denominator).
{{ contribution(ref('fct_production'), numerator='ideal_time_good_s', where=rated()) }}
union all
{{ contribution(ref('fct_state_time'), denominator=oee_busy_time(), where=rated()) }}
