-- Corrective maintenance ratio = corrective time (CMT) / (CMT + preventive time PMT).
-- Grain: one row per maintenance order that has ended.
{{ contribution(
    ref('fct_maintenance'),
    numerator='case when is_failure then repair_s else 0 end / 3600',
    denominator='repair_s / 3600',
    where='repair_s is not null'
) }}
