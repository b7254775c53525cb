-- grain: one row per finished production order before any split; split-off orders are rolled up into it
-- additive: every column that ends in _s or begins with qty_ (of one item)
-- Time elements as in ISO 22400-2. aoet_s, the actual order execution time (AOET), runs from start to
-- end; aubt_s is machine time of the order: production (apt_s), set-up (aust_s) and delay (adet_s),
-- summed over machines. att_aqt_s = aoet_s - aubt_s is transport and queueing (ATT + AQT), negative
-- where operations ran side by side. Machine times are empty where no state names the order.
-- Day: local date on which the order was finished.
with family as (
    select * from {{ seen_from_sources(ref('production_order'), ['order_no']) }}
),

busy as (
    select
        family.source_system,
        family.root_order_no,
        sum(state.apt_s) as apt_s,
        sum(state.aust_s) as aust_s,
        sum(state.adet_s) as adet_s
    from family
    inner join {{ ref('fct_state_time') }} as state
        on state.order_no = family.order_no and state.source_system = family.seen_from
    group by family.source_system, family.root_order_no
),

made as (
    select
        family.source_system,
        family.root_order_no,
        sum(case when made.is_final_op then made.qty_total else 0 end) as qty_total,
        sum(made.qty_scrap) as qty_scrap
    from family
    inner join {{ ref('fct_production') }} as made
        on made.order_no = family.order_no
        and made.item_code = family.item_code
        and made.source_system = family.seen_from
    group by family.source_system, family.root_order_no
),

plan as (
    select
        family.source_system,
        family.root_order_no,
        sum(plan.qty_scrap_planned) as qty_scrap_planned
    from family
    inner join {{ live('mes_scrap_plan') }} as plan
        on plan.order_no = family.order_no and plan.source_system = family.seen_from
    group by family.source_system, family.root_order_no
)

select
    orders.order_no,
    orders.node_id,
    orders.finished_date as date_day,
    orders.item_code,
    orders.lead_time_s as aoet_s,
    cast(busy.apt_s as decimal(18,6)) as apt_s,
    cast(busy.aust_s as decimal(18,6)) as aust_s,
    cast(busy.adet_s as decimal(18,6)) as adet_s,
    cast(busy.apt_s + busy.aust_s + busy.adet_s as decimal(18,6)) as aubt_s,
    cast(orders.lead_time_s - busy.apt_s - busy.aust_s - busy.adet_s as decimal(18,6)) as att_aqt_s,
    cast(coalesce(made.qty_total, 0) as decimal(18,6)) as qty_total,
    cast(coalesce(made.qty_scrap, 0) as decimal(18,6)) as qty_scrap,
    cast(plan.qty_scrap_planned as decimal(18,6)) as qty_scrap_planned,
    orders.source_system,
    orders.source_pk,
    orders.batch_id
from {{ ref('fct_production_order') }} as orders
left join busy
    on busy.source_system = orders.source_system and busy.root_order_no = orders.order_no
left join made
    on made.source_system = orders.source_system and made.root_order_no = orders.order_no
left join plan
    on plan.source_system = orders.source_system and plan.root_order_no = orders.order_no
where orders.finished_date is not null
