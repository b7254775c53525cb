-- Orders in full = orders in full / orders due.
-- Grain: one row per order due, on the latest promised day of its lines.
{{ contribution(
    ref('fct_order'), numerator=flag('is_in_full'), denominator='1', where='is_due'
) }}
