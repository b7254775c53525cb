-- Orders undamaged = orders without damage / orders due.
-- Grain: one row per order due, on the latest promised day of its lines.
{{ contribution(
    ref('fct_order'), numerator=flag('not has_damage'), denominator='1', where='is_due'
) }}
