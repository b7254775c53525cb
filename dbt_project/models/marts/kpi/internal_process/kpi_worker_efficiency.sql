-- Worker efficiency = personnel work time on orders (APWT) / personnel attendance time (APAT).
-- Grain: one row per booking on an order (numerator) and per employee and day (denominator).
{{ contribution(ref('fct_labor_time'), numerator='apwt_s / 3600') }}
union all
{{ contribution(ref('fct_work_time'), denominator='hours_worked') }}
