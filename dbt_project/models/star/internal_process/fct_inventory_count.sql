-- grain: one row per item and location counted
-- additive: the is_ column as a count. NOT additive: qty_* (items differ in unit)
select
    {{ node_or_enterprise('site.node_id') }} as node_id,
    counted.counted_on as date_day,
    counted.item_code,
    counted.location_code,
    counted.qty_book,
    counted.qty_counted,
    abs(counted.qty_counted - counted.qty_book) <= coalesce(counted.qty_tolerance, 0) as is_accurate,
    counted.source_system,
    counted.source_pk,
    counted.batch_id
from {{ live('erp_inventory_count') }} as counted
left join {{ ref('dim_organization') }} as site on site.node_id = counted.site_code
where counted.counted_on <= {{ as_of_date() }}
