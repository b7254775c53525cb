-- Odoo stores units of a currency per unit of the company's; here it is turned round and based on
-- the enterprise's currency. A company's own rates come before those for all companies.
with rates as (
    select
        r.*,
        c.name as currency,
        row_number() over (
            partition by r._source, r.currency_id, r.name order by r.company_id nulls last, r.id
        ) as choice
    from {{ landed('odoo17', 'res_currency_rate') }} as r
    inner join {{ landed('odoo17', 'res_currency') }} as c
        on r._source = c._source and r.currency_id = c.id
    where c.active and r.rate > 0
),

own as (
    select
        _source,
        rate,
        name as valid_from,
        lead(name) over (partition by _source order by name) as valid_to
    from rates
    where choice = 1 and currency = '{{ var('enterprise').currency }}'
),

mapped as (
    select
        r.currency,
        r.name as valid_from,
        cast(o.rate as double) / cast(r.rate as double) as rate,
        {{ lineage('r', pk='r.id', changed_at='r.write_date') }}
    from rates as r
    inner join own as o
        on r._source = o._source and o.valid_from <= r.name
        and (o.valid_to is null or r.name < o.valid_to)
    where r.choice = 1 and r.currency <> '{{ var('enterprise').currency }}'
)

select {{ canonical_columns('erp_exchange_rate') }} from mapped
