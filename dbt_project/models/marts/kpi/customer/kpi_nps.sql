-- Net promoter score = (promoters - detractors) / answers.
-- Grain: one row per answer to a question on a scale to 10.
{{ contribution(
    ref('fct_survey'),
    numerator='case when is_promoter then 1 when is_detractor then -1 else 0 end',
    denominator='1',
    where='is_nps'
) }}
