-- Mean time to repair = hours of corrective maintenance / failures repaired.
-- Grain: one row per failure whose repair has ended.
{{ contribution(
    ref('fct_maintenance'),
    numerator='repair_s / 3600',
    denominator='1',
    where='is_failure and repair_s is not null'
) }}
