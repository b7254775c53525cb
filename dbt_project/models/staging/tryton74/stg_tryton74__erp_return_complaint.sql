-- Complaints that were handed in and not withdrawn. What Tryton grants for one is a sale of its own.
-- A kind of reason is no field of Tryton's.
with granted as (
    select _source, complaint, sum(abs(quantity * unit_price)) as amount
    from {{ landed('tryton74', 'sale_complaint_action') }}
    group by _source, complaint
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
        i.item_code,
        null as uom,
        c.site_code,
        coalesce({{ tryton74_instant('k.date', 'k.create_date', 'c.zone') }}, k.create_date) as opened_at,
        case when k.state in ('done', 'rejected') then k.changed_at end as closed_at,
        null as qty,
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
    left join {{ landed('tryton74', 'sale_line') }} as l
        on k._source = l._source and k.sale_line = l.id
    left join {{ tryton74_sale() }} as s
        on k._source = s._source and coalesce(k.sale, l.sale) = s.id
    left join {{ tryton74_item() }} as i
        on l._source = i._source and l.product = i.id
    left join granted as g
        on k._source = g._source and k.id = g.complaint
)

select {{ canonical_columns('erp_return_complaint') }} from mapped
