-- Net working capital = sum of daily receivables, inventory and payables / (365 x net sales).
-- A payable has a negative balance (debit - credit), so it is added.
-- Grain: one row per daily balance and per item, location and day (numerator), per ledger line
-- (denominator).
{{ contribution(
    ref('fct_gl_balance_day'), numerator='balance', where="account_class in ('receivable', 'payable')"
) }}
union all
{{ contribution(ref('fct_inventory_day'), numerator='value') }}
union all
{{ contribution(ref('fct_gl'), denominator='-365 * balance', where="account_class = 'revenue'") }}
