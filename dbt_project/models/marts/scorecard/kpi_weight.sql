-- Weights of KPIs among those of their objective, and the days on which they hold.
-- Grain: one row per KPI and first day. valid_to is the first day on which it no longer holds.
select
    kpi_id,
    valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    weight
from {{ source('definitions', 'kpi_weight') }}
