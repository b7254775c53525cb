-- Lines with a product; sections, notes and down payments are none. The promise is the delivery
-- date of the order: without one nothing was promised. Services are never delivered by a transfer,
-- so they carry no promise. Odoo keeps neither a requested date of its own nor earlier promises.
with mapped as (
    select
        o.name as order_no,
        l.id as line_no,
        {{ odoo17_site('o') }} as site_code,
        p.party_code as customer_code,
        i.item_code,
        l.product_uom_qty as qty,
        u.uom_code as uom,
        l.price_subtotal as net_amount,
        c.name as currency,
        o.date_order as ordered_at,
        null as requested_date,
        null as original_promised_date,
        case when i.type <> 'service' then {{ odoo17_local_date('o.commitment_date', 'o') }} end as promised_date,
        case o.state
            when 'draft' then 'draft'
            when 'sent' then 'draft'
            when 'cancel' then 'cancelled'
            else 'confirmed'
        end as status,
        {{ lineage('l', pk='l.id', changed_at='greatest(l.write_date, o.write_date)') }}
    from {{ landed('odoo17', 'sale_order_line') }} as l
    inner join {{ landed('odoo17', 'sale_order') }} as o
        on l._source = o._source and l.order_id = o.id
    inner join {{ odoo17_party() }} as p
        on o._source = p._source and o.partner_id = p.id
    inner join {{ odoo17_item() }} as i
        on l._source = i._source and l.product_id = i.id
    inner join {{ odoo17_uom() }} as u
        on l._source = u._source and l.product_uom = u.id
    inner join {{ landed('odoo17', 'res_currency') }} as c
        on o._source = c._source and o.currency_id = c.id
    where l.display_type is null and not coalesce(l.is_downpayment, false) and l.product_uom_qty >= 0
)

select {{ canonical_columns('erp_sales_order_line') }} from mapped
