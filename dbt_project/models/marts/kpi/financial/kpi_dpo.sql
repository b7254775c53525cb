-- Days payable outstanding = sum of daily payables / sum of cost of goods sold.
-- A payable is a credit, so its balance (debit - credit) is negative.
-- Grain: one row per daily balance (numerator) and per ledger line (denominator).
{{ contribution(
    ref('fct_gl_balance_day'), numerator='-balance', where="account_class = 'payable'"
) }}
union all
{{ contribution(ref('fct_gl'), denominator='balance', where="account_class = 'cogs'") }}
