-- Finished goods are ordered in the base unit.
with mapped as (
    select
        l.mono as erp_order_no,
        l.werks as site_code,
        l.itno as item_code,
        l.qty as qty,
        l.uom as uom,
        case l.stat when 'REL' then 'released' when 'CNF' then 'started' when 'DLV' then 'finished' when 'DEL' then 'cancelled' end as status,
        l.due_dt as due_date,
        {{ lineage('l', pk="l.mono", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'mfg_order') }} as l
)
select {{ canonical_columns('erp_production_order') }} from mapped
