-- Throughput rate = produced quantity of an order (PQ) / its execution time in hours (AOET).
-- Grain: one row per finished production order.
{{ contribution(
    ref('fct_order_execution'), numerator='qty_total', denominator='aoet_s / 3600'
) }}
