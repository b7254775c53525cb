-- The vendor keeps the whole hierarchy in one tree. Rated speeds of machines that count in grams
-- are per 1,000 g, which is the base unit of what they make.
with mapped as (
    select
        l.res_code as equipment_code,
        l.res_name as name,
        case l.res_kind when 1 then 'site' when 2 then 'area' when 3 then 'line' when 4 then 'machine' end as level,
        p.res_code as parent_code,
        l.tz as time_zone,
        case when l.rate_uom = 'G' then l.rate_ph * 0.001 else l.rate_ph end as ideal_rate_per_h,
        l.cost_ct_ph * 0.01 as cost_per_h,
        l.erp_wc as erp_workcenter_code,
        {{ lineage('l', pk="l.res_id", changed_at="cast(l.upd_utc as timestamp)") }}
    from {{ landed('demo_mes', 'resource') }} as l
    left join {{ landed('demo_mes', 'resource') }} as p on p.res_id = l.parent_res and p._source = l._source
)
select {{ canonical_columns('mes_equipment') }} from mapped
