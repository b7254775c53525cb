-- External failure cost = cost of the categories named / net sales.
-- Grain: one row per posting (numerator) and per ledger line (denominator).
{{ contribution(ref('fct_quality_cost'), numerator='amount', where="category = 'external_failure'") }}
union all
{{ contribution(ref('fct_gl'), denominator='-balance', where="account_class = 'revenue'") }}
