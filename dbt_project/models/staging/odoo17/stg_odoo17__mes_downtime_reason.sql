-- Loss reasons of the time logs, without "fully productive".
with mapped as (
    select
        r.reason_code,
        r.name,
        case when r.is_setup then 'changeover' else 'unplanned' end as kind,
        r.loss_type as loss_category,
        case
            when r.is_setup then 'AUST'
            when r.loss_type = 'performance' then 'APT'
            else 'ADET'
        end as iso22400_class,
        {{ lineage('r', pk='r.id', changed_at='r.write_date') }}
    from {{ odoo17_loss() }} as r
    where r.loss_type <> 'productive'
)

select {{ canonical_columns('mes_downtime_reason') }} from mapped
