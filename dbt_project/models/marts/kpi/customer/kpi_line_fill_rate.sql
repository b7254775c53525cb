-- Line fill rate = quantity of first shipments / ordered quantity.
-- Grain: one row per order line due, on its promised day. What was never shipped fills nothing.
{{ contribution(
    ref('fct_order_line'),
    numerator='qty_first_shipment',
    denominator='qty_ordered',
    where='is_due'
) }}
