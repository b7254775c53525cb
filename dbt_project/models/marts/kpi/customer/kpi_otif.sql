-- On time in full = order lines on time and in full / order lines due, overdue ones included.
-- Grain: one row per order line due, on its promised day.
{{ contribution(
    ref('fct_order_line'), numerator=flag('is_otif'), denominator='1', where='is_due'
) }}
