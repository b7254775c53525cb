-- Allocation ratio = machine time of an order (sum of AUBT) / its execution time (AOET).
-- Grain: one row per finished production order that some machine state names.
{{ contribution(
    ref('fct_order_execution'),
    numerator='aubt_s / 3600',
    denominator='aoet_s / 3600',
    where='aubt_s is not null'
) }}
