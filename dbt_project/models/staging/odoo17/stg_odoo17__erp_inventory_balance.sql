-- Stock and value of each company after each day on which a valuation layer moved it; the layer
-- counts on the day of its stock move. Odoo values stock by company, not by location.
with layers as (
    select
        v.*,
        {{ odoo17_local_date('coalesce(m.date, v.create_date)', 'v') }} as as_of_date
    from {{ landed('odoo17', 'stock_valuation_layer') }} as v
    left join {{ landed('odoo17', 'stock_move') }} as m
        on v._source = m._source and v.stock_move_id = m.id
),

days as (
    select
        _source, company_id, product_id, as_of_date,
        sum(quantity) as quantity,
        sum(value) as value,
        max(coalesce(write_date, create_date)) as write_date,
        max(_batch) as _batch,
        max(_extracted_at) as _extracted_at
    from layers
    group by _source, company_id, product_id, as_of_date
),

balances as (
    select
        d.*,
        sum(quantity) over (
            partition by _source, company_id, product_id order by as_of_date
            rows between unbounded preceding and current row
        ) as quantity_balance,
        sum(value) over (
            partition by _source, company_id, product_id order by as_of_date
            rows between unbounded preceding and current row
        ) as value_balance
    from days as d
),

mapped as (
    select
        i.item_code,
        {{ odoo17_site('b') }} as location_code,
        {{ odoo17_site('b') }} as site_code,
        b.as_of_date,
        i.base_uom as uom,
        b.quantity_balance as qty,
        b.value_balance as value,
        c.name as currency,
        {{ lineage('b', pk="b.company_id || '/' || b.product_id || '/' || b.as_of_date", changed_at='b.write_date') }}
    from balances as b
    inner join {{ odoo17_item() }} as i
        on b._source = i._source and b.product_id = i.id
    inner join {{ landed('odoo17', 'res_company') }} as o
        on b._source = o._source and b.company_id = o.id
    inner join {{ landed('odoo17', 'res_currency') }} as c
        on o._source = c._source and o.currency_id = c.id
)

select {{ canonical_columns('erp_inventory_balance') }} from mapped
