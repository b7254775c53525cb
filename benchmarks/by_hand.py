"""OEE of every machine as one DuckDB script, as a good analyst would write it for this plant alone.

From the landed Parquet files: the newest version of each row, without those that were deleted, bear
an unknown code or are later than their extraction; overlapping states resolved by severity, silence
as a state of its own, cut at shifts, unseen breaks taken off, ideal time of good pieces, sums per
machine and shift, day and month. It leaves the two facts behind, too, so that somebody can ask
which rows made a number: the key of the source's row and its batch stand in each. It knows what the
warehouse cannot take for granted: one source, one zone, the shifts of the site, one unit, no codes
to map.

Does not belong here: timing it (`transform`).
"""

from pathlib import Path

import duckdb

SCRIPT = """
set asof_loop_join_threshold = 0;
create temp table shift as
    select start_ts, end_ts, production_date, planned_break_min * 60 as break_s
    from read_parquet('{landing}/batch=*/mes_shift.parquet');
create temp table clock as
    select max(_extracted_at) as as_of
    from read_parquet('{landing}/batch=*/mes_equipment_state.parquet');
create temp table machine as
    select equipment_code as node_id from read_parquet('{landing}/batch=*/mes_equipment.parquet');
create temp table reason as
    select reason_code from read_parquet('{landing}/batch=*/mes_downtime_reason.parquet');
create temp table version as
    select equipment_code as node_id, start_ts, end_ts, state, reason_code, order_no, _op, _seq,
        _extracted_at, regexp_extract(filename, 'batch=([^/]+)', 1) as batch_id
    from read_parquet('{landing}/batch=*/mes_equipment_state.parquet', filename = true);
create table state_time as
with repeated as (
    select hash(node_id, start_ts) as h from version group by 1 having count(*) > 1
),
newest as (
    select * from version where hash(node_id, start_ts) not in (select h from repeated)
    union all
    select * from version where hash(node_id, start_ts) in (select h from repeated)
    qualify row_number() over (partition by node_id, start_ts order by _seq desc) = 1
),
valid as (
    select node_id, start_ts, end_ts, state, reason_code, order_no, batch_id from newest
    where _op <> 'delete' and start_ts < (from clock)
        and start_ts <= _extracted_at + interval 5 minutes
        and node_id in (from machine) and (reason_code is null or reason_code in (from reason))
),
ordered as (
    select *,
        max(end_ts) over (partition by node_id order by start_ts
            rows between unbounded preceding and 1 preceding) as before_ts,
        lead(start_ts) over (partition by node_id order by start_ts) as next_ts
    from valid
),
bounded as (
    select node_id, start_ts, state, reason_code, order_no, batch_id,
        least(coalesce(end_ts, next_ts, (from clock)), (from clock)) as end_ts,
        coalesce(before_ts, start_ts) as before_ts, coalesce(next_ts, (from clock)) as next_ts
    from ordered
),
disputed as (
    select *, sum(case when start_ts >= before_ts then 1 else 0 end)
        over (partition by node_id order by start_ts) as island
    from bounded where start_ts < before_ts or end_ts > next_ts
),
boundary as (
    select node_id, island, start_ts as ts from disputed
    union select node_id, island, end_ts from disputed
),
segment as (
    select node_id, island, ts as start_ts,
        lead(ts) over (partition by node_id, island order by ts) as end_ts
    from boundary
),
settled as (
    select segment.node_id, segment.start_ts, segment.end_ts, state, reason_code, order_no,
        disputed.start_ts as reported_ts, batch_id
    from segment join disputed
        on disputed.node_id = segment.node_id and disputed.island = segment.island
        and disputed.start_ts <= segment.start_ts and disputed.end_ts >= segment.end_ts
    qualify row_number() over (
        partition by segment.node_id, segment.island, segment.start_ts
        order by list_position(['STOP', 'SETUP', 'PLANNED', 'RUN', 'IDLE', 'OFF'], state),
            disputed.start_ts desc
    ) = 1
),
timeline as (
    select node_id, start_ts, end_ts, state, reason_code, order_no,
        start_ts as reported_ts, batch_id
    from bounded
    where start_ts >= before_ts and end_ts <= next_ts and end_ts > start_ts
    union all select * from settled
    union all
    select node_id, greatest(before_ts, end_ts), next_ts, 'NODATA', null, null, start_ts, batch_id
    from bounded where next_ts > greatest(before_ts, end_ts)
),
placed as (
    select timeline.*, shift.start_ts as shift_start, shift.end_ts as shift_end, production_date
    from timeline asof join shift on timeline.start_ts >= shift.start_ts
),
piece as (
    select * exclude (shift_end) from placed where end_ts <= shift_end
    union all
    select placed.* exclude (shift_end) replace (
        greatest(placed.start_ts, shift.start_ts) as start_ts,
        least(placed.end_ts, shift.end_ts) as end_ts,
        shift.start_ts as shift_start,
        shift.production_date as production_date
    )
    from placed join shift
        on shift.start_ts < placed.end_ts and shift.end_ts > placed.start_ts
    where placed.end_ts > placed.shift_end
)
select * exclude (reported_ts, batch_id),
    cast((epoch_us(end_ts) - epoch_us(start_ts)) / 1e6 as decimal(18, 6)) as duration_s,
    case when state in ('RUN', 'SETUP', 'STOP', 'IDLE') then duration_s else 0 end as busy_s,
    node_id || '|' || reported_ts as source_pk, batch_id
from piece;

create temp table busy as
select node_id, shift_start, sum(busy_s) as busy_s
from state_time group by all;

create table production as
with version as (
    select count_id, equipment_code as node_id, order_no, item_code, counted_at, qty_total,
        qty_good, qty_scrap, reason_code, _op, _seq, _extracted_at,
        regexp_extract(filename, 'batch=([^/]+)', 1) as batch_id
    from read_parquet('{landing}/batch=*/mes_production_count.parquet', filename = true)
),
repeated as (select hash(count_id) as h from version group by 1 having count(*) > 1),
newest as (
    select * from version where hash(count_id) not in (select h from repeated)
    union all
    select * from version where hash(count_id) in (select h from repeated)
    qualify row_number() over (partition by count_id order by _seq desc) = 1
),
valid as (
    select * exclude (_op, _seq, _extracted_at) from newest
    where _op <> 'delete' and counted_at <= (from clock)
        and counted_at <= _extracted_at + interval 5 minutes
        and (node_id is null or node_id in (from machine))
        and (reason_code is null or reason_code in (from reason))
)
select valid.*, shift.start_ts as shift_start, shift.production_date,
    qty_good * item.pri_s as good_s
from valid
join read_parquet('{landing}/batch=*/erp_item.parquet') as item using (item_code)
asof join shift on valid.counted_at >= shift.start_ts;

create temp table good as
select node_id, shift_start, sum(good_s) as good_s from production group by all;

create table bench_oee_shift as
select coalesce(busy.node_id, good.node_id) as node_id, shift.start_ts as shift_start,
    production_date as date_day, coalesce(good_s, 0) as good_s,
    cast(coalesce(busy_s - greatest(
        0, busy_s + break_s - (epoch_us(shift.end_ts) - epoch_us(shift.start_ts)) / 1e6
    ), 0) as decimal(18, 6)) as busy_s
from busy full join good using (node_id, shift_start)
join shift on shift.start_ts = coalesce(busy.shift_start, good.shift_start);
create table bench_oee_day as
select node_id, date_day, sum(good_s) as good_s, sum(busy_s) as busy_s
from bench_oee_shift group by all;
create table bench_oee_month as
select node_id, date_trunc('month', date_day) as month, sum(good_s) as good_s, sum(busy_s) as busy_s
from bench_oee_day group by all;
"""


def compute(con: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """Compute `bench_oee_shift`, `_day` and `_month` from a source's landing."""
    con.execute(SCRIPT.replace("{landing}", str(landing)))
