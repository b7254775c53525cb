"""A plant's machine events, landed as extraction would land them, without any database.

Machines run in three shifts, by default 240 of them for a year. Four events in five are states, one
is a count. Each month
is a batch, which also brings corrected versions of one row in fifty of the month before. One state
in a hundred overlaps the next, one is followed by a gap. What comes later are the news, the next
hundredth of the time, and late corrections: one row in a hundred of the hundredth before the news.

Does not belong here: measuring (`transform`).
"""

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from models.contract import canonical_tables
from sources.landing import Batch, Manifest, SourceLanding, TableEntry, batch_id_after, sha256

SOURCE, SYSTEM = "plant", "files"
PER_LINE = 10
ITEMS, REASONS = 100, 20
START = datetime(2025, 1, 1)  # noqa: DTZ001 - naive UTC everywhere
MONTHS = 12
NEWS_SHARE = 0.01
STATE_SHARE = 0.8
MEMORY_LIMIT = "4GB"


class Events:
    """The events of the plant, `total` of them before the news."""

    def __init__(self, landing: Path, total: int, *, machines: int = 240, days: int = 365) -> None:
        self._machines, self._days = machines, days
        self._landing = SourceLanding(landing, SOURCE)
        self._landing.folder.mkdir(parents=True, exist_ok=True)
        newest = self._landing.newest()
        self._sequence = newest.last_seq if newest else 0
        self._connection = duckdb.connect(
            config={"memory_limit": MEMORY_LIMIT, "preserve_insertion_order": False}
        )
        self._connection.execute("set TimeZone = 'UTC'")
        year = int(days * 86400 * 1_000_000)
        self._steps = {
            "mes_equipment_state": int(year / (total * STATE_SHARE / machines)),
            "mes_production_count": int(year / (total * (1 - STATE_SHARE) / machines)),
        }

    def land_history(self) -> int:
        """Land the history, a batch a twelfth of it; return the number of rows landed."""
        rows = 0
        for month in range(MONTHS):
            first, last = self._share(month / MONTHS), self._share((month + 1) / MONTHS)
            before = self._share((month - 1) / MONTHS) if month else first
            rows += self._land(first, last, corrected=(before, first), one_in=50)
        return rows

    def land_news(self) -> int:
        """Land what comes next; return the number of rows landed."""
        first, last = self._share(1.0), self._share(1.0 + NEWS_SHARE)
        return self._land(first, last, corrected=(first, first), one_in=1)

    def land_corrections(self) -> int:
        """Land corrections of the days before the news; return the number of rows landed."""
        first, last = self._share(1.0), self._share(1.0 + NEWS_SHARE)
        return self._land(last, last, corrected=(self._share(1 - NEWS_SHARE), first), one_in=100)

    def _share(self, share: float) -> datetime:
        return START + timedelta(seconds=round(self._days * 86400 * share))

    def _land(
        self, first: datetime, last: datetime, *, corrected: tuple[datetime, datetime], one_in: int
    ) -> int:
        newest = self._landing.newest()
        batch_id = batch_id_after(last, newest.batch_id if newest else None)
        batch = Batch(self._landing.folder, batch_id)
        tables, rows = {}, 0
        for name, step in self._steps.items():
            new = self._sql(name, step, first, last, version=0)
            again = self._sql(name, step, *corrected, version=1)
            rows += self._write(
                batch,
                name,
                last,
                f"{new} union all select * from ({again}) where number % {one_in} = 0",
            )
        for name in canonical_tables():
            if not newest and name not in self._steps:
                self._write(batch, name, last, _master(self._machines, self._days).get(name))
            if batch.path(name).exists():
                written = pq.read_metadata(batch.path(name)).num_rows
                tables[name] = TableEntry(
                    query=f"benchmark {name}",
                    key=canonical_tables()[name].key,
                    change="full",
                    columns={},
                    watermark=None,
                    newest_change=None,
                    rows=written,
                    upserts=written,
                    file_sha256=sha256(batch.path(name)),
                )
        batch.commit(
            Manifest(
                source=SOURCE,
                system=SYSTEM,
                batch_id=batch_id,
                extracted_at=last,
                code_version="benchmark",
                previous_manifest_sha256=self._landing.newest_sha256(),
                identity={},
                snapshot={},
                last_seq=self._sequence,
                tables=tables,
            )
        )
        return rows

    def _write(self, batch: Batch, name: str, extracted_at: datetime, sql: str | None) -> int:
        """Write a table's file of a batch: all columns of the contract, in the contract's types."""
        columns = canonical_tables()[name].columns
        known = set(self._connection.execute(f"describe {sql}").df()["column_name"]) if sql else ()
        select = ", ".join(
            f"cast({c if c in known else 'null'} as {column.type.sql}) as {c}"
            for c, column in columns.items()
        )
        (count,) = self._connection.execute(
            f"""
            copy (
                select {select}, 'upsert' as _op,
                    {self._sequence} + row_number() over () as _seq,
                    timestamp '{extracted_at}' as _extracted_at
                from ({sql or "select 1 where false"})
            ) to '{batch.path(name)}' (format parquet, compression zstd)
            """
        ).fetchone()
        self._sequence += count
        return count

    def _sql(self, name: str, step: int, first: datetime, last: datetime, *, version: int) -> str:
        """Events that begin from `first` to before `last`; a later version has other values."""
        begin = "cast((number + 0.8 * (hash(machine, number) % 1000) / 1000) * {step} as bigint)"
        at = f"timestamp '{START}' + to_microseconds({begin.format(step=step)})"
        following = begin.replace("number", "(number + 1)").format(step=step)
        numbered = f"""
            select machine, number, hash(machine, number, {version}) as h, {at} as begun,
                timestamp '{START}' + to_microseconds({following}) as following
            from range({self._machines}) as m (machine),
                range(
                    {int((first - START).total_seconds() * 1e6 // step)},
                    {int((last - START).total_seconds() * 1e6 // step)}
                ) as n (number)
        """
        if name == "mes_equipment_state":
            return f"""
                select number, 'M' || machine as equipment_code, begun as start_ts,
                    case
                        when hash(machine, number) % 100 = 0
                            then following + (following - begun) / 2
                        when hash(machine, number) % 100 = 1 then begun + (following - begun) / 2
                        else following
                    end as end_ts,
                    case
                        when h % 10 < 6 then 'RUN' when h % 10 = 6 then 'SETUP'
                        when h % 10 = 7 then 'STOP' when h % 10 = 8 then 'IDLE' else 'PLANNED'
                    end as state,
                    case when h % 10 = 7 then 'R' || (h // 10) % {REASONS} end as reason_code,
                    'W' || machine || '-' || number // 50 as order_no
                from ({numbered})
            """
        return f"""
            select number, 'C' || machine || '-' || number as count_id,
                'W' || machine || '-' || number // 50 as order_no, 1 as op_seq,
                true as is_final_op, 'M' || machine as equipment_code,
                'I' || machine % {ITEMS} as item_code, begun as counted_at,
                10 + h % 90 as qty_total, 10 + h % 90 - (h // 100) % 5 as qty_good,
                (h // 100) % 5 as qty_scrap, 0 as qty_rework
            from ({numbered})
        """


