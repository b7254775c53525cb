-- Community has no link from equipment to work centre: equipment that bears a work centre's name is
-- that machine, all other belongs to the site. Odoo keeps the days of request and close and the
-- hours of work: work ends in the last second of the day it was closed and began that long before.
with closed as (
    select
        r.*,
        {{ odoo17_name('e.name') }} as equipment_name,
        r.request_date as requested,
        case
            when s.done then {{ add_interval('cast(r.close_date as timestamp)', 86399, 'second') }}
        end as completed,
        cast(round(r.duration * 3600) as bigint) as worked_s
    from {{ landed('odoo17', 'maintenance_request') }} as r
    left join {{ landed('odoo17', 'maintenance_stage') }} as s
        on r._source = s._source and r.stage_id = s.id
    left join {{ landed('odoo17', 'maintenance_equipment') }} as e
        on r._source = e._source and r.equipment_id = e.id
),

mapped as (
    select
        'maintenance-' || r.id as maint_id,
        coalesce(w.equipment_code, {{ odoo17_site('r') }}) as equipment_code,
        r.maintenance_type as type,
        {{ to_utc('r.requested', source_zone('r._source')) }} as requested_at,
        case when r.worked_s > 0 then
            {{ to_utc(add_interval('r.completed', '-r.worked_s', 'second'), source_zone('r._source')) }}
        end as started_at,
        {{ to_utc('r.completed', source_zone('r._source')) }} as completed_at,
        null as cost,
        null as currency,
        {{ lineage('r', pk='r.id', changed_at='r.write_date', is_deleted='coalesce(r.archive, false)') }}
    from closed as r
    left join (
        select _source, company_id, name, min(equipment_code) as equipment_code
        from {{ odoo17_workcenter() }}
        group by _source, company_id, name
    ) as w
        on r._source = w._source and r.company_id = w.company_id and r.equipment_name = w.name
)

select {{ canonical_columns('mes_maintenance_order') }} from mapped
