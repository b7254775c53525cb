-- A cost centre belongs to a plant or a line; head office belongs to none.
with mapped as (
    select
        l.ccno as cost_center_code,
        l.name as name,
        nullif(l.obj, '') as equipment_code,
        {{ lineage('l', pk="l.ccno", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'costctr') }} as l
)
select {{ canonical_columns('erp_cost_center') }} from mapped
