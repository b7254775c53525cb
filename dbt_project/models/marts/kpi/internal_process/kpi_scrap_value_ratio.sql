-- Scrap ratio in value = scrap of all operations / what was started, both at standard cost.
-- Grain: one row per count of an item with a standard cost.
{{ contribution(
    ref('fct_production'),
    numerator='scrap_value',
    denominator='case when is_final_op then output_value else scrap_value end',
    where='output_value is not null'
) }}
