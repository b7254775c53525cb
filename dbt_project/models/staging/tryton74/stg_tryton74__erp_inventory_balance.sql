-- Stock of each company after each day on which it moved or its cost changed, valued at the cost of
-- that day, as Tryton's own report of inventory values does.
with moved as (
    select
        m._source, m.company, m.product, m.date,
        case when m.to_type = 'storage' then m.qty else 0 end
        - case when m.from_type = 'storage' then m.qty else 0 end as qty,
        m.changed_at, m._batch, m._extracted_at
    from {{ tryton74_move() }} as m
    where (m.to_type = 'storage') <> (m.from_type = 'storage')
    union all
    select
        held._source, held.company, held.product, c.valid_from as date, 0 as qty,
        c.changed_at, c._batch, c._extracted_at
    from (
        select m._source, m.company, m.product, min(m.date) as first_day
        from {{ tryton74_move() }} as m
        group by m._source, m.company, m.product
    ) as held
    inner join {{ tryton74_cost() }} as c
        on held._source = c._source and held.product = c.product and held.first_day < c.valid_from
),

days as (
    select
        _source, company, product, date,
        sum(qty) as qty,
        max(changed_at) as changed_at,
        max(_batch) as _batch,
        max(_extracted_at) as _extracted_at
    from moved
    group by _source, company, product, date
),

balances as (
    select
        d._source, d.company, d.product, d.date, d.changed_at, d._batch, d._extracted_at,
        sum(d.qty) over (
            partition by d._source, d.company, d.product order by d.date
            rows between unbounded preceding and current row
        ) as balance
    from days as d
),

mapped as (
    select
        i.item_code,
        c.site_code as location_code,
        c.site_code,
        b.date as as_of_date,
        i.base_uom as uom,
        b.balance as qty,
        {{ product('b.balance', 6, 's.unit_cost', 6, 'decimal(18,4)') }} as value,
        s.currency,
        {{ lineage('b', pk="b.company || '/' || b.product || '/' || b.date", changed_at='b.changed_at') }}
    from balances as b
    inner join {{ tryton74_item() }} as i
        on b._source = i._source and b.product = i.id
    inner join {{ tryton74_company() }} as c
        on b._source = c._source and b.company = c.id
    inner join {{ tryton74_cost() }} as s
        on b._source = s._source and b.product = s.product
        and s.valid_from <= b.date and (s.valid_to is null or b.date < s.valid_to)
)

select {{ canonical_columns('erp_inventory_balance') }} from mapped
