-- Complaint rate = 1000 x complaints / orders shipped.
-- Grain: one row per complaint (numerator), on the day its order was first shipped or, where it names
-- none, on which it was opened; one row per order shipped, on the day of its first shipment
-- (denominator). So a month is charged with what it shipped badly, whenever customers say so.
{{ contribution(
    ref('fct_complaint'),
    numerator='1',
    where="kind = 'complaint'",
    date_day='coalesce(shipped_date, date_day)'
) }}
union all
{{ contribution(
    ref('fct_order'),
    denominator='1',
    where='first_shipped_date is not null',
    date_day='first_shipped_date'
) }}
