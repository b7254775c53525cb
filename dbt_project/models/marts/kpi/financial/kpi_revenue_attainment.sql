-- Revenue attainment = net sales / budgeted net sales of the same days.
-- A budget that is older than the ledger's first sale has nothing to be compared with.
-- Grain: one row per ledger line (numerator) and per budget line and day (denominator).
{{ contribution(ref('fct_gl'), numerator='-balance', where="account_class = 'revenue'") }}
union all
{{ contribution(
    ref('fct_budget_day'),
    denominator='amount',
    where="account_class = 'revenue' and date_day >= ("
    ~ "select min(date_day) from " ~ ref('fct_gl') ~ " where account_class = 'revenue')"
) }}
