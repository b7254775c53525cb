-- Companies are sites, work centres the machines below them. Odoo knows no rated speed: the planned
-- run time per piece comes from the routing (mes_operation). The hourly rate is the company's money, so it
-- is known only where that is the enterprise's.
with mapped as (
    select
        {{ odoo17_site('c', 'id') }} as equipment_code,
        c.name,
        'site' as level,
        null as parent_code,
        {{ source_zone('c._source') }} as time_zone,
        null as ideal_rate_per_h,
        null as cost_per_h,
        null as erp_workcenter_code,
        {{ lineage('c', pk="'res_company/' || c.id", changed_at='c.write_date') }}
    from {{ landed('odoo17', 'res_company') }} as c
    union all
    select
        w.equipment_code,
        w.name,
        'machine' as level,
        {{ odoo17_site('w') }} as parent_code,
        null as time_zone,
        null as ideal_rate_per_h,
        case when c.currency = '{{ var('enterprise').currency }}' then nullif(w.costs_hour, 0) end as cost_per_h,
        w.equipment_code as erp_workcenter_code,
        {{ lineage('w', pk="'mrp_workcenter/' || w.id", changed_at='w.write_date') }}
    from {{ odoo17_workcenter() }} as w
    left join (
        select o._source, o.id, y.name as currency
        from {{ landed('odoo17', 'res_company') }} as o
        inner join {{ landed('odoo17', 'res_currency') }} as y
            on o._source = y._source and o.currency_id = y.id
    ) as c
        on w._source = c._source and w.company_id = c.id
)

select {{ canonical_columns('mes_equipment') }} from mapped
