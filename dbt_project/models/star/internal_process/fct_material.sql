-- grain: one row per posting of consumed material or of where it went
-- additive over postings in one unit: cm_qty, igq_qty, pl_qty, stl_qty, ol_qty
-- In process industries igq_qty + pl_qty + stl_qty + ol_qty = cm_qty over any complete period.
-- Day: production day of the posting at its node, which is the order's where the posting names none.
with posting as (
    select
        cast(null as varchar) as equipment_code,
        order_no,
        item_code,
        'consumed' as kind,
        qty,
        consumed_at as booked_at,
        source_system,
        source_pk,
        batch_id
    from {{ live('mes_material_consumption') }}

    union all

    select
        equipment_code, order_no, item_code, kind, qty, booked_at, source_system, source_pk, batch_id
    from {{ live('mes_material_balance') }}
)

select
    {{ node_or_enterprise('node.node_id') }} as node_id,
    {{ production_day('posting.booked_at', zone_or_enterprise('node.time_zone')) }} as date_day,
    posting.item_code,
    posting.order_no,
    posting.kind,
    {% for kind, column in {
        'consumed': 'cm_qty',
        'integrated_goods': 'igq_qty',
        'production_loss': 'pl_qty',
        'storage_transport_loss': 'stl_qty',
        'other_loss': 'ol_qty'
    }.items() -%}
    cast(case when posting.kind = '{{ kind }}' then posting.qty else 0 end as decimal(18,6)) as {{ column }},
    {% endfor -%}
    posting.source_system,
    posting.source_pk,
    posting.batch_id
from posting
left join {{ seen_from_sources(ref('production_order'), ['order_no']) }} as orders
    on orders.order_no = posting.order_no and orders.seen_from = posting.source_system
left join {{ ref('dim_organization') }} as node
    on node.node_id = coalesce(posting.equipment_code, orders.equipment_code, {{ source_site('posting.source_system') }})
left join {{ ref('calendar_hour') }} as hour on {{ in_hour('node.node_id', 'posting.booked_at') }}
where posting.booked_at <= {{ as_of() }}
