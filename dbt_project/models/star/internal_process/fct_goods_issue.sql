-- grain: one row per goods issue to a customer or to production, and per reversal of one
-- additive: qty_issued (of one item)
-- Node: the site of the location, where the inventory balances of a location name just one; else of the source.
with place as (
    select source_system, location_code, min(site_code) as site_code
    from {{ live('erp_inventory_balance') }}
    group by source_system, location_code
    having count(distinct site_code) = 1
)

select
    {{ node_or_enterprise('site.node_id') }} as node_id,
    movement.posting_date as date_day,
    movement.item_code,
    movement.location_code,
    movement.order_no,
    cast(-movement.qty as decimal(18,6)) as qty_issued,
    movement.source_system,
    movement.source_pk,
    movement.batch_id
from {{ live('erp_goods_movement') }} as movement
left join {{ live('erp_goods_movement') }} as reversed
    on reversed.source_system = movement.source_system
    and reversed.movement_id = movement.reversal_of
left join place
    on place.source_system = movement.source_system and place.location_code = movement.location_code
left join {{ ref('dim_organization') }} as site on site.node_id = coalesce(place.site_code, {{ source_site('movement.source_system') }})
where
    case when movement.type = 'REVERSAL' then reversed.type else movement.type end
    in ('GI_SO', 'GI_PROD')
    and movement.posting_date <= {{ as_of_date() }}
