-- The current standard cost is the row of the cost table that is still valid.
with mapped as (
    select
        l.itno as item_code,
        l.descr as name,
        case l.ityp when 'R' then 'raw' when 'F' then 'finished' when 'S' then 'semi_finished' end as type,
        l.buom as base_uom,
        case l.proc when 'M' then 'make' when 'B' then 'buy' end as make_buy,
        l.grp as category,
        cast(null as decimal(18, 6)) as pri_s,
        c.cost as std_cost_current,
        nullif(l.launch_dt, '0000-00-00') as launched_on,
        {{ lineage('l', pk="l.itno", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'item') }} as l
    left join {{ landed('demo_erp', 'item_cost') }} as c
        on c.itno = l.itno and c._source = l._source and c.valid_to = '9999-12-31'
)
select {{ canonical_columns('erp_item') }} from mapped
