-- On-time delivery to request = order lines complete by the requested day / order lines due by it.
-- Grain: one row per order line due by the requested day, on that day.
{{ contribution(
    ref('fct_order_line'),
    numerator=flag('completed_date <= requested_date'),
    denominator='1',
    where='is_due_by_request',
    date_day='requested_date'
) }}
