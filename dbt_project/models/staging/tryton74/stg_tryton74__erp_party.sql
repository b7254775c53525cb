-- Whoever sold to us or bought from us: Tryton's parties have no role of their own, and employees are
-- parties, too. Names are not read, because Tryton does not tell persons from companies.
with documents as (
    select _source, party, true as is_sale from {{ landed('tryton74', 'sale_sale') }}
    union
    select _source, party, type = 'out' as is_sale from {{ landed('tryton74', 'account_invoice') }}
    union
    select _source, customer as party, true as is_sale from {{ landed('tryton74', 'sale_complaint') }}
    union
    select _source, party, false as is_sale from {{ landed('tryton74', 'purchase_purchase') }}
),

roles as (
    select _source, party, bool_or(is_sale) as is_customer, bool_or(not is_sale) as is_supplier
    from documents
    group by _source, party
),

countries as (
    select
        a._source, a.party, c.code,
        row_number() over (
            partition by a._source, a.party order by a.active desc, a.sequence nulls last, a.id
        ) as choice
    from {{ landed('tryton74', 'party_address') }} as a
    inner join {{ landed('tryton74', 'country_country') }} as c
        on a._source = c._source and a.country = c.id
),

mapped as (
    select
        p.party_code,
        p.party_code as name,
        r.is_customer,
        r.is_supplier,
        c.code as country,
        {{ local_date('p.create_date', source_zone('p._source')) }} as since,
        {{ lineage('p', pk='p.id', changed_at='p.changed_at') }}
    from {{ tryton74_party() }} as p
    inner join roles as r
        on p._source = r._source and p.id = r.party
    left join countries as c
        on p._source = c._source and p.id = c.party and c.choice = 1
)

select {{ canonical_columns('erp_party') }} from mapped
