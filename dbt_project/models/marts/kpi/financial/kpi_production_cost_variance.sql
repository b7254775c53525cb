-- Production cost variance = total variance / standard cost of what was made.
-- Grain: one row per production order and cost element.
{{ contribution(ref('fct_order_cost'), numerator='total_variance', denominator='standard_amount') }}
