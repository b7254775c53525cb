-- grain: one row per machine, shift or day, and piece of a state; pieces of a machine never overlap
-- additive: duration_s
-- The reported states of a machine put in order and cut where its calendar does. Where states overlap,
-- the more serious one wins. Time inside a shift without any state is NODATA, never production.
{{ config(meta={'recompute': 'nodes'}) }}
-- depends_on: {{ ref('dim_organization') }} {{ ref('state_day') }}
{%- set scope = make_states_scope() %}
with calendar as (
    select node_id, min(start_ts) as first_ts
    from {{ ref('calendar_slot') }}
    group by node_id
),

observed as (
    select
        state.equipment_code as node_id,
        state.start_ts as reported_ts,
        greatest(state.start_ts, calendar.first_ts) as start_ts,
        state.end_ts,
        state.state,
        state.reason_code,
        state.order_no,
        state.source_system,
        state.source_pk,
        state.batch_id
    from {{ live('mes_equipment_state') }} as state
    inner join calendar on calendar.node_id = state.equipment_code
    {%- if scope %}
    inner join {{ scope }} as scope
        on scope.node_id = state.equipment_code
        and (
            state.start_ts >= scope.read_from
            or state.end_ts >= scope.read_from
            or state.start_ts = scope.last_before
        )
        and (state.start_ts < scope.read_until or state.start_ts = scope.first_after)
    {%- endif %}
    where
        state.start_ts < {{ as_of() }}
        {%- if scope %}
        and state.start_ts between {{ scope_bound('first_start') }} and {{ scope_bound('last_start') }}
        {%- endif %}
        and (state.end_ts is null or state.end_ts > greatest(state.start_ts, calendar.first_ts))
),

followed as (
    select *, lead(start_ts) over (partition by node_id order by reported_ts, source_system) as next_start
    from observed
),

-- A state without end lasts until the next one is reported, the last one until as_of.
bounded as (
    select
        node_id,
        start_ts,
        least(coalesce(end_ts, next_start, {{ as_of() }}), {{ as_of() }}) as end_ts,
        coalesce(next_start, {{ as_of() }}) as next_start,
        state,
        reason_code,
        order_no,
        source_system,
        source_pk,
        batch_id
    from followed
),

-- A state that lasts beyond the next one's start is in dispute, and so is every state that begins
-- before its end. They are found by the hour: a running maximum over all states takes far longer.
contested_hour as (
    select
        lasting.node_id,
        {{ add_interval("date_trunc('hour', lasting.start_ts)", 'n.number', 'hour') }} as hour_ts,
        lasting.start_ts,
        lasting.end_ts
    from (select * from bounded where end_ts > next_start) as lasting
    {{ lateral_integers('0', hours_between("date_trunc('hour', lasting.start_ts)", 'lasting.end_ts'), 'n', 'number') }}
),

contested as (
    select distinct bounded.node_id, bounded.start_ts
    from bounded
    inner join contested_hour
        on contested_hour.node_id = bounded.node_id
        and contested_hour.hour_ts = date_trunc('hour', bounded.start_ts)
        and contested_hour.start_ts <= bounded.start_ts
        and contested_hour.end_ts > bounded.start_ts
),

judged as {{ inlined() }} (
    select bounded.*, (node_id, start_ts) in (select node_id, start_ts from contested) as is_disputed
    from bounded
),

-- Only intervals that overlap another one are taken apart: at every boundary within their island.
covered as (
    select
        *,
        coalesce(
            max(end_ts) over (
                partition by node_id order by start_ts, source_system, source_pk
                rows between unbounded preceding and 1 preceding
            ),
            start_ts
        ) as covered_until
    from judged
    where is_disputed
),

disputed as (
    select
        *,
        sum(case when start_ts >= covered_until then 1 else 0 end) over (
            partition by node_id order by start_ts, source_system, source_pk
            rows between unbounded preceding and current row
        ) as island
    from covered
),

boundary as (
    select node_id, island, start_ts as ts from disputed
    union
    select node_id, island, end_ts as ts from disputed
),

segment as (
    select node_id, island, ts as start_ts, lead(ts) over (partition by node_id, island order by ts) as end_ts
    from boundary
),

