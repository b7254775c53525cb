-- Manufacturing lead time = sum of execution time (AOET) in hours / orders finished.
-- Grain: one row per finished production order whose start is known.
{{ contribution(
    ref('fct_order_execution'),
    numerator='aoet_s / 3600',
    denominator='1',
    where='aoet_s is not null'
) }}
