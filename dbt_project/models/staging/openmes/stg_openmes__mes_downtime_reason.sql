with mapped as (
    select
        r.reason_code,
        r.name,
        case r.kind when 'scrap' then 'scrap' else coalesce(r.stop_kind, 'unplanned') end as kind,
        case when r.kind = 'scrap' then 'quality' when r.stop_kind <> 'planned' then 'availability' end as loss_category,
        case
            when r.kind = 'scrap' then null
            when r.stop_kind = 'planned' then 'PDOT'
            when r.stop_kind = 'changeover' then 'AUST'
            else 'ADET'
        end as iso22400_class,
        {{ lineage('r', pk="r.kind || '/' || r.id", changed_at='r.updated_at', is_deleted='r.deleted_at is not null') }}
    from {{ openmes_reason() }} as r
)

select {{ canonical_columns('mes_downtime_reason') }} from mapped
