-- grain: one row per item; deleted ones stay, because older facts belong to them
-- not additive
select
    item_code,
    name as item_name,
    type as item_type,
    base_uom,
    make_buy,
    category,
    std_cost_current,
    launched_on,
    pri_s
from {{ ref('erp_item') }}
