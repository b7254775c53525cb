-- Corrective actions closed on time = actions closed by their due day / actions due.
-- Grain: one row per action due, on its due day.
{{ contribution(
    ref('fct_corrective_action'), numerator=flag('is_closed_on_time'), denominator='1', where='is_due'
) }}
