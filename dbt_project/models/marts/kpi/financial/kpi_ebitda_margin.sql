-- EBITDA margin = (net income + interest + tax + depreciation) / net sales.
-- Every class of the income statement but interest, tax and depreciation: what is left is EBITDA.
-- Grain: one row per ledger line. Income has a negative balance (debit - credit).
{{ contribution(
    ref('fct_gl'),
    numerator='-balance',
    denominator="case when account_class = 'revenue' then -balance else 0 end",
    where="account_class in ('revenue', 'other_income', 'cogs', 'material', 'direct_labour',
    'manufacturing_overhead', 'operating_expense')"
) }}
