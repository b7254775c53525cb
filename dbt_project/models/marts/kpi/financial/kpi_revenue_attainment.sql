-- Revenue attainment = net sales / budgeted net sales of the same days.
-- Grain: one row per ledger line (numerator) and per budget line and day (denominator).
{{ contribution(ref('fct_gl'), numerator='-balance', where="account_class = 'revenue'") }}
union all
{{ contribution(ref('fct_budget_day'), denominator='amount', where="account_class = 'revenue'") }}
