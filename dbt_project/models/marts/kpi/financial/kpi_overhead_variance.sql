-- Overhead variance = total variance of overhead / standard cost of what was made.
-- Grain: one row per production order and cost element.
{{ contribution(
    ref('fct_order_cost'),
    numerator="case when kind = 'overhead' then total_variance else 0 end",
    denominator='standard_amount'
) }}
