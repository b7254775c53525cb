-- On-time delivery = order lines complete by the latest promise / order lines due.
-- Grain: one row per order line due, on its promised day.
{{ contribution(
    ref('fct_order_line'),
    numerator=flag('completed_date <= date_day'),
    denominator='1',
    where='is_due'
) }}
