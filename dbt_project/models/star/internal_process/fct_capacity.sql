-- grain: one row per machine with a rated speed and shift instance that has begun
-- additive over shifts: pot_s; epc_qty also over machines that make the same unit
-- Equipment production capacity (EPC) is what the machine makes at its rated speed in the planned
-- operation time (POT), breaks included; a shift that is not over counts until as_of.
with elapsed as (
    select
        shift.*,
        node.ideal_rate_per_h,
        {{ seconds_between('shift.start_ts', 'least(shift.end_ts, ' ~ as_of() ~ ')') }} as pot_s
    from {{ ref('dim_shift') }} as shift
    inner join {{ ref('dim_organization') }} as node on node.node_id = shift.node_id
    where node.ideal_rate_per_h > 0 and shift.start_ts < {{ as_of() }}
)

select
    node_id,
    production_date as date_day,
    shift_id,
    pot_s,
    cast({{ product('ideal_rate_per_h', 6, 'pot_s', 6, 'decimal(38,12)') }} / 3600 as decimal(28,12)) as epc_qty,
    source_system,
    source_pk,
    batch_id
from elapsed
