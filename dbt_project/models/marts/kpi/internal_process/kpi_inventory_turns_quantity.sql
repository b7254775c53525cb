-- Inventory turns in quantity = throughput / average inventory, annualised by 365 / days.
-- Average inventory is the sum of daily balances / days, so the days cancel out.
-- Grain: one row per goods issue (numerator) and per item, location and day (denominator).
{{ contribution(ref('fct_goods_issue'), numerator='qty_issued') }}
union all
{{ contribution(ref('fct_inventory_day'), denominator='qty') }}
