-- Products and materials. The planned run time per piece is that of the newest active template.
with templates as (
    select
        t._source, t.product_type_id, t.ideal_cycle_minutes,
        row_number() over (
            partition by t._source, t.product_type_id order by t.version desc, t.id desc
        ) as place
    from {{ landed('openmes', 'process_templates') }} as t
    where t.is_active and t.deleted_at is null and t.ideal_cycle_minutes > 0
),

mapped as (
    select
        i.item_code,
        i.name,
        case when i.kind = 'product' then 'finished' when i.is_made then 'semi_finished' else 'raw' end as type,
        i.uom as base_uom,
        case when i.is_made then 'make' else 'buy' end as make_buy,
        coalesce(nullif(i.category, ''), g.name) as category,
        t.ideal_cycle_minutes * 60 as pri_s,
        null as std_cost_current,
        null as launched_on,
        {{ lineage('i', pk="i.kind || '/' || i.id", changed_at='i.updated_at', is_deleted='i.deleted_at is not null') }}
    from {{ openmes_item() }} as i
    left join {{ landed('openmes', 'material_types') }} as g
        on i._source = g._source and i.material_type_id = g.id
    left join templates as t
        on i._source = t._source and i.id = t.product_type_id and i.kind = 'product' and t.place = 1
)

select {{ canonical_columns('erp_item') }} from mapped
