-- grain: one row per sales order line
-- additive: qty_* (of one item), net_amount, cycle_days, the is_ and has_ columns as counts
-- Day: the latest promised date. A line that is overdue and not shipped is due, neither on time nor
-- in full. By commit it is due from the date first promised on, by request from the date asked for on:
-- another promise takes no line out of the period that it was promised for.
-- On time: nothing was or still is late, against the latest promise; on commit: against the first. In
-- full: the ordered quantity was shipped, less the convention's tolerance; returns do not lower it.
-- Perfect: on commit, in full, and no complaint about damage or documents.
with line as (
    select
        line.*,
        {{ node_or_enterprise('site.node_id') }} as node_id,
        {{ zone_or_enterprise('site.time_zone') }} as time_zone,
        coalesce(line.promised_date, line.original_promised_date, line.requested_date) as due_date,
        coalesce(line.original_promised_date, line.promised_date, line.requested_date) as commit_date,
        cast(line.qty * {{ (1 - convention('under_delivery_tolerance')) | round(6) }} as decimal(18,6)) as full_qty,
        line.status in ('confirmed', 'closed') and line.qty > 0 as is_binding
    from {{ live('erp_sales_order_line') }} as line
    left join {{ ref('dim_organization') }} as site on site.node_id = line.site_code
    where line.ordered_at <= {{ as_of() }}
),

shipment as (
    select
        line.source_system,
        line.order_no,
        line.line_no,
        line.full_qty,
        line.due_date,
        line.commit_date,
        delivery.qty,
        delivery.shipped_date,
        delivery.delivery_no,
        first_value(delivery.delivery_no) over (
            partition by line.source_system, line.order_no, line.line_no
            order by delivery.shipped_date, delivery.shipped_at, delivery.delivery_no
        ) as first_delivery_no,
        sum(delivery.qty) over (
            partition by line.source_system, line.order_no, line.line_no
            order by delivery.shipped_date, delivery.shipped_at, delivery.delivery_no, delivery.line_no
            rows between unbounded preceding and current row
        ) as qty_so_far
    from {{ live('erp_delivery_line') }} as delivery
    inner join {{ seen_from_sources('line', ['order_no', 'line_no']) }} as line
        on line.order_no = delivery.order_no
        and line.line_no = delivery.order_line_no
        and line.seen_from = delivery.source_system
    where not delivery.is_return and delivery.shipped_date <= {{ as_of_date() }}
),

shipped as (
    select
        source_system,
        order_no,
        line_no,
        sum(qty) as qty_shipped,
        sum(case when shipped_date <= due_date then qty else 0 end) as qty_shipped_on_time,
        sum(case when shipped_date <= commit_date then qty else 0 end) as qty_shipped_on_commit,
        sum(case when delivery_no = first_delivery_no then qty else 0 end) as qty_first_shipment,
        min(shipped_date) as first_shipped_date,
        min(case when qty_so_far >= full_qty then shipped_date end) as completed_date
    from shipment
    group by source_system, order_no, line_no
),

complained as (
    select
        line.source_system,
        line.order_no,
        line.line_no,
        max(case when complaint.reason_class = 'damage' then 1 else 0 end) as damages,
        max(case when complaint.reason_class = 'documentation' then 1 else 0 end) as documentation_errors
    from {{ live('erp_return_complaint') }} as complaint
    inner join {{ seen_from_sources('line', ['order_no', 'line_no']) }} as line
        on line.order_no = complaint.order_no
        and line.item_code = coalesce(complaint.item_code, line.item_code)
        and line.seen_from = complaint.source_system
    where complaint.opened_at <= {{ as_of() }}
    group by line.source_system, line.order_no, line.line_no
),

judged as (
    select
        line.*,
        {{ local_date('line.ordered_at', 'line.time_zone') }} as ordered_date,
        coalesce(shipped.qty_shipped, 0) as qty_shipped,
        coalesce(shipped.qty_shipped_on_time, 0) as qty_shipped_on_time,
        shipped.first_shipped_date,
        shipped.completed_date,
        {%- for name, date in [('due', 'due_date'), ('due_by_commit', 'commit_date'), ('due_by_request', 'requested_date')] %}
        coalesce(line.is_binding and line.{{ date }} <= {{ as_of_date() }}, false) as is_{{ name }},
        {%- endfor %}
        coalesce(shipped.qty_first_shipment, 0) as qty_first_shipment,
        {%- for name, date in [('time', 'due_date'), ('commit', 'commit_date')] %}
        coalesce(
            shipped.qty_shipped_on_{{ name }} > 0
            and shipped.qty_shipped_on_{{ name }} >= least(shipped.qty_shipped, line.full_qty)
            and (
                shipped.qty_shipped >= line.full_qty
                or line.status = 'closed'
                or line.{{ date }} >= {{ as_of_date() }}
            ),
            false
        ) as is_on_{{ name }},
        {%- endfor %}
        coalesce(line.is_binding and shipped.qty_shipped >= line.full_qty, false) as is_in_full,
        coalesce(complained.damages, 0) = 1 as has_damage,
        coalesce(complained.documentation_errors, 0) = 1 as has_documentation_error
    from line
    left join shipped
        on shipped.source_system = line.source_system
        and shipped.order_no = line.order_no
        and shipped.line_no = line.line_no
    left join complained
        on complained.source_system = line.source_system
        and complained.order_no = line.order_no
        and complained.line_no = line.line_no
)

select
    order_no,
    line_no,
    node_id,
    customer_code,
    item_code,
    due_date as date_day,
    status,
    ordered_date,
    requested_date,
    original_promised_date,
    promised_date,
    commit_date,
    qty as qty_ordered,
    cast(qty_shipped as decimal(18,6)) as qty_shipped,
    cast(qty_shipped_on_time as decimal(18,6)) as qty_shipped_on_time,
    cast(least(qty_first_shipment, qty) as decimal(18,6)) as qty_first_shipment,
    first_shipped_date,
    completed_date,
    is_due,
    is_due_by_commit,
    is_due_by_request,
    is_on_time,
    is_on_commit,
    is_in_full,
    is_on_time and is_in_full as is_otif,
    has_damage,
    has_documentation_error,
    is_on_commit and is_in_full and not has_damage and not has_documentation_error as is_perfect,
    net_amount,
    cast({{ days_between('ordered_date', 'completed_date') }} as integer) as cycle_days,
    source_system,
    source_pk,
    batch_id
from judged
