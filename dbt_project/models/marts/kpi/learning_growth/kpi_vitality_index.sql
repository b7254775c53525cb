-- New product vitality index = net sales of new products / net sales.
-- Grain: one row per invoice line.
{{ contribution(
    ref('fct_revenue'),
    numerator='case when is_new_product then net_amount else 0 end',
    denominator='net_amount'
) }}
