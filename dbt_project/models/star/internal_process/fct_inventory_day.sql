-- grain: one row per site, item, location and day
-- additive over items, locations and sites: qty (of one item), value. NOT additive over days: a balance.
-- A balance holds until the next one of the same item and location, the last one until as_of.
with balance as (
    select
        *,
        coalesce(
            lead(as_of_date) over (
                partition by source_system, item_code, location_code order by as_of_date
            ),
            cast({{ add_interval(as_of_date(), 1, 'day') }} as date)
        ) as next_date
    from {{ live('erp_inventory_balance') }}
    where as_of_date <= {{ as_of_date() }}
)

select
    {{ node_or_enterprise('site.node_id') }} as node_id,
    day.date_day,
    balance.item_code,
    balance.location_code,
    balance.qty,
    balance.value,
    balance.source_system,
    balance.source_pk,
    balance.batch_id
from balance
inner join {{ ref('dim_date') }} as day
    on day.date_day >= balance.as_of_date and day.date_day < balance.next_date
left join {{ ref('dim_organization') }} as site on site.node_id = balance.site_code
