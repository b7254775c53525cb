-- Order fulfilment cycle time = days from receipt to complete shipment / orders completed.
-- Grain: one row per completed order, on the day of its completion.
{{ contribution(
    ref('fct_order'),
    numerator='cycle_days',
    denominator='1',
    where='completed_date is not null',
    date_day='completed_date'
) }}
