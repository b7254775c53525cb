-- Orders on time to first commitment = orders on time to the first promise / orders due.
-- Grain: one row per order due, on the last of the days first promised of its lines.
{{ contribution(
    ref('fct_order'), numerator=flag('is_on_commit'), denominator='1', where='is_due'
) }}
