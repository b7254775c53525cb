-- Tryton stores units of a currency per unit of its base currency; here it is turned round and
-- based on the enterprise's currency.
with rates as (
    select r.*, c.code as currency_code
    from {{ landed('tryton74', 'currency_currency_rate') }} as r
    inner join {{ landed('tryton74', 'currency_currency') }} as c
        on r._source = c._source and r.currency = c.id
    where r.rate > 0
),

own as (
    select
        _source,
        rate,
        date as valid_from,
        lead(date) over (partition by _source order by date) as valid_to
    from rates
    where currency_code = '{{ var('enterprise').currency }}'
),

mapped as (
    select
        r.currency_code as currency,
        r.date as valid_from,
        cast(o.rate as double) / cast(r.rate as double) as rate,
        {{ lineage('r', pk='r.id', changed_at=tryton74_changed_at('r')) }}
    from rates as r
    inner join own as o
        on r._source = o._source and o.valid_from <= r.date
        and (o.valid_to is null or r.date < o.valid_to)
    where r.currency_code <> '{{ var('enterprise').currency }}'
)

select {{ canonical_columns('erp_exchange_rate') }} from mapped
