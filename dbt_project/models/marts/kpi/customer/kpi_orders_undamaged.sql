-- Orders undamaged = orders without damage / orders due.
-- Grain: one row per order due, on the last of the days first promised of its lines.
{{ contribution(
    ref('fct_order'), numerator=flag('not has_damage'), denominator='1', where='is_due'
) }}
