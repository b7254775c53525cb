{{ config(meta={'row_by_row': 'base_demo_mes__mc_log'}) }}
-- Local time and offset stand side by side (offset in minutes), so that the hour which exists
-- twice in autumn stays in order.
with mapped as (
    select
        r.res_code as equipment_code,
        {{ dbt.dateadd('minute', '-1 * l.ofs_from', 'cast(l.t_from as timestamp)') }} as start_ts,
        {{ dbt.dateadd('minute', '-1 * l.ofs_to', 'cast(l.t_to as timestamp)') }} as end_ts,
        case l.st_code
            when 0 then 'OFF'
            when 10 then 'RUN'
            when 20 then 'SETUP'
            when 30 then 'STOP'
            when 31 then 'STOP'
            when 40 then 'IDLE'
            when 50 then 'PLANNED'
            when 51 then 'PLANNED'
            when 99 then 'NODATA'
        end as state,
        cast(l.st_code as varchar) as raw_state,
        l.rsn_code as reason_code,
        l.ord_no as order_no,
        {{ lineage('l', pk="l.log_id", changed_at="cast(l.upd_utc as timestamp)") }}
    from {{ landed('demo_mes', 'mc_log') }} as l
    left join {{ landed('demo_mes', 'resource') }} as r on r.res_id = l.res_id and r._source = l._source
)
select {{ canonical_columns('mes_equipment_state') }} from mapped
