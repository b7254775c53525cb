-- On-time delivery = order lines complete by the first promise / order lines due by it.
-- Grain: one row per order line due by the first promise, on that day: another promise takes it nowhere.
{{ contribution(
    ref('fct_order_line'),
    numerator=flag('completed_date <= commit_date'),
    denominator='1',
    where='is_due_by_commit',
    date_day='commit_date'
) }}
