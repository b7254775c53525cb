-- grain: one row per node and production day whose output cannot be measured in planned run time
-- not additive
-- Some piece of that day has no planned run time, or no piece of the node ever had one. What such a
-- machine-day could have made is not known, so it stays out of OEE and its factors with all of its
-- time and output: counted in part, it would lower them without anybody having been slow.
with unrated_node as (
    select node_id
    from {{ ref('fct_production') }}
    group by node_id
    having count(pri_s) = 0
)

select node_id, date_day
from {{ ref('fct_production') }}
where pri_s is null and (qty_total <> 0 or qty_good <> 0)

union

select unrated_node.node_id, day.date_day
from unrated_node
cross join {{ ref('dim_date') }} as day
where day.date_day <= {{ as_of_date() }}
