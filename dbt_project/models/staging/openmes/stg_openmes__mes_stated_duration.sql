with mapped as (
    select
        d.id as interval_id,
        'stop' as kind,
        coalesce(w.node_code, l.node_code) as equipment_code,
        d.started_at as start_ts,
        d.ended_at as end_ts,
        d.duration_minutes as minutes_stated,
        {{ lineage('d', pk="'production_downtimes/' || d.id", changed_at='d.updated_at') }}
    from {{ landed('openmes', 'production_downtimes') }} as d
    left join {{ openmes_node() }} as w
        on d._source = w._source and d.workstation_id = w.id and w.kind = 'machine'
    left join {{ openmes_node() }} as l
        on d._source = l._source and d.line_id = l.id and l.kind = 'line'
)

select {{ canonical_columns('mes_stated_duration') }} from mapped
