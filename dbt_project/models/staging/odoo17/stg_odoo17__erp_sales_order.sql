-- The untaxed amount of each order. Orders with down payments are left out: those lines are no sales.
with mapped as (
    select
        o.name as order_no,
        o.date_order as ordered_at,
        o.amount_untaxed as net_amount,
        c.name as currency,
        {{ lineage('o', pk='o.id', changed_at='o.write_date') }}
    from {{ landed('odoo17', 'sale_order') }} as o
    inner join {{ landed('odoo17', 'res_currency') }} as c
        on o._source = c._source and o.currency_id = c.id
    where not exists (
        select 1
        from {{ landed('odoo17', 'sale_order_line') }} as l
        where l._source = o._source and l.order_id = o.id
            and (coalesce(l.is_downpayment, false) or l.product_uom_qty < 0)
    )
)

select {{ canonical_columns('erp_sales_order') }} from mapped
