-- Perfect order = orders of which every line is perfect / orders due.
-- Grain: one row per order due, on the last of the days first promised of its lines.
{{ contribution(
    ref('fct_order'), numerator=flag('is_perfect'), denominator='1', where='is_due'
) }}
