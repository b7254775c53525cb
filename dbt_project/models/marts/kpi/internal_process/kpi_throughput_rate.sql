-- Throughput rate = produced quantity of an order (PQ) / its execution time in hours (AOET).
-- Grain: one row per finished production order whose start is known.
{{ contribution(
    ref('fct_order_execution'), numerator='qty_total', denominator='aoet_s / 3600', where='aoet_s is not null'
) }}
