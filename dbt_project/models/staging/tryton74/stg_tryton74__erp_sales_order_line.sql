-- Lines with a product; titles, comments and subtotals are none, and negative ones take goods back.
-- The promise is the sale's shipping date: without one nothing was promised. Deliveries carry a
-- planned date that Tryton moves along while they are late. Services are never shipped, so they
-- carry no promise. The first promise is known where the module Sale History is installed.
with first_promise as (
    select _source, id, shipping_date
    from (
        select
            h.*,
            row_number() over (partition by _source, id order by __id) as choice
        from {{ landed('tryton74', 'sale_sale_history') }} as h
        where state in ('confirmed', 'processing', 'done')
    )
    where choice = 1
),

mapped as (
    select
        s.order_no,
        l.id as line_no,
        s.site_code,
        p.party_code as customer_code,
        i.item_code,
        l.quantity as qty,
        u.uom_code as uom,
        {{ product('l.quantity', 6, 'l.unit_price', 6, 'decimal(18,4)') }} as net_amount,
        c.code as currency,
        {{ tryton74_ordered_at('s', 's.sale_date') }} as ordered_at,
        null as requested_date,
        case when i.type <> 'service' then f.shipping_date end as original_promised_date,
        case when i.type <> 'service' then s.shipping_date end as promised_date,
        {{ tryton74_order_status('s.state') }} as status,
        {{ lineage('l', pk='l.id', changed_at='greatest(' ~ tryton74_changed_at('l') ~ ', s.changed_at)') }}
    from {{ landed('tryton74', 'sale_line') }} as l
    inner join {{ tryton74_sale() }} as s
        on l._source = s._source and l.sale = s.id
    inner join {{ tryton74_party() }} as p
        on s._source = p._source and s.party = p.id
    inner join {{ tryton74_item() }} as i
        on l._source = i._source and l.product = i.id
    inner join {{ tryton74_uom() }} as u
        on l._source = u._source and l.unit = u.id
    inner join {{ landed('tryton74', 'currency_currency') }} as c
        on s._source = c._source and s.currency = c.id
    left join first_promise as f
        on s._source = f._source and s.id = f.id
    where l.type = 'line' and l.quantity >= 0
)

select {{ canonical_columns('erp_sales_order_line') }} from mapped
