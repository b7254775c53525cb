-- Maintenance of a workstation or a line; what concerns a tool alone counts at the site.
with mapped as (
    select
        'maintenance-' || m.id as maint_id,
        coalesce(w.node_code, l.node_code, s.node_code) as equipment_code,
        case m.event_type when 'corrective' then 'corrective' else 'preventive' end as type,
        m.created_at as requested_at,
        m.started_at,
        m.completed_at,
        m.actual_cost as cost,
        case when m.actual_cost is not null then m.currency end as currency,
        {{ lineage('m', pk='m.id', changed_at='m.updated_at', is_deleted="m.deleted_at is not null or m.status = 'cancelled'") }}
    from {{ landed('openmes', 'maintenance_events') }} as m
    left join {{ openmes_node() }} as w
        on m._source = w._source and m.workstation_id = w.id and w.kind = 'machine'
    left join {{ openmes_node() }} as l
        on m._source = l._source and m.line_id = l.id and l.kind = 'line'
    left join {{ openmes_node() }} as s
        on m._source = s._source and s.kind = 'site' and s.node_code = s.only_site_code
    where coalesce(w.node_code, l.node_code, s.node_code) is not null
)

select {{ canonical_columns('mes_maintenance_order') }} from mapped
