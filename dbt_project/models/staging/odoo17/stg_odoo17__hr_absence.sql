-- Approved leave that nobody planned: of a type that takes no days off an entitlement, is not paid
-- back in overtime and is not asked for as unpaid. In Odoo's own set of types that is sick leave.
with mapped as (
    select
        'leave-' || l.id as absence_id,
        {{ source_code('l', 'e', 'l.employee_id') }} as emp_no,
        l.request_date_from as start_date,
        l.request_date_to as end_date,
        l.number_of_days as days,
        case when t.support_document then 'sickness' else 'other' end as kind,
        {{ lineage('l', pk='l.id', changed_at='l.write_date', is_deleted='not coalesce(l.active, true)') }}
    from {{ landed('odoo17', 'hr_leave') }} as l
    inner join {{ landed('odoo17', 'hr_leave_type') }} as t
        on l._source = t._source and l.holiday_status_id = t.id
    where l.state = 'validate' and l.employee_id is not null
        and t.requires_allocation = 'no' and t.time_type = 'leave'
        and not coalesce(t.overtime_deductible, false) and not coalesce(t.unpaid, false)
)

select {{ canonical_columns('hr_absence') }} from mapped