contest as (
    select
        disputed.*,
        segment.start_ts as segment_start,
        segment.end_ts as segment_end,
        row_number() over (
            partition by segment.node_id, segment.island, segment.start_ts
            order by
                case disputed.state
                    when 'STOP' then 1
                    when 'SETUP' then 2
                    when 'PLANNED' then 3
                    when 'RUN' then 4
                    when 'IDLE' then 5
                    when 'OFF' then 6
                    else 7
                end,
                disputed.start_ts desc,
                disputed.source_pk desc,
                disputed.source_system
        ) as place
    from segment
    inner join disputed
        on disputed.node_id = segment.node_id
        and disputed.island = segment.island
        and disputed.start_ts <= segment.start_ts
        and disputed.end_ts >= segment.end_ts
),

ended as (
    select node_id, end_ts as silent_from, next_start, source_system, source_pk, batch_id
    from judged
    where not is_disputed

    union all

    select
        node_id, greatest(covered_until, end_ts) as silent_from, next_start,
        source_system, source_pk, batch_id
    from covered
),

timeline as (
    select
        node_id, start_ts, end_ts, state, reason_code, order_no,
        source_system, source_pk, batch_id, false as is_silence,
        {{ seconds_between('start_ts', 'end_ts') }} as whole_s
    from judged
    where not is_disputed and end_ts > start_ts

    union all

    select
        node_id, segment_start as start_ts, segment_end as end_ts, state, reason_code, order_no,
        source_system, source_pk, batch_id, false as is_silence,
        {{ seconds_between('start_ts', 'end_ts') }} as whole_s
    from contest
    where place = 1

    union all

    -- silence after a state, booked under the lineage of the last state before it
    select
        node_id, silent_from as start_ts, least(next_start, {{ as_of() }}) as end_ts,
        'NODATA' as state, null as reason_code, null as order_no,
        source_system, source_pk, batch_id, true as is_silence, null as whole_s
    from ended
    where next_start > silent_from and silent_from < {{ as_of() }}
),

located as (
    select
        timeline.*,
        hour.end_ts as slot_end_ts,
        hour.shift_id,
        hour.date_day,
        hour.is_scheduled
    from timeline
    inner join {{ ref('calendar_hour') }} as hour
        on {{ in_hour('timeline.node_id', 'timeline.start_ts') }}
        {%- if scope %}
        and hour.hour_ts between date_trunc('hour', {{ scope_bound('first_start') }}) and {{ scope_bound('last_start') }}
        {%- endif %}
),

-- Most states end in the slot in which they begin; the others go on in those that begin until they end.
piece as (
    select
        node_id, date_day, shift_id, start_ts, least(end_ts, slot_end_ts) as end_ts, state, reason_code,
        order_no, whole_s, is_scheduled, source_system, source_pk, batch_id
    from located
    where shift_id is not null or not is_silence

    union all

    select
        crossing.node_id,
        slot.date_day,
        slot.shift_id,
        slot.start_ts,
        least(crossing.end_ts, slot.end_ts) as end_ts,
        crossing.state,
        crossing.reason_code,
        crossing.order_no,
        crossing.whole_s,
        slot.is_scheduled,
        crossing.source_system,
        crossing.source_pk,
        crossing.batch_id
    from (
        select *, cast(slot_end_ts as date) as next_day, cast(end_ts as date) as last_day
        from located
        where end_ts > slot_end_ts
    ) as crossing
    {{ lateral_integers('0', days_between('crossing.next_day', 'crossing.last_day'), 'n', 'number') }}
    inner join {{ ref('calendar_slot') }} as slot
        on slot.node_id = crossing.node_id
        and cast(slot.start_ts as date) = cast({{ add_interval('crossing.next_day', 'n.number', 'day') }} as date)
        and slot.start_ts >= crossing.slot_end_ts
        and slot.start_ts < crossing.end_ts
    where slot.shift_id is not null or not crossing.is_silence
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
    cast({{ seconds_between('start_ts', 'end_ts') }} as decimal(18,6)) as duration_s,
    cast(whole_s as decimal(18,6)) as whole_s,
    source_system,
    source_pk,
    batch_id
from piece