def _master(machines: int, days: int) -> dict[str, str]:
    """Rows of the tables that are not dated, and of the shift calendar."""
    return {
        "mes_equipment": f"""
            select 'S' as equipment_code, 'Site' as name, 'site' as level, null as parent_code
            union all
            select 'L' || i, 'Line ' || i, 'line', 'S'
            from range({-(-machines // PER_LINE)}) as r (i)
            union all
            select 'M' || i, 'Machine ' || i, 'machine', 'L' || (i // {PER_LINE})
            from range({machines}) as r (i)
        """,
        "mes_shift": f"""
            select
                'S' as equipment_code,
                timestamp '{START}' + to_hours(cast(8 * i - 2 as int)) as start_ts,
                timestamp '{START}' + to_hours(cast(8 * i + 6 as int)) as end_ts,
                ['N', 'E', 'L'][1 + i % 3] as shift_code,
                cast(timestamp '{START}' + to_hours(cast(8 * i - 2 as int)) as date)
                    as production_date,
                30 as planned_break_min
            from range({3 * (days + 15)}) as r (i)
        """,
        "erp_item": f"""
            select 'I' || i as item_code, 'Item ' || i as name, 'finished' as type,
                'PCE' as base_uom,
                20 + i as pri_s, 3.5 as std_cost_current
            from range({ITEMS}) as r (i)
        """,
        "mes_downtime_reason": f"""
            select 'R' || i as reason_code, 'Reason ' || i as name, 'loss' as kind
            from range({REASONS}) as r (i)
        """,
    }
