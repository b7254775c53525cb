-- Implemented suggestions per 100 FTE and year = 36,500 x suggestions / sum of daily FTE.
-- Grain: one row per implemented suggestion (numerator), on that day or, where the source has none,
-- the day it was handed in; one row per employee and day (denominator).
{{ contribution(
    ref('fct_suggestion'),
    numerator='1',
    where='is_implemented',
    date_day='coalesce(implemented_on, date_day)'
) }}
union all
{{ contribution(ref('fct_workforce_day'), denominator='fte') }}
