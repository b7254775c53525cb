-- Inventory value: a stock, summed over nodes and averaged over days.
-- Grain: one row per item, location and day.
{{ contribution(ref('fct_inventory_day'), numerator='value') }}
