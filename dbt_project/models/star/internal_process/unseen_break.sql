-- grain: one row per shift instance whose planned break the states do not show, and state that hides it
-- additive: unseen_s
-- What a shift is busy for longer than its length without the break. It hides in production, which nobody
-- stops a counter for, before it hides in anything that a state says.
{{ config(meta={'recompute': 'days'}) }}
with busy as (
    select
        shift_id,
        state,
        case state when 'RUN' then 1 when 'IDLE' then 2 when 'STOP' then 3 else 4 end as place,
        sum(duration_s) as state_s
    from {{ ref('state_piece') }}
    where
        shift_id is not null
        and state in ('RUN', 'SETUP', 'STOP', 'IDLE')
        and {{ in_touched_days('date_day') }}
    group by shift_id, state
),

ordered as (
    select
        busy.*,
        sum(state_s) over (partition by shift_id) as busy_s,
        sum(state_s) over (partition by shift_id order by place rows unbounded preceding) - state_s as before_s
    from busy
),

unseen as (
    select
        shift.*,
        ordered.state,
        least(
            ordered.state_s,
            ordered.busy_s + shift.planned_break_s - {{ seconds_between('shift.start_ts', 'shift.end_ts') }}
                - ordered.before_s
        ) as unseen_s
    from ordered
    inner join {{ ref('dim_shift') }} as shift on shift.shift_id = ordered.shift_id
    where shift.planned_break_s > 0
)

select
    node_id,
    production_date as date_day,
    shift_id,
    start_ts,
    state,
    cast(unseen_s as decimal(18,6)) as unseen_s,
    source_system,
    source_pk,
    batch_id
from unseen
where unseen_s > 0
