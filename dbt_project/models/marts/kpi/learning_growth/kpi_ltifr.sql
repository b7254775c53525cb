-- Lost time injury frequency rate = 1,000,000 x cases with lost time / hours worked.
-- Grain: one row per case with lost time (numerator), per employee and day (denominator).
{{ contribution(ref('fct_incident'), numerator='1', where='is_lost_time') }}
union all
{{ contribution(ref('fct_work_time'), denominator='hours_worked') }}
