-- grain: one row per shift instance whose planned break the states do not show, and state that hides it
-- additive: unseen_s
-- What a shift is busy for longer than its length without the break. It hides in production, which nobody
-- stops a counter for, before it hides in anything that a state says.
{{ config(meta={'recompute': 'days'}) }}
{%- set hiding = ['RUN', 'IDLE', 'STOP', 'SETUP'] %}
with busy as (
    select
        shift_id,
        {%- for state in hiding %}
        sum(case when state = '{{ state }}' then duration_s else 0 end) as {{ state }}_s,
        {%- endfor %}
        sum(duration_s) as busy_s
    from {{ ref('state_piece') }}
    where
        shift_id is not null
        and state in ('{{ hiding | join("', '") }}')
        and {{ in_touched_days('date_day') }}
    group by shift_id
),

unseen as (
    select
        shift.*,
        {%- for state in hiding %}
        busy.{{ state }}_s,
        {%- endfor %}
        busy.busy_s + shift.planned_break_s - {{ seconds_between('shift.start_ts', 'shift.end_ts') }} as whole_s
    from busy
    inner join {{ ref('dim_shift') }} as shift on shift.shift_id = busy.shift_id
    where shift.planned_break_s > 0
)

{%- for state in hiding %}
{{ 'union all' if not loop.first }}
select
    node_id,
    production_date as date_day,
    shift_id,
    start_ts,
    '{{ state }}' as state,
    cast(least({{ state }}_s, whole_s
        {%- for before in hiding[:loop.index0] %} - {{ before }}_s{% endfor %}) as decimal(18,6)) as unseen_s,
    source_system,
    source_pk,
    batch_id
from unseen
where {{ state }}_s > 0 and whole_s
    {%- for before in hiding[:loop.index0] %} - {{ before }}_s{% endfor %} > 0
{%- endfor %}
