-- Voluntary turnover a year = 365 x voluntary leavers / sum of daily headcounts.
-- Grain: one row per leaver, on the first day no longer employed (numerator), per employee and day
-- (denominator).
{{ contribution(
    ref('dim_employee'),
    numerator='1',
    where="leave_kind = 'voluntary' and left_on is not null",
    date_day='left_on',
    node_id=node_or_enterprise('site_id')
) }}
union all
{{ contribution(ref('fct_workforce_day'), denominator='headcount') }}
