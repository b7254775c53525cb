-- EBITDA = net income + interest + tax + depreciation.
-- Every class of the income statement but interest, tax and depreciation: what is left is EBITDA.
-- Grain: one row per ledger line. Income has a negative balance (debit - credit).
{{ contribution(
    ref('fct_gl'),
    numerator='-balance',
    where="account_class in ('revenue', 'other_income', 'cogs', 'material', 'direct_labour',
    'manufacturing_overhead', 'operating_expense')"
) }}
