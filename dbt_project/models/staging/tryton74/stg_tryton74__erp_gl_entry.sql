-- Lines of posted entries; off-balance accounts are left out. An entry that closes a year turns the
-- income statement into equity: it is neither income nor expense. A company that does not post its
-- stock moves (Tryton's default) has a ledger that does not know the cost of what was sold: bills
-- of goods are expense there. Tryton knows it all the same, on each move. So until a company posts
-- its first stock move, bills of goods go to stock, and each delivery and return posts its cost
-- against stock. From then on bills, and what stock moves post to the income statement, are
-- together the cost of sales.
with stock_accounting as (
    select _source, company, min(date) as first_day
    from {{ landed('tryton74', 'account_move') }}
    where state = 'posted' and origin like 'stock.move,%'
    group by _source, company
),

goods_bills as (
    select l._source, l.id
    from {{ landed('tryton74', 'account_invoice_line') }} as l
    inner join {{ landed('tryton74', 'account_invoice') }} as n
        on l._source = n._source and l.invoice = n.id
    inner join {{ tryton74_item() }} as i
        on l._source = i._source and l.product = i.id
    where n.type = 'in' and i.type = 'goods'
),

ledger as (
    select
        l.*,
        m.date, a.code, a.name as account_name, c.currency, c.site_code,
        greatest({{ tryton74_changed_at('l') }}, {{ tryton74_changed_at('m') }}) as changed_at,
        case
            when a.statement = 'income' and j.type = 'situation' then 'equity'
            when a.statement = 'income' and g.id is not null then
                case when s.first_day <= m.date then 'cogs' else 'inventory' end
            when a.statement = 'income' and m.origin like 'stock.move,%' then 'cogs'
            else a.account_class
        end as account_class
    from {{ landed('tryton74', 'account_move_line') }} as l
    inner join {{ landed('tryton74', 'account_move') }} as m
        on l._source = m._source and l.move = m.id
    inner join {{ tryton74_account() }} as a
        on l._source = a._source and l.account = a.id
    inner join {{ tryton74_company() }} as c
        on m._source = c._source and m.company = c.id
    left join {{ landed('tryton74', 'account_journal') }} as j
        on m._source = j._source and m.journal = j.id
    left join stock_accounting as s
        on m._source = s._source and m.company = s.company
    left join goods_bills as g
        on l._source = g._source and {{ tryton74_reference('l.origin', 'account.invoice.line') }} = g.id
    where m.state = 'posted' and a.statement <> 'off-balance'
),

cost_of_sales as (
    select
        m.*,
        side.account_class,
        case when (m.to_type = 'customer') = (side.account_class = 'cogs') then 1 else -1 end
        * {{ product('m.qty', 6, 'coalesce(m.cost_price, 0)', 6, 'decimal(18,4)') }} as balance
    from {{ tryton74_move() }} as m
    left join stock_accounting as s
        on m._source = s._source and m.company = s.company
    cross join (
        select 'cogs' as account_class
        union all
        select 'inventory' as account_class
    ) as side
    where (m.to_type = 'customer') <> (m.from_type = 'customer')
        and m.item_type = 'goods' and (s.first_day is null or m.date < s.first_day)
),

mapped as (
    select
        'line-' || l.id as entry_line_id,
        'move-' || l.move as entry_id,
        l.date as posting_date,
        l.code as account_code,
        l.account_name,
        l.account_class,
        greatest(l.debit - l.credit, 0) as debit,
        greatest(l.credit - l.debit, 0) as credit,
        l.currency,
        l.site_code as cost_center_code,
        null as order_no,
        null as reversal_of,
        {{ lineage('l', pk="'account_move_line/' || l.id", changed_at='l.changed_at') }}
    from ledger as l
    union all
    select
        'stock-' || m.id || '-' || m.account_class as entry_line_id,
        'stock-' || m.id as entry_id,
        m.date as posting_date,
        'stock-' || m.account_class as account_code,
        'Stock moves not posted' as account_name,
        m.account_class,
        greatest(m.balance, 0) as debit,
        greatest(-m.balance, 0) as credit,
        m.currency,
        m.site_code as cost_center_code,
        null as order_no,
        null as reversal_of,
        {{ lineage('m', pk="'stock_move/' || m.id", changed_at='m.changed_at') }}
    from cost_of_sales as m
)

select {{ canonical_columns('erp_gl_entry') }} from mapped
