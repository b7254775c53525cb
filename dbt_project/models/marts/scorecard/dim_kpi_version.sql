-- What the formula of each KPI says, and on which days.
-- Grain: one row per KPI and version that counts some days; versions leave no gap and do not overlap.
-- valid_from is empty for the first one: it counts all days before. valid_to is the first day on which a
-- version no longer counts.
select
    kpi_id,
    version,
    valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    formula,
    numerator,
    denominator
from {{ source('definitions', 'kpi_version') }}
