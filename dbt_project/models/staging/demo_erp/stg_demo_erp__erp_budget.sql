-- Months are written as YYYY-MM, amounts in cents of the enterprise's currency.
with mapped as (
    select
        l.acct as account_code,
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
        concat(l.period, '-01') as period_start,
        l.ccno as cost_center_code,
        l.vers as version,
        l.amt_ct * 0.01 as amount,
        cast(null as varchar) as currency,
        {{ lineage('l', pk="concat(l.acct, '/', l.period, '/', l.ccno, '/', l.vers)", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'budget') }} as l
    left join {{ landed('demo_erp', 'gl_acct') }} as a on a.acct = l.acct and a._source = l._source
)
select {{ canonical_columns('erp_budget') }} from mapped
