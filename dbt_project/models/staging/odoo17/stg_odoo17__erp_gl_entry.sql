-- Posted journal items; off-balance accounts are left out. Where stock is valued by hand (Odoo's
-- default), the ledger does not know the cost of what was sold: it holds purchases as expense.
-- Odoo knows it all the same, in valuation layers. So for products whose layers are not posted,
-- bills go to stock, and each delivery and return posts its layer as cost of sales against stock.
with layers as (
    select
        v.*, m.from_usage, m.to_usage, m.date, m.item_code
    from {{ landed('odoo17', 'stock_valuation_layer') }} as v
    inner join {{ odoo17_move() }} as m
        on v._source = m._source and v.stock_move_id = m.id
),

posted_products as (
    select distinct _source, company_id, product_id
    from {{ landed('odoo17', 'stock_valuation_layer') }}
    where account_move_id is not null
),

special_accounts as (
    select
        _source,
        value_reference,
        min(case when name = 'property_stock_valuation_account_id' then 'inventory' else 'wip' end) as account_class
    from {{ landed('odoo17', 'ir_property') }}
    where name in ('property_stock_valuation_account_id', 'property_stock_account_production_cost_id')
    group by _source, value_reference
),

ledger as (
    select
        l.*,
        a.code,
        {{ odoo17_name('a.name') }} as account_name,
        case
            when a.account_type in ('expense', 'expense_direct_cost')
                and m.move_type in ('in_invoice', 'in_refund', 'in_receipt')
                and i.type = 'product' and q.product_id is null then 'inventory'
            else coalesce(
                s.account_class,
                case a.account_type
                    when 'income' then 'revenue'
                    when 'income_other' then 'other_income'
                    when 'expense_direct_cost' then 'cogs'
                    when 'expense' then 'operating_expense'
                    when 'expense_depreciation' then 'depreciation'
                    when 'asset_receivable' then 'receivable'
                    when 'asset_cash' then 'cash'
                    when 'liability_payable' then 'payable'
                    when 'equity' then 'equity'
                    when 'equity_unaffected' then 'equity'
                end,
                case when a.account_type like 'asset%' then 'other_asset' else 'other_liability' end
            )
        end as account_class
    from {{ landed('odoo17', 'account_move_line') }} as l
    inner join {{ landed('odoo17', 'account_move') }} as m
        on l._source = m._source and l.move_id = m.id
    inner join {{ landed('odoo17', 'account_account') }} as a
        on l._source = a._source and l.account_id = a.id
    left join special_accounts as s
        on a._source = s._source and 'account.account,' || a.id = s.value_reference
    left join {{ odoo17_item() }} as i
        on l._source = i._source and l.product_id = i.id
    left join posted_products as q
        on l._source = q._source and l.company_id = q.company_id and l.product_id = q.product_id
    where l.parent_state = 'posted' and a.account_type <> 'off_balance'
),

cost_of_sales as (
    select
        v.*,
        side.account_class,
        case when side.account_class = 'cogs' then -v.value else v.value end as balance
    from layers as v
    cross join (
        select 'cogs' as account_class
        union all
        select 'inventory' as account_class
    ) as side
    where v.account_move_id is null and (v.from_usage = 'customer') <> (v.to_usage = 'customer')
),

mapped as (
    select
        'item-' || l.id as entry_line_id,
        'move-' || l.move_id as entry_id,
        l.date as posting_date,
        l.code as account_code,
        l.account_name,
        l.account_class,
        greatest(l.balance, 0) as debit,
        greatest(-l.balance, 0) as credit,
        c.name as currency,
        {{ odoo17_site('l') }} as cost_center_code,
        null as order_no,
        null as reversal_of,
        {{ lineage('l', pk="'account_move_line/' || l.id", changed_at='l.write_date') }}
    from ledger as l
    inner join {{ landed('odoo17', 'res_currency') }} as c
        on l._source = c._source and l.company_currency_id = c.id
    union all
    select
        'layer-' || v.id || '-' || v.account_class as entry_line_id,
        'layer-' || v.id as entry_id,
        {{ odoo17_local_date('v.date', 'v') }} as posting_date,
        'valuation-' || v.account_class as account_code,
        'Valuation layers not posted' as account_name,
        v.account_class,
        greatest(v.balance, 0) as debit,
        greatest(-v.balance, 0) as credit,
        c.name as currency,
        {{ odoo17_site('v') }} as cost_center_code,
        null as order_no,
        null as reversal_of,
        {{ lineage('v', pk="'stock_valuation_layer/' || v.id", changed_at='v.write_date') }}
    from cost_of_sales as v
    inner join {{ landed('odoo17', 'res_company') }} as o
        on v._source = o._source and v.company_id = o.id
    inner join {{ landed('odoo17', 'res_currency') }} as c
        on o._source = c._source and o.currency_id = c.id
)

select {{ canonical_columns('erp_gl_entry') }} from mapped
