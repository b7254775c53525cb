-- Companies are sites, work centres the tree below them: one without others below is a machine, one
-- above machines a line, above lines an area. The company's name is a party's and stays in Tryton.
with centers as (
    select
        w.*,
        {{ source_code('w', 'wc', 'w.id') }} as equipment_code,
        exists (
            select 1 from {{ landed('tryton74', 'production_work_center') }} as below
            where below._source = w._source and below.parent = w.id
        ) as is_parent
    from {{ landed('tryton74', 'production_work_center') }} as w
),

mapped as (
    select
        c.site_code as equipment_code,
        c.site_code as name,
        'site' as level,
        null as parent_code,
        c.zone as time_zone,
        null as ideal_rate_per_h,
        null as cost_per_h,
        null as erp_workcenter_code,
        {{ lineage('c', pk="'company_company/' || c.id", changed_at='c.changed_at') }}
    from {{ tryton74_company() }} as c
    union all
    select
        w.equipment_code,
        w.name,
        case
            when not w.is_parent then 'machine'
            when exists (
                select 1 from centers as below
                where below._source = w._source and below.parent = w.id and below.is_parent
            ) then 'area'
            else 'line'
        end as level,
        coalesce(above.equipment_code, c.site_code) as parent_code,
        null as time_zone,
        null as ideal_rate_per_h,
        case when w.cost_method = 'hour' then w.cost_price end as cost_per_h,
        w.equipment_code as erp_workcenter_code,
        {{ lineage('w', pk="'production_work_center/' || w.id", changed_at=tryton74_changed_at('w')) }}
    from centers as w
    inner join {{ tryton74_company() }} as c
        on w._source = c._source and w.company = c.id
    left join centers as above
        on w._source = above._source and w.parent = above.id
)

select {{ canonical_columns('mes_equipment') }} from mapped
