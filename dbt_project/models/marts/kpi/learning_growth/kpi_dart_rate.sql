-- DART rate = 200,000 x cases with days away, restricted or transferred / hours worked.
-- Grain: one row per case (numerator), per employee and day (denominator).
{{ contribution(ref('fct_incident'), numerator='1', where='is_dart') }}
union all
{{ contribution(ref('fct_work_time'), denominator='hours_worked') }}
