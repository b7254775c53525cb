-- grain: one row per source, order, operation and UTC day on which it was counted
-- not additive
-- What is asked of all counts of an order is asked of these few rows.
{{ config(meta={'recompute': 'days'}) }}
select distinct
    source_system,
    order_no,
    coalesce(op_seq, 0) as op_seq,
    cast(counted_at as date) as date_day
from {{ live('mes_production_count') }} as counted
where order_no is not null and counted_at <= {{ as_of() }} and {{ in_touched_days('counted_at', widen=1) }}
