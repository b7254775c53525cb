-- Variants. The role follows from the bills of materials: what comes out of one is made, what goes
-- into one is a component. Tryton keeps no day of launch.
with active_boms as (
    select * from {{ landed('tryton74', 'production_bom') }} where active
),

made as (
    select distinct o._source, o.product as id
    from {{ landed('tryton74', 'production_bom_output') }} as o
    inner join active_boms as b
        on o._source = b._source and o.bom = b.id
),

components as (
    select distinct n._source, n.product as id
    from {{ landed('tryton74', 'production_bom_input') }} as n
    inner join active_boms as b
        on n._source = b._source and n.bom = b.id
),

groups as (
    select r._source, r.template, min(g.name) as name
    from {{ landed('tryton74', 'product_template_category') }} as r
    inner join {{ landed('tryton74', 'product_category') }} as g
        on r._source = g._source and r.category = g.id
    group by r._source, r.template
),

roles as (
    select
        i.*,
        m.id is not null as is_made,
        c.id is not null as is_component,
        coalesce(g.name, a.name) as category,
        s.unit_cost
    from {{ tryton74_item() }} as i
    left join made as m
        on i._source = m._source and i.id = m.id
    left join components as c
        on i._source = c._source and i.id = c.id
    left join groups as g
        on i._source = g._source and i.template = g.template
    left join {{ landed('tryton74', 'product_category') }} as a
        on i._source = a._source and i.account_category = a.id
    left join {{ tryton74_cost() }} as s
        on i._source = s._source and i.id = s.product and s.valid_to is null
),

mapped as (
    select
        r.item_code,
        r.name,
        case
            when r.type = 'service' then 'service'
            when r.is_made and r.is_component then 'semi_finished'
            when r.is_made then 'finished'
            when r.is_component then 'raw'
            else 'other'
        end as type,
        r.base_uom,
        case when r.type <> 'service' then case when r.is_made then 'make' else 'buy' end end as make_buy,
        r.category,
        null as pri_s,
        r.unit_cost as std_cost_current,
        null as launched_on,
        {{ lineage('r', pk='r.id', changed_at='r.changed_at') }}
    from roles as r
)

select {{ canonical_columns('erp_item') }} from mapped
