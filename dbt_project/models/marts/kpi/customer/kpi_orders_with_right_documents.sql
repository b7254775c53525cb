-- Orders with right documents = orders without documentation error / orders due.
-- Grain: one row per order due, on the last of the days first promised of its lines.
{{ contribution(
    ref('fct_order'), numerator=flag('not has_documentation_error'), denominator='1', where='is_due'
) }}
