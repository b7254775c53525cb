-- Shift times are local without an offset; no shift starts or ends in the hour that exists twice.
with mapped as (
    select
        r.res_code as equipment_code,
        {{ to_utc('cast(l.t_from as timestamp)', 'r.tz') }} as start_ts,
        {{ to_utc('cast(l.t_to as timestamp)', 'r.tz') }} as end_ts,
        l.shift_cd as shift_code,
        l.work_day as production_date,
        l.brk_min as planned_break_min,
        {{ lineage('l', pk="concat(l.res_id, '/', l.t_from)", changed_at="cast(l.upd_utc as timestamp)") }}
    from {{ landed('demo_mes', 'shift_cal') }} as l
    left join {{ landed('demo_mes', 'resource') }} as r on r.res_id = l.res_id and r._source = l._source
)
select {{ canonical_columns('mes_shift') }} from mapped
