-- Material usage variance = usage variance of material / standard cost of what was made.
-- Grain: one row per production order and cost element.
{{ contribution(
    ref('fct_order_cost'),
    numerator="case when kind = 'material' then usage_variance else 0 end",
    denominator='standard_amount'
) }}
