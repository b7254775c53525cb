-- People by number. Tryton keeps the last day at work, neither why someone left nor part time.
with mapped as (
    select
        {{ source_code('e', 'e', 'e.id') }} as emp_no,
        null as department,
        c.site_code,
        e.start_date as hired_on,
        {{ add_interval('e.end_date', 1, 'day') }} as left_on,
        null as leave_kind,
        1 as fte,
        {{ lineage('e', pk='e.id', changed_at=tryton74_changed_at('e')) }}
    from {{ landed('tryton74', 'company_employee') }} as e
    inner join {{ tryton74_company() }} as c
        on e._source = c._source and e.company = c.id
)

select {{ canonical_columns('hr_employee') }} from mapped
