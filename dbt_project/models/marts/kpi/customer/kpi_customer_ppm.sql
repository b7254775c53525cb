-- Customer PPM = 1,000,000 x parts refused / parts shipped.
-- Grain: one row per case (numerator), on the day its order was shipped or, where it names none, on
-- which it was opened; one row per delivery line (denominator).
{{ contribution(
    ref('fct_complaint'),
    numerator='qty',
    where="qty is not null and coalesce(reason_class, 'quality') in ('quality', 'damage')",
    date_day='coalesce(shipped_date, date_day)'
) }}
union all
{{ contribution(ref('fct_delivery'), denominator='qty', where='not is_return') }}
