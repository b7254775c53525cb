-- grain: one row per node that counts pieces but knows no planned run time for any of them
-- not additive
-- The time of such a node says nothing about speed: it stays out of the KPIs that compare output with
-- planned run time, as its output does.
select node_id
from {{ ref('fct_production') }}
group by node_id
having count(pri_s) = 0
