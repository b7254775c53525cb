"""Which published values of closed periods are other values now, and because of what.

Grain: one row per publication and value restated: a KPI at a node in a period that had ended when
it was published. Each publication carries the rows of those before it, so the record outlives a
warehouse that is computed anew. The running period is no restatement: it was marked provisional.

Does not belong here: computing values. What was published is read from the publication itself, not
from what the warehouse held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import duckdb

RESTATEMENT = "restatement"
VALUES = "kpi_value"
SCHEMA = pa.schema(
    {
        "version": pa.string(),
        "published_version": pa.string(),
        "kpi_id": pa.string(),
        "node_id": pa.string(),
        "period_type": pa.string(),
        "period_start": pa.date32(),
        "period_end": pa.date32(),
        "shift_code": pa.string(),
        "published_numerator": pa.float64(),
        "published_denominator": pa.float64(),
        "published_value": pa.float64(),
        "published_kpi_version": pa.int64(),
        "numerator": pa.float64(),
        "denominator": pa.float64(),
        "value": pa.float64(),
        "kpi_version": pa.int64(),
        "facts": pa.string(),
        "batches": pa.string(),
    }
)
"""`version` published `value` (empty: no data any more) where `published_version` had published
`published_value` (empty: no data). `facts` and `batches`: the new rows that the value is made from
now; where rows only went, the batches that arrived in between; none if no data arrived, then a
definition or the configuration has changed. `kpi_version` and `published_kpi_version` are the
versions of the KPI's definition that the two values were computed with."""
NEEDED = set(SCHEMA.names[2:7]) | {"numerator", "denominator", "value"}
CLOSURES = ("node_closure", "organization_closure")


def restatements(
    con: duckdb.DuckDBPyConnection,
    former: Path | None,
    version: str,
    *,
    warehouse: str,
    existing: Collection[str],
) -> pa.Table:
    """Every restatement up to `version`; `former` is the folder of what is published, if any is.

    `con` has the warehouse attached under the name `warehouse`; `existing` are its relations.
    """
    if former is None:
        return SCHEMA.empty_table()
    kept = SCHEMA.empty_table()
    record = former / f"parquet/{RESTATEMENT}.parquet"
    if record.exists():
        kept = pq.read_table(record, schema=SCHEMA)
    if VALUES not in existing or not (former / f"parquet/{VALUES}.parquet").exists():
        return kept
    if not _compare(con, former, warehouse):
        return kept
    _explain(con, former, warehouse, existing)
    new = con.execute(
        f"""
        select '{version}', '{former.name}', restated.* exclude (number),
            coalesce(cause.facts, ''), coalesce(cause.batches, arrived.batches, '')
        from restated
        left join cause using (number)
        cross join (
            select string_agg(distinct source || '/' || batch_id, ', '
                order by source || '/' || batch_id) as batches
            from arrived
        ) as arrived
        order by number
        """
    ).to_arrow_table()
    return pa.concat_tables([kept, new.rename_columns(SCHEMA.names).cast(SCHEMA)])


def _compare(con: duckdb.DuckDBPyConnection, former: Path, warehouse: str) -> bool:
    """Make the table `restated`: closed periods of which the value is another one, or new, or gone.

    A KPI that was not defined then was not published wrongly, so it has no restatements. Returns
    False where one of both has no values as they are defined here: then nothing can be compared.
    """
    then = f"read_parquet('{former}/parquet/{VALUES}.parquet')"
    now = f"{warehouse}.main.{VALUES}"
    columns = {row[0] for row in con.execute(f"describe select * from {then}").fetchall()}
    columns &= {row[0] for row in con.execute(f"describe select * from {now}").fetchall()}
    if not columns >= NEEDED:
        return False
    shift = "shift_code" if "shift_code" in columns else "null"
    provisional = "is_provisional" if "is_provisional" in columns else "null"
    kpi_version = "kpi_version" if "kpi_version" in columns else "null"
    row = f"""
        kpi_id, node_id, period_type, period_start, period_end,
        cast({shift} as varchar) as shift_code, cast(numerator as double) as numerator,
        cast(denominator as double) as denominator, cast(value as double) as value,
        cast({provisional} as boolean) as is_provisional,
        cast({kpi_version} as bigint) as kpi_version
    """
    con.execute(
        f"""
        create or replace temp table restated as
        with then_ as (select {row} from {then}), now_ as (select {row} from {now}),
        paired as (
            select
                coalesce(now_.kpi_id, then_.kpi_id) as kpi_id,
                coalesce(now_.node_id, then_.node_id) as node_id,
                coalesce(now_.period_type, then_.period_type) as period_type,
                coalesce(now_.period_start, then_.period_start) as period_start,
                coalesce(now_.period_end, then_.period_end) as period_end,
                coalesce(now_.shift_code, then_.shift_code) as shift_code,
                then_.numerator as published_numerator,
                then_.denominator as published_denominator,
                then_.value as published_value,
                then_.kpi_version as published_kpi_version,
                now_.numerator, now_.denominator, now_.value, now_.kpi_version,
                then_.is_provisional as was_provisional
            from then_ full join now_
                on now_.kpi_id = then_.kpi_id and now_.node_id = then_.node_id
                and now_.period_type = then_.period_type
                and now_.period_start = then_.period_start
                and now_.period_end = then_.period_end
                and now_.shift_code is not distinct from then_.shift_code
        )
        select row_number() over (
                order by kpi_id, node_id, period_type, period_start, period_end, shift_code
            ) as number,
            * exclude (was_provisional)
        from paired
        where value is distinct from published_value
            and kpi_id in (select kpi_id from then_)
            and not coalesce(
                was_provisional,
                period_end >= (
                    select min(period_end) from then_ where period_type = 'day' and is_provisional
                ),
                false
            )
        """
    )
    return True


def _explain(
    con: duckdb.DuckDBPyConnection, former: Path, warehouse: str, existing: Collection[str]
) -> None:
    """Make the tables `arrived`, batches since then, and `cause`, what a value has of them."""
    con.execute(
        f"""
        create or replace temp table arrived as
        select source, batch_id from load_table where upserts + deletes > 0
        except select source, batch_id from read_parquet('{former}/parquet/load.parquet')
        """
    )
    con.execute(
        "create or replace temp table new_row "
        "(kpi_id varchar, node_id varchar, date_day date, fact varchar, batch varchar)"
    )
    kpis = con.execute("select distinct kpi_id from restated order by 1").fetchall()
    for (kpi,) in kpis:
        if f"kpi_{kpi}" in existing:
            con.execute(
                f"""
                insert into new_row
                select distinct '{kpi}', row.node_id, row.date_day, row.fact,
                    row.source_system || '/' || row.batch_id
                from {warehouse}.main.kpi_{kpi} as row
                inner join arrived
                    on arrived.batch_id = row.batch_id and arrived.source = row.source_system
                """
            )
    closure = next((name for name in CLOSURES if name in existing), None)
    above = (
        f"(select ancestor_id, descendant_id from {warehouse}.main.{closure})"
        if closure
        else "(select distinct node_id as ancestor_id, node_id as descendant_id from new_row)"
    )
    con.execute(
        f"""
        create or replace temp table cause as
        select number, string_agg(distinct fact, ', ' order by fact) as facts,
            string_agg(distinct batch, ', ' order by batch) as batches
        from restated
        inner join {above} as closure on closure.ancestor_id = restated.node_id
        inner join new_row
            on new_row.kpi_id = restated.kpi_id and new_row.node_id = closure.descendant_id
            and new_row.date_day between restated.period_start and restated.period_end
        group by number
        """
    )
