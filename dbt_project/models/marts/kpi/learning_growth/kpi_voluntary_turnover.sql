-- Voluntary turnover a year = 365 x voluntary leavers / sum of daily headcounts.
-- Grain: one row per leaver, on the first day no longer employed (numerator), per employee and day
-- (denominator).
select
    {{ node_or_enterprise('site_id') }} as node_id,
    left_on as date_day,
    {{ measure('1') }} as numerator,
    {{ measure('0') }} as denominator,
    'dim_employee' as fact,
    source_system,
    source_pk,
    batch_id
from {{ ref('dim_employee') }}
where leave_kind = 'voluntary' and left_on is not null
union all
{{ contribution(ref('fct_workforce_day'), denominator='headcount') }}
