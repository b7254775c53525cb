-- Workers by number. OpenMES knows neither first day nor working hours; who was deleted has left, and
-- nobody says why.
with mapped as (
    select
        {{ openmes_id('w', 'e', 'w.id') }} as emp_no,
        c.code as department,
        s.node_code as site_code,
        null as hired_on,
        {{ local_date('w.deleted_at', "coalesce(s.time_zone, " ~ source_zone('w._source') ~ ")") }} as left_on,
        null as leave_kind,
        1 as fte,
        {{ lineage('w', pk='w.id', changed_at='w.updated_at') }}
    from {{ landed('openmes', 'workers') }} as w
    left join {{ landed('openmes', 'crews') }} as c
        on w._source = c._source and w.crew_id = c.id
    left join {{ openmes_node() }} as s
        on w._source = s._source and s.kind = 'site' and s.node_code = s.only_site_code
)

select {{ canonical_columns('hr_employee') }} from mapped
