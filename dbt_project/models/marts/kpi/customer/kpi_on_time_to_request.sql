-- On-time delivery to request = order lines complete by the requested day / order lines due.
-- Grain: one row per order line due with a requested day, on its promised day.
{{ contribution(
    ref('fct_order_line'),
    numerator=flag('completed_date <= requested_date'),
    denominator='1',
    where='is_due and requested_date is not null'
) }}
