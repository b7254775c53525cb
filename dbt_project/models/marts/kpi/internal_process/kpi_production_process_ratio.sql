-- Production process ratio = production time of an order (sum of APT) / its execution time (AOET).
-- Grain: one row per finished production order that some machine state names.
{{ contribution(
    ref('fct_order_execution'),
    numerator='apt_s / 3600',
    denominator='aoet_s / 3600',
    where='apt_s is not null'
) }}
