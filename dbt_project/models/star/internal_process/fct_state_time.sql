-- grain: one row per machine, shift or day, and piece of a state; pieces of a machine never overlap
-- additive: every column that ends in _s but whole_s
-- Time elements as in ISO 22400-2: apt = production, aust = set-up, adet = unplanned delay, pbt =
-- planned busy time = apt + aust + adet + idle. Stops and idle time count while the machine is
-- scheduled; without any shift calendar it always is.
-- A planned break that the states do not show is taken off what hides it by a pair of rows that ends when
-- it starts: -x RUN, +x PLANNED.
{{ config(materialized='view') }}
with booked as (
    select
        node_id, date_day, shift_id, start_ts, end_ts, state, reason_code, order_no, is_scheduled,
        duration_s, whole_s, source_system, source_pk, batch_id
    from {{ ref('state_piece') }}

    union all

    select
        pause.node_id, pause.date_day, pause.shift_id, pause.start_ts, pause.start_ts as end_ts,
        case when side.sign < 0 then pause.state else 'PLANNED' end as state, null as reason_code, null as order_no, true as is_scheduled,
        cast(side.sign * pause.unseen_s as decimal(18,6)) as duration_s, null as whole_s,
        pause.source_system, pause.source_pk, pause.batch_id
    from {{ ref('unseen_break') }} as pause
    cross join (select -1 as sign union all select 1 as sign) as side
)

select
    node_id,
    date_day,
    shift_id,
    start_ts,
    end_ts,
    state,
    reason_code,
    order_no,
    is_scheduled,
    duration_s,
    whole_s,
    {{ state_seconds("state = 'RUN'") }} as apt_s,
    {{ state_seconds("state = 'SETUP'") }} as aust_s,
    {{ state_seconds("state = 'STOP' and is_scheduled") }} as adet_s,
    {{ state_seconds("state = 'IDLE' and is_scheduled") }} as idle_s,
    {{ state_seconds("state = 'PLANNED'") }} as planned_down_s,
    {{ state_seconds("state = 'NODATA'") }} as no_data_s,
    {{ state_seconds("state in ('RUN', 'SETUP') or (state in ('STOP', 'IDLE') and is_scheduled)") }} as pbt_s,
    source_system,
    source_pk,
    batch_id
from booked
