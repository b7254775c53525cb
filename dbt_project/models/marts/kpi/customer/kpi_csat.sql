-- Customer satisfaction = answers 4 and 5 / answers on a scale to 5.
-- Grain: one row per answer to such a question.
{{ contribution(
    ref('fct_survey'), numerator=flag('is_satisfied'), denominator='1', where='is_csat'
) }}
