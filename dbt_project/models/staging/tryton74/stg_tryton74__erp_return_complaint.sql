-- Complaints that were handed in and not withdrawn. What they concern is the quantity that was granted,
-- else all of what they name: a line, or a whole sale. A kind of reason is no field of Tryton's.
with granted as (
    select _source, complaint, sum(quantity) as quantity, sum(abs(quantity * unit_price)) as amount
    from {{ landed('tryton74', 'sale_complaint_action') }}
    group by _source, complaint
),

sold as (
    select
        l._source, l.id, l.sale, l.product, i.item_code, l.quantity * u.size / i.base_size as qty,
        u.size / i.base_size as factor
    from {{ landed('tryton74', 'sale_line') }} as l
    inner join {{ tryton74_item() }} as i
        on l._source = i._source and l.product = i.id
    inner join {{ tryton74_uom() }} as u
        on l._source = u._source and l.unit = u.id
    where l.type = 'line' and l.quantity > 0
),

whole_sale as (
    select _source, sale, sum(qty) as qty from sold group by _source, sale
),

cases as (
    select
        k.*,
        {{ tryton74_changed_at('k') }} as changed_at,
        {{ tryton74_reference('k.origin', 'sale.sale') }} as sale,
        coalesce(
            {{ tryton74_reference('k.origin', 'sale.line') }}, {{ tryton74_reference('n.origin', 'sale.line') }}
        ) as sale_line
    from {{ landed('tryton74', 'sale_complaint') }} as k
    left join {{ landed('tryton74', 'account_invoice_line') }} as n
        on k._source = n._source and {{ tryton74_reference('k.origin', 'account.invoice.line') }} = n.id
    where k.state not in ('draft', 'cancelled')
),

mapped as (
    select
        'complaint-' || k.id as case_id,
        'complaint' as kind,
        p.party_code as customer_code,
        s.order_no,
        l.item_code,
        null as uom,
        c.site_code,
        coalesce({{ tryton74_instant('k.date', 'k.create_date', 'c.zone') }}, k.create_date) as opened_at,
        case when k.state in ('done', 'rejected') then k.changed_at end as closed_at,
        coalesce(g.quantity * coalesce(l.factor, 1), l.qty, w.qty) as qty,
        g.amount,
        c.currency,
        null as reason_class,
        null as reason,
        {{ lineage('k', pk='k.id', changed_at='k.changed_at') }}
    from cases as k
    inner join {{ tryton74_company() }} as c
        on k._source = c._source and k.company = c.id
    inner join {{ tryton74_party() }} as p
        on k._source = p._source and k.customer = p.id
    left join sold as l
        on k._source = l._source and k.sale_line = l.id
    left join {{ tryton74_sale() }} as s
        on k._source = s._source and coalesce(k.sale, l.sale) = s.id
    left join whole_sale as w
        on k._source = w._source and k.sale = w.sale
    left join granted as g
        on k._source = g._source and k.id = g.complaint
)

select {{ canonical_columns('erp_return_complaint') }} from mapped
