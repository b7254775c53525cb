-- Works of productions. Tryton plans no time per work and keeps how long cycles took, never when:
-- so there is an actual duration, no planned run time and no machine state.
with cycles as (
    select
        _source,
        work,
        sum({{ tryton74_seconds('duration') }}) as duration_s
    from {{ landed('tryton74', 'production_work_cycle') }} as c
    where state = 'done'
    group by _source, work
),

works as (
    select
        w.*,
        row_number() over (
            partition by w._source, w.production order by w.sequence nulls last, w.id
        ) as op_seq,
        count(*) over (partition by w._source, w.production) as op_count
    from {{ landed('tryton74', 'production_work') }} as w
),

mapped as (
    select
        o.order_no,
        w.op_seq,
        w.op_seq = w.op_count as is_final,
        case when w.work_center is null then o.equipment_code else {{ source_code('w', 'wc', 'w.work_center') }} end as equipment_code,
        null as pri_s,
        null as std_time_min,
        c.duration_s / 60 as act_time_min,
        null as setup_min,
        null as started_at,
        null as finished_at,
        {{ lineage('w', pk='w.id', changed_at=tryton74_changed_at('w')) }}
    from works as w
    inner join {{ tryton74_production() }} as o
        on w._source = o._source and w.production = o.id
    left join cycles as c
        on w._source = c._source and w.id = c.work
)

select {{ canonical_columns('mes_operation') }} from mapped
