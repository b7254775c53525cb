-- Days sales outstanding = sum of daily receivables / sum of net sales.
-- Grain: one row per daily balance (numerator) and per ledger line (denominator).
{{ contribution(
    ref('fct_gl_balance_day'), numerator='balance', where="account_class = 'receivable'"
) }}
union all
{{ contribution(ref('fct_gl'), denominator='-balance', where="account_class = 'revenue'") }}
