-- Posted customer invoices. Tryton has no credit notes: they are invoices with negative quantities.
with mapped as (
    select
        n.invoice_no,
        l.id as line_no,
        case when l.quantity < 0 then 'credit' else 'invoice' end as type,
        s.order_no,
        c.site_code,
        p.party_code as customer_code,
        i.item_code,
        abs(l.quantity) as qty,
        u.uom_code as uom,
        case when l.quantity < 0 then -1 else 1 end
        * {{ product('l.quantity', 6, 'l.unit_price', 6, 'decimal(18,2)') }} as net_amount,
        k.code as currency,
        coalesce(n.accounting_date, n.invoice_date) as posted_date,
        {{ lineage('l', pk='l.id', changed_at='greatest(' ~ tryton74_changed_at('l') ~ ', ' ~ tryton74_changed_at('n') ~ ')') }}
    from {{ landed('tryton74', 'account_invoice_line') }} as l
    inner join (
        select n.*, {{ natural_code('n', 'n.number', 'invoice') }} as invoice_no
        from {{ landed('tryton74', 'account_invoice') }} as n
        where n.type = 'out' and n.state in ('posted', 'paid')
    ) as n
        on l._source = n._source and l.invoice = n.id
    inner join {{ tryton74_company() }} as c
        on n._source = c._source and n.company = c.id
    inner join {{ tryton74_party() }} as p
        on n._source = p._source and n.party = p.id
    inner join {{ landed('tryton74', 'currency_currency') }} as k
        on n._source = k._source and n.currency = k.id
    left join {{ tryton74_item() }} as i
        on l._source = i._source and l.product = i.id
    left join {{ tryton74_uom() }} as u
        on l._source = u._source and l.unit = u.id
    left join {{ landed('tryton74', 'sale_line') }} as sl
        on l._source = sl._source and {{ tryton74_reference('l.origin', 'sale.line') }} = sl.id
    left join {{ tryton74_sale() }} as s
        on sl._source = s._source and sl.sale = s.id
    where l.type = 'line'
)

select {{ canonical_columns('erp_invoice_line') }} from mapped
