-- grain: one row per reason; deleted ones stay, because older facts belong to them
-- not additive
select reason_code, name as reason_name, kind, loss_category, iso22400_class
from {{ ref('mes_downtime_reason') }}
