-- Total recordable incident rate = 200,000 x recordable cases / hours worked.
-- Grain: one row per recordable case (numerator), per employee and day (denominator).
{{ contribution(ref('fct_incident'), numerator='1', where='is_recordable') }}
union all
{{ contribution(ref('fct_work_time'), denominator='hours_worked') }}
