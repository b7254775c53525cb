-- Near-miss reporting rate = 200,000 x near misses / hours worked.
-- Grain: one row per near miss (numerator), per employee and day (denominator).
{{ contribution(ref('fct_incident'), numerator='1', where='is_near_miss') }}
union all
{{ contribution(ref('fct_work_time'), denominator='hours_worked') }}
