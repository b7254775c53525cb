-- Complaint rate = 1000 x complaints / orders due.
-- Grain: one row per complaint (numerator) and per order due (denominator).
{{ contribution(ref('fct_complaint'), numerator='1', where="kind = 'complaint'") }}
union all
{{ contribution(ref('fct_order'), denominator='1', where='is_due') }}
