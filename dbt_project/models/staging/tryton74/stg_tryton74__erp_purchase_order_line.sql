-- Lines with a product; negative ones send goods back. The promise is the line's own day where
-- someone wrote one, else the purchase's. Receipts and what went back come from the moves, counted in
-- the item's base unit. A line is complete on the day its quantity was reached.
with orders as (
    select
        l._source, l.id, l.product, l.purchase, l.unit_price, l._batch, l._extracted_at,
        greatest({{ tryton74_changed_at('l') }}, o.changed_at) as changed_at,
        {{ tryton74_ordered_at('o', 'o.purchase_date') }} as ordered_at,
        l.quantity as ordered,
        cast(l.quantity * u.size / i.base_size as decimal(18,6)) as qty,
        i.item_code, i.base_uom,
        case
            when i.type = 'service' then null
            when l.delivery_date_edit then l.delivery_date_store
            else o.delivery_date
        end as promised_date,
        o.po_no, o.site_code, o.party, o.currency, o.state
    from {{ landed('tryton74', 'purchase_line') }} as l
    inner join {{ tryton74_purchase() }} as o
        on l._source = o._source and l.purchase = o.id
    inner join {{ tryton74_item() }} as i
        on l._source = i._source and l.product = i.id
    inner join {{ tryton74_uom() }} as u
        on l._source = u._source and l.unit = u.id
    where l.type = 'line'
),

running as (
    select
        m._source,
        m.purchase_line,
        m.date,
        case when m.from_type = 'supplier' then m.qty else 0 end as received,
        case when m.from_type = 'supplier' then 0 else m.qty end as sent_back,
        sum(case when m.from_type = 'supplier' then m.qty else 0 end) over (
            partition by m._source, m.purchase_line order by m.date
            range between unbounded preceding and current row
        ) as received_by_then
    from {{ tryton74_move() }} as m
    where (m.from_type = 'supplier') <> (m.to_type = 'supplier')
),

receipts as (
    select
        o._source,
        o.id,
        sum(r.received) as received,
        sum(r.sent_back) as sent_back,
        min(case when r.received_by_then >= o.qty then r.date end) as complete_date
    from running as r
    inner join orders as o
        on r._source = o._source and r.purchase_line = o.id
    group by o._source, o.id
),

mapped as (
    select
        o.po_no,
        o.id as line_no,
        o.site_code,
        p.party_code as supplier_code,
        o.item_code,
        o.base_uom as uom,
        o.qty,
        coalesce(r.received, 0) as qty_received,
        coalesce(r.sent_back, 0) as qty_rejected,
        o.ordered_at,
        o.promised_date,
        r.complete_date as received_date,
        {{ product('o.ordered', 6, 'o.unit_price', 6, 'decimal(18,4)') }} as net_amount,
        c.code as currency,
        {{ tryton74_order_status('o.state') }} as status,
        {{ lineage('o', pk='o.id', changed_at='o.changed_at') }}
    from orders as o
    inner join {{ tryton74_party() }} as p
        on o._source = p._source and o.party = p.id
    inner join {{ landed('tryton74', 'currency_currency') }} as c
        on o._source = c._source and o.currency = c.id
    left join receipts as r
        on o._source = r._source and o.id = r.id
    where o.ordered >= 0
)

select {{ canonical_columns('erp_purchase_order_line') }} from mapped
