-- Production orders on time = orders finished by their due date / orders due.
-- Grain: one row per production order due, on its due day.
{{ contribution(
    ref('fct_production_order'), numerator=flag('is_on_time'), denominator='1', where='is_due'
) }}
