-- Movement types of the vendor; quantities are unsigned, the direction stands beside them.
with mapped as (
    select
        cast(l.mvno as varchar) as movement_id,
        l.post_dt as posting_date,
        l.ent_ts as entered_at,
        case l.mvt
            when '101' then 'GR_PROD'
            when '102' then 'REVERSAL'
            when '103' then 'GR_PO'
            when '261' then 'GI_PROD'
            when '551' then 'SCRAP'
            when '601' then 'GI_SO'
            when '653' then 'RETURN'
            when '701' then 'ADJ'
        end as type,
        l.itno as item_code,
        l.uom as uom,
        case when l.dir = '-' then -1 else 1 end * cast(l.qty as decimal(18, 6)) as qty,
        l.sloc as location_code,
        nullif(l.ref, '') as order_no,
        cast(l.rev_of as varchar) as reversal_of,
        {{ lineage('l', pk="l.mvno", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'stk_move') }} as l
)
select {{ canonical_columns('erp_goods_movement') }} from mapped
