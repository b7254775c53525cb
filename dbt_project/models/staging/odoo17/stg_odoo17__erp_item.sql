-- Variants. The role follows from the bills of materials: what has one is made, what is in one is a
-- component. Odoo keeps no day of launch.
-- A cost in another currency than the enterprise's is in erp_standard_cost only, which converts it.
with boms as (
    select * from {{ landed('odoo17', 'mrp_bom') }} where type = 'normal' and active
),

made as (
    select distinct i._source, i.id
    from {{ odoo17_item() }} as i
    inner join boms as b
        on i._source = b._source and i.product_tmpl_id = b.product_tmpl_id
        and (b.product_id is null or b.product_id = i.id)
),

components as (
    select distinct l._source, l.product_id as id
    from {{ landed('odoo17', 'mrp_bom_line') }} as l
    inner join boms as b
        on l._source = b._source and l.bom_id = b.id
),

roles as (
    select i.*, m.id is not null as is_made, c.id is not null as is_component
    from {{ odoo17_item() }} as i
    left join made as m
        on i._source = m._source and i.id = m.id
    left join components as c
        on i._source = c._source and i.id = c.id
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
        g.complete_name as category,
        null as pri_s,
        case when s.currency = '{{ var('enterprise').currency }}' then s.unit_cost end as std_cost_current,
        null as launched_on,
        {{ lineage('r', pk='r.id', changed_at='r.write_date') }}
    from roles as r
    left join {{ landed('odoo17', 'product_category') }} as g
        on r._source = g._source and r.categ_id = g.id
    left join {{ odoo17_standard_cost() }} as s
        on r._source = s._source and r.id = s.product_id
)

select {{ canonical_columns('erp_item') }} from mapped
