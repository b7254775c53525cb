-- Inventory record accuracy = counts within tolerance / counts.
-- Grain: one row per item and location counted.
{{ contribution(ref('fct_inventory_count'), numerator=flag('is_accurate'), denominator='1') }}
