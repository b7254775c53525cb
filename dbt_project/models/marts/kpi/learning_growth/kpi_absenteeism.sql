-- Absenteeism = working days absent / working days of the employees (Monday to Friday).
-- Grain: one row per employee and day of absence (numerator), per employee and weekday (denominator).
{{ contribution(ref('fct_absence'), numerator='days') }}
union all
{{ contribution(
    ref('fct_workforce_day'),
    denominator='headcount',
    where='date_day in (select date_day from ' ~ ref('dim_date') ~ ' where not is_weekend)'
) }}
