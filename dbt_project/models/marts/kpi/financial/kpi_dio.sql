-- Days inventory outstanding = sum of daily inventory values / sum of cost of goods sold.
-- Grain: one row per item, location and day (numerator) and per ledger line (denominator).
{{ contribution(ref('fct_inventory_day'), numerator='value') }}
union all
{{ contribution(ref('fct_gl'), denominator='balance', where="account_class = 'cogs'") }}
