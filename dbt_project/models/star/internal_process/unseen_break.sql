-- grain: one row per shift instance whose planned break the states do not show
-- additive: unseen_s
-- What a shift is busy for longer than its length without the break, but no more than it produced.
{{ config(meta={'recompute': 'days'}) }}
with busy as (
    select
        shift_id,
        sum(duration_s) as busy_s,
        sum(case when state = 'RUN' then duration_s else 0 end) as run_s
    from {{ ref('state_piece') }}
    where
        shift_id is not null
        and state in ('RUN', 'SETUP', 'STOP', 'IDLE')
        and {{ in_touched_days('date_day') }}
    group by shift_id
),

unseen as (
    select
        shift.*,
        least(
            busy.run_s,
            busy.busy_s + shift.planned_break_s - {{ seconds_between('shift.start_ts', 'shift.end_ts') }}
        ) as unseen_s
    from busy
    inner join {{ ref('dim_shift') }} as shift on shift.shift_id = busy.shift_id
    where shift.planned_break_s > 0
)

select
    node_id,
    production_date as date_day,
    shift_id,
    start_ts,
    cast(unseen_s as decimal(18,6)) as unseen_s,
    source_system,
    source_pk,
    batch_id
from unseen
where unseen_s > 0
