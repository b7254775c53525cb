-- Sites, areas, lines and workstations. Stops and most batches are booked to the line, so a line has
-- figures of its own beside those of its workstations.
with mapped as (
    select
        n.node_code as equipment_code,
        n.name,
        n.kind as level,
        n.parent_code,
        case when n.kind = 'site' then n.time_zone end as time_zone,
        n.ideal_rate_per_hour as ideal_rate_per_h,
        null as cost_per_h,
        null as erp_workcenter_code,
        {{ lineage('n', pk="n.kind || '/' || n.id", changed_at='n.updated_at', is_deleted='n.deleted_at is not null') }}
    from {{ openmes_node() }} as n
)

select {{ canonical_columns('mes_equipment') }} from mapped
