-- Gross margin = (net sales - cost of goods sold) / net sales.
-- Grain: one row per ledger line of the two classes. Income has a negative balance (debit - credit).
{{ contribution(
    ref('fct_gl'),
    numerator='-balance',
    denominator="case when account_class = 'revenue' then -balance else 0 end",
    where="account_class in ('revenue', 'cogs')"
) }}
