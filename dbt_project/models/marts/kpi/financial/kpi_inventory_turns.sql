-- Inventory turns = 365 x sum of cost of goods sold / sum of daily inventory values.
-- Grain: one row per ledger line (numerator), per item, location and day (denominator).
{{ contribution(ref('fct_gl'), numerator='balance', where="account_class = 'cogs'") }}
union all
{{ contribution(ref('fct_inventory_day'), denominator='value') }}
