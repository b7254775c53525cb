-- The ledger is kept in cents of the enterprise's currency with a D/C mark; the account group tells
-- the class.
with mapped as (
    select
        cast(l.glid as varchar) as entry_line_id,
        l.docno as entry_id,
        l.post_dt as posting_date,
        l.acct as account_code,
        a.name as account_name,
        case a.grp
            when 'REV' then 'revenue'
            when 'OIN' then 'other_income'
            when 'COG' then 'cogs'
            when 'MAT' then 'material'
            when 'LAB' then 'direct_labour'
            when 'OVH' then 'manufacturing_overhead'
            when 'OPX' then 'operating_expense'
            when 'DEP' then 'depreciation'
            when 'INT' then 'interest'
            when 'TAX' then 'tax'
            when 'REC' then 'receivable'
            when 'PAY' then 'payable'
            when 'INV' then 'inventory'
            when 'CSH' then 'cash'
            when 'FIX' then 'other_asset'
            when 'LIA' then 'other_liability'
            when 'EQU' then 'equity'
            when 'WIP' then 'wip'
        end as account_class,
        case when l.dc = 'D' then l.amt_ct * 0.01 else 0 end as debit,
        case when l.dc = 'C' then l.amt_ct * 0.01 else 0 end as credit,
        cast(null as varchar) as currency,
        l.ccno as cost_center_code,
        nullif(l.ref, '') as order_no,
        cast(l.storno as varchar) as reversal_of,
        {{ lineage('l', pk="l.glid", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'gl_line') }} as l
    left join {{ landed('demo_erp', 'gl_acct') }} as a on a.acct = l.acct and a._source = l._source
)
select {{ canonical_columns('erp_gl_entry') }} from mapped
