-- grain: one row per source, order, operation after the order's first one, and UTC day on which it was counted
-- not additive
-- A table of its own, so that an order whose first operation turns out to be another one touches all
-- its days.
select source_system, order_no, op_seq, date_day
from (
    select *, min(op_seq) over (partition by source_system, order_no) as first_op_seq
    from {{ ref('order_operation') }}
) as operation
where op_seq > first_op_seq
