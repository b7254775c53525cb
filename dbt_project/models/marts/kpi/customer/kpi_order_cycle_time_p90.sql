-- 90th percentile of the days from receipt of an order to its complete shipment.
-- Grain: one row per completed order, on the day of its completion.
{{ member_contribution(
    ref('fct_order'),
    numerator='cycle_days',
    denominator='1',
    where='completed_date is not null',
    date_day='completed_date'
) }}
