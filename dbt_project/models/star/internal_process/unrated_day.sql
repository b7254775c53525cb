-- grain: one row per node and production day whose output cannot be measured in planned run time
-- not additive
-- Some piece of that day has no planned run time, or no piece of the node ever had one. What such a
-- machine-day could have made is not known, so it stays out of OEE and its factors with all of its
-- time and output: counted in part, it would lower them without anybody having been slow.
-- A line may count for its machines: those of them that count nothing themselves are busy with its output.
with unrated_node as (
    select node_id
    from {{ ref('fct_production') }}
    group by node_id
    having count(pri_s) = 0
),

unrated as (
    select node_id, date_day
    from {{ ref('fct_production') }}
    where pri_s is null and (qty_total <> 0 or qty_good <> 0)

    union

    select unrated_node.node_id, day.date_day
    from unrated_node
    cross join {{ ref('dim_date') }} as day
    where day.date_day <= {{ as_of_date() }}
)

select node_id, date_day from unrated

union

select closure.descendant_id as node_id, unrated.date_day
from unrated
inner join {{ ref('dim_organization') }} as line
    on line.node_id = unrated.node_id and line.node_level = 'line'
inner join {{ ref('organization_closure') }} as closure on closure.ancestor_id = line.node_id
where not exists (
    select 1 from {{ ref('fct_production') }} as own where own.node_id = closure.descendant_id
)
