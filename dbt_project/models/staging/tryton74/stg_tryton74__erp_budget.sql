-- The newest budget of each company and fiscal year. A line is spread over its periods by their
-- ratios, or evenly over the months of the year where it has none. Tryton budgets debit less
-- credit, so income is negative there.
with current_budgets as (
    select b._source, b.id, b.company, f.start_date, f.end_date
    from (
        select
            b.*,
            row_number() over (partition by b._source, b.company, b.fiscalyear order by b.id desc) as choice
        from {{ landed('tryton74', 'account_budget') }} as b
    ) as b
    inner join {{ landed('tryton74', 'account_fiscalyear') }} as f
        on b._source = f._source and b.fiscalyear = f.id
    where b.choice = 1
),

lines as (
    select
        l._source, l.id, l.amount, l._batch, l._extracted_at,
        {{ tryton74_changed_at('l') }} as changed_at,
        b.company, b.start_date, b.end_date,
        coalesce(a.code, 'type-' || l.account_type) as account_code,
        coalesce(a.account_class, {{ tryton74_account_class('t', 'd.fs_id') }}) as account_class
    from {{ landed('tryton74', 'account_budget_line') }} as l
    inner join current_budgets as b
        on l._source = b._source and l.budget = b.id
    left join {{ tryton74_account() }} as a
        on l._source = a._source and l.account = a.id
    left join {{ landed('tryton74', 'account_account_type') }} as t
        on l._source = t._source and l.account_type = t.id
    left join {{ tryton74_type_template() }} as d
        on t._source = d._source and t.template = d.id
    where l.amount is not null and (l.account is not null or l.account_type is not null)
),

portions as (
    select
        l._source, l.id, l.company, l.account_code, l.account_class, l.changed_at, l._batch, l._extracted_at,
        {{ product('l.amount', 6, 'r.ratio', 12, 'decimal(18,4)') }} as amount, p.start_date, p.end_date
    from lines as l
    inner join {{ landed('tryton74', 'account_budget_line_period') }} as r
        on l._source = r._source and l.id = r.budget_line
    inner join {{ landed('tryton74', 'account_period') }} as p
        on r._source = p._source and r.period = p.id
    union all
    select
        l._source, l.id, l.company, l.account_code, l.account_class, l.changed_at, l._batch, l._extracted_at,
        l.amount, l.start_date, l.end_date
    from lines as l
    where not exists (
        select 1 from {{ landed('tryton74', 'account_budget_line_period') }} as r
        where r._source = l._source and r.budget_line = l.id
    )
),

counted as (
    select
        p.*,
        cast(date_trunc('month', p.start_date) as date) as first_month,
        (extract(year from p.end_date) - extract(year from p.start_date)) * 12
        + extract(month from p.end_date) - extract(month from p.start_date) + 1 as months
    from portions as p
),

spread as (
    select
        p._source, p.id, p.company, p.account_code, p.account_class,
        cast({{ add_interval('p.first_month', 'm.number', 'month') }} as date) as period_start,
        sum({{ spread('cast(p.amount as decimal(18,4))', '(m.number + 1)', 'p.months', 'decimal(18,4)') }}) as amount,
        max(p.changed_at) as changed_at,
        max(p._batch) as _batch,
        max(p._extracted_at) as _extracted_at
    from counted as p
    {{ lateral_integers('0', 'p.months - 1', 'm', 'number') }}
    group by all
),

mapped as (
    select
        s.account_code,
        s.account_class,
        s.period_start,
        c.site_code as cost_center_code,
        'current' as version,
        case when s.account_class in ('revenue', 'other_income') then -s.amount else s.amount end as amount,
        c.currency,
        {{ lineage('s', pk="s.id || '/' || s.period_start", changed_at='s.changed_at') }}
    from spread as s
    inner join {{ tryton74_company() }} as c
        on s._source = c._source and s.company = c.id
)

select {{ canonical_columns('erp_budget') }} from mapped
