-- The untaxed amount that Tryton stores on a sale that was quoted. Sales that take goods back are left
-- out, as their lines are.
with mapped as (
    select
        s.order_no,
        {{ tryton74_ordered_at('s', 's.sale_date') }} as ordered_at,
        s.untaxed_amount_cache as net_amount,
        c.code as currency,
        {{ lineage('s', pk='s.id', changed_at='s.changed_at') }}
    from {{ tryton74_sale() }} as s
    inner join {{ landed('tryton74', 'currency_currency') }} as c
        on s._source = c._source and s.currency = c.id
    where s.untaxed_amount_cache is not null and not exists (
        select 1
        from {{ landed('tryton74', 'sale_line') }} as l
        where l._source = s._source and l.sale = s.id and l.quantity < 0
    )
)

select {{ canonical_columns('erp_sales_order') }} from mapped
