-- On-time delivery = order lines complete by the first promise / order lines due.
-- Grain: one row per order line due, on its promised day.
{{ contribution(
    ref('fct_order_line'),
    numerator=flag('completed_date <= coalesce(original_promised_date, date_day)'),
    denominator='1',
    where='is_due'
) }}
