-- Working time is a percentage of full time.
with mapped as (
    select
        l.persnr as emp_no,
        l.dept as department,
        l.werks as site_code,
        nullif(l.hired_dt, '0000-00-00') as hired_on,
        nullif(l.left_dt, '0000-00-00') as left_on,
        case l.lv_cd when 'V' then 'voluntary' when 'I' then 'involuntary' when 'P' then 'retirement' end as leave_kind,
        l.fte_pct * 0.01 as fte,
        {{ lineage('l', pk="l.persnr", changed_at="cast(l.upd_ts as timestamp)") }}
    from {{ landed('demo_erp', 'emp') }} as l
)
select {{ canonical_columns('hr_employee') }} from mapped
