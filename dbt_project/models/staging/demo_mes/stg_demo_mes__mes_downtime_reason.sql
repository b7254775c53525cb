-- Reason groups of the vendor: 1 planned, 2 failure, 3 changeover, 4 scrap, 5 minor stop.
with mapped as (
    select
        l.rsn_code as reason_code,
        l.rsn_text as name,
        case l.rsn_grp when 1 then 'planned' when 3 then 'changeover' when 4 then 'scrap' else 'unplanned' end as kind,
        case l.rsn_grp when 4 then 'quality' when 1 then null else 'availability' end as loss_category,
        case l.rsn_grp when 2 then 'ADET' when 5 then 'ADET' when 3 then 'AUST' when 4 then 'SQ' end as iso22400_class,
        {{ lineage('l', pk="l.rsn_code", changed_at="cast(l.upd_utc as timestamp)") }}
    from {{ landed('demo_mes', 'reason') }} as l
)
select {{ canonical_columns('mes_downtime_reason') }} from mapped
