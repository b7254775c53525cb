-- The untaxed amount that Tryton keeps of a sale once it is no quotation any more. Sales with lines that
-- take goods back are left out: those lines are no sales.
with mapped as (
    select
        s.order_no,
        coalesce({{ tryton74_instant('s.sale_date', 's.changed_at', 's.zone') }}, s.create_date) as ordered_at,
        h.untaxed_amount_cache as net_amount,
        c.code as currency,
        {{ lineage('h', pk='h.id', changed_at='s.changed_at') }}
    from {{ landed('tryton74', 'sale_sale') }} as h
    inner join {{ tryton74_sale() }} as s
        on h._source = s._source and h.id = s.id
    inner join {{ landed('tryton74', 'currency_currency') }} as c
        on s._source = c._source and s.currency = c.id
    where h.untaxed_amount_cache is not null
        and not exists (
            select 1
            from {{ landed('tryton74', 'sale_line') }} as l
            where l._source = h._source and l.sale = h.id
                and (l.quantity < 0 or (l.type = 'line' and l.product is null))
        )
)

select {{ canonical_columns('erp_sales_order') }} from mapped
