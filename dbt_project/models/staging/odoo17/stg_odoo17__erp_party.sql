-- Companies and private customers behind orders and invoices, never their contacts and addresses.
-- A private person has no company name in Odoo and is called by code.
with sold_to as (
    select distinct p._source, p.party_id
    from {{ landed('odoo17', 'sale_order') }} as o
    inner join {{ odoo17_party() }} as p
        on o._source = p._source and o.partner_id = p.id
),

bought_from as (
    select distinct p._source, p.party_id
    from {{ landed('odoo17', 'purchase_order') }} as o
    inner join {{ odoo17_party() }} as p
        on o._source = p._source and o.partner_id = p.id
),

rated_by as (
    select distinct p._source, p.party_id
    from {{ landed('odoo17', 'rating_rating') }} as r
    inner join {{ odoo17_party() }} as p
        on r._source = p._source and r.partner_id = p.id
),

roles as (
    select
        c.*,
        p.party_code,
        coalesce(c.customer_rank, 0) > 0 or s.party_id is not null or r.party_id is not null as is_customer,
        coalesce(c.supplier_rank, 0) > 0 or b.party_id is not null as is_supplier
    from {{ landed('odoo17', 'res_partner') }} as c
    inner join {{ odoo17_party() }} as p
        on c._source = p._source and c.id = p.id and c.id = p.party_id
    left join sold_to as s
        on c._source = s._source and c.id = s.party_id
    left join bought_from as b
        on c._source = b._source and c.id = b.party_id
    left join rated_by as r
        on c._source = r._source and c.id = r.party_id
),

mapped as (
    select
        r.party_code,
        coalesce(case when r.is_company then nullif(r.commercial_company_name, '') end, r.party_code) as name,
        r.is_customer,
        r.is_supplier,
        n.code as country,
        {{ odoo17_local_date('r.create_date', 'r') }} as since,
        {{ lineage('r', pk='r.id', changed_at='r.write_date') }}
    from roles as r
    left join {{ landed('odoo17', 'res_country') }} as n
        on r._source = n._source and r.country_id = n.id
    where r.is_customer or r.is_supplier
)

select {{ canonical_columns('erp_party') }} from mapped
