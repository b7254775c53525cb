-- Customer retention: customers at the start of a period that still are at its end.
-- Grain: one row per invoice line; it makes its customer one for the days from its day on that the
-- enterprise's convention says. Companies of the enterprise are no customers of it.
{{ member_contribution(
    ref('fct_revenue'),
    numerator='1',
    denominator='1',
    member='customer_code',
    valid_to='cast(' ~ add_interval('date_day', convention('customer_lapses_after_days'), 'day') ~ ' as date)',
    where='customer_code is not null and net_amount > 0 and not is_intercompany'
) }}
