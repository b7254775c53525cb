-- Targets with their red flags and the days on which they hold.
-- Grain: one row per KPI, node (empty: every node without a target of its own) and first day.
-- valid_to is the first day on which the target no longer holds; empty for the last one.
select
    kpi_id,
    node_id,
    valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    target,
    red_flag
from {{ source('definitions', 'kpi_target') }}
