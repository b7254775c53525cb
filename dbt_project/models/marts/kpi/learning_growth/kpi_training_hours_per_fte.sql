-- Training hours per FTE and year = 365 x sum of hours / sum of daily full-time equivalents.
-- Grain: one row per participant and training day (numerator), per employee and day (denominator).
{{ contribution(ref('fct_training'), numerator='hours') }}
union all
{{ contribution(ref('fct_workforce_day'), denominator='fte') }}
