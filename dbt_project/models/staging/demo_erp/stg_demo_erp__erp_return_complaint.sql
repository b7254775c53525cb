-- K is a complaint, R a return; reason groups: Q quality, D damage, P papers, L late, O other.
with mapped as (
    select
        l.caseno as case_id,
        case l.kind when 'K' then 'complaint' when 'R' then 'return' end as kind,
        l.pno as customer_code,
        nullif(l.sono, '') as order_no,
        l.itno as item_code,
        l.uom as uom,
        l.werks as site_code,
        l.open_ts as opened_at,
        nullif(l.close_ts, '') as closed_at,
        l.qty as qty,
        l.amt as amount,
        l.ccy as currency,
        case l.rgrp when 'Q' then 'quality' when 'D' then 'damage' when 'P' then 'documentation' when 'L' then 'delivery' else 'other' end as reason_class,
        l.rgrp as reason,
        {{ lineage('l', pk="l.caseno", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'service_case') }} as l
)
select {{ canonical_columns('erp_return_complaint') }} from mapped
