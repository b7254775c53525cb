"""A small warehouse as the pipeline would build it: every canonical table, some star and marts.

Every check passes on it. Tests copy it and break one thing at a time.
"""

import json
from datetime import datetime
from pathlib import Path

import duckdb

from models.config import Config, Enterprise, Source
from models.contract import LINEAGE, Column, ColumnType, canonical_tables

ROWS = 4
NOW = datetime.fromisoformat("2026-03-01T12:00:00")
SOURCE = "plant"
SYSTEM = "vendor"
BATCH = "20260301T110000.000000Z"
VALUES = {
    ColumnType.CODE: "'k' || i",
    ColumnType.TEXT: "'text ' || i",
    ColumnType.INT: "i + 1",
    ColumnType.BOOL: "false",
    ColumnType.DATE: "date '2026-01-01' + i::int",
    ColumnType.TS: "timestamp '2026-01-01' + to_hours(i)",
    ColumnType.QTY: "10",
    ColumnType.MONEY: "10",
    ColumnType.PRICE: "10",
    ColumnType.RATE: "10",
}
STAR = f"""
create table clock as select timestamp '2026-02-15 06:00:00' as as_of;
create table organization_closure as
    select * from (values ('E', 'E', 0), ('E', 'M1', 1), ('E', 'M2', 1), ('M1', 'M1', 0),
        ('M2', 'M2', 0)) as t (ancestor_id, descendant_id, depth);
create table dim_organization as
    select *, 'Europe/Berlin' as time_zone
    from (values ('E', 'enterprise', null), ('M1', 'machine', 'E'), ('M2', 'machine', 'E'))
        as t (node_id, node_level, parent_id);
create table dim_date as
    select date_day, date_trunc('month', date_day)::date as month_start
    from (select date '2026-01-01' + i::int as date_day from range(60) as r (i));
create table node_closure as
    select closure.*, node_level as ancestor_level
    from organization_closure as closure
    join dim_organization on node_id = ancestor_id;
create table dim_kpi as
    select * from (values ('oee', 'ratio', 100.0::double), ('dio', 'stock', 1.0::double),
        ('cash_to_cash', 'derived', 1.0::double)) as t (kpi_id, rollup, scale);
create table fct_state_time as
    select 'M' || (1 + i % 2) as node_id, date '2026-01-01' + (i // 2)::int as date_day,
        timestamp '2026-01-01' + to_days((i // 2)::int) as start_ts,
        timestamp '2026-01-02' + to_days((i // 2)::int) as end_ts,
        'RUN' as state, true as is_scheduled, null::varchar as order_no,
        86400::decimal(18, 6) as duration_s,
        86400::decimal(18, 6) as pbt_s, '{SOURCE}' as source_system, 's' || i as source_pk,
        '{BATCH}' as batch_id, '2026-01-01 00:00:00+00'::timestamptz as zoned, i::hugeint as big
    from range(60) as r (i);
create table fct_production as
    select node_id, date_day, 70000.25::decimal(18, 6) as ideal_time_good_s, source_system,
        'c' || source_pk as source_pk, batch_id
    from fct_state_time;
create table order_reconciliation as
    select 'w' || i as order_no, 'p' || i as erp_order_no, true as is_matched,
        i = 99 as is_in_grace, 3 as qty_mes_scrap, 3 as qty_erp_scrap,
        '{SOURCE}' as source_system, 'w' || i as source_pk
    from range(100) as r (i);
create table production_order as
    select 'k' || i as order_no, 'k' || i as root_order_no, 'k' || i as erp_order_no,
        10::decimal(18, 6) as qty_planned, 'finished' as status, '{SOURCE}' as source_system,
        'k' || i as source_pk
    from range(4) as r (i);
create table fct_production_order as
    select order_no, qty_planned, qty_planned as qty_good, date '2026-01-02' as finished_date,
        source_system, source_pk
    from production_order;
create table shared_code as
    select 'erp_item' as canonical_table, 'k1' as code, '{SOURCE}' as source_system,
        'k1' as source_pk, 'other' as held_by, false as is_contradiction, false as is_other_name,
        '{BATCH}' as batch_id;
create table duplicate_row as
    select 'erp_item' as canonical_table, '{SOURCE}' as source_system, 'k9' as source_pk,
        'k1' as held_pk, true as is_same, '{BATCH}' as batch_id;
create table unmapped_code (canonical_table varchar, source_system varchar, source_pk varchar,
    column_name varchar, reason varchar, entity varchar, code varchar, document_no varchar,
    batch_id varchar);
create view kpi_oee as
    with good as (select * from "warehouse"."main"."fct_production")
    select node_id, date_day, cast(ideal_time_good_s as decimal(38, 12)) as numerator,
        cast(0 as decimal(38, 12)) as denominator, 'warehouse.main.fct_production' as fact,
        source_system, source_pk, batch_id
    from good
    union all
    select node_id, date_day, 0, cast(pbt_s as decimal(38, 12)), 'fct_state_time',
        source_system, source_pk, batch_id
    from "warehouse"."main"."fct_state_time";
create table kpi_part as
    select 'oee' as kpi_id, node_id, date_day, null::varchar as shift_code,
        sum(numerator)::decimal(38, 12) as numerator,
        sum(denominator)::decimal(38, 12) as denominator
    from kpi_oee group by all;
create table kpi_segment_part as from kpi_part where false;
create table kpi_value as
    select kpi_id, ancestor_id as node_id, 'month' as period_type,
        date_trunc('month', date_day)::date as period_start,
        last_day(date_day) as period_end, sum(numerator)::decimal(38, 12) as numerator,
        sum(denominator)::decimal(38, 12) as denominator,
        100 * sum(numerator)::double / sum(denominator)::double as value,
        null::varchar as shift_code
    from kpi_part inner join organization_closure on descendant_id = node_id group by all
    union all
    select kpi_id, 'E', 'month', date '2026-01-01', date '2026-01-31', null, null, 50, null
    from (values ('effectiveness'), ('cash_to_cash')) as t (kpi_id);
"""


def config_of(home: Path, **overrides) -> Config:
    fields = {
        "enterprise": Enterprise(
            code="E", name="Small plant", time_zone="Europe/Berlin", currency="EUR"
        ),
        "sources": (Source(name=SOURCE, system=SYSTEM, path=home / "unused", freshness_hours=2),),
        "home": home,
    }
    return Config(**(fields | overrides))


def build(home: Path) -> Config:
    """Landing with one batch, and the warehouse built from it."""
    config = config_of(home)
    config.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(config.warehouse)) as con:
        for table in canonical_tables().values():
            columns = {**table.columns, **LINEAGE}
            select = ", ".join(
                f'cast({value(table.name, name, column)} as {column.type.sql}) as "{name}"'
                for name, column in columns.items()
            )
            con.execute(f"create table {table.name} as select {select} from range({ROWS}) as r (i)")
        con.execute(
            f"create table base_{SYSTEM}__orders as select '{SOURCE}' as _source, "
            f"if(i = 0, 'delete', 'upsert') as _op, i as id from range({ROWS + 1}) as r (i)"
        )
        con.execute(STAR)
    land(config, BATCH, NOW.replace(hour=11))
    return config


def value(table: str, name: str, column: Column) -> str:
    if table == "mes_production_count" and name in {"qty_scrap", "qty_rework"}:
        return "0"
    if name == "minutes_stated":
        return "0"
    if name == "is_final_op":
        return "true"
    if name == "source_system":
        return f"'{SOURCE}'"
    if column.form:
        return f"'{column.example}'"
    return f"'{column.values[0]}'" if column.values else VALUES[column.type]


def land(config: Config, batch: str, extracted_at: datetime, source: str = SOURCE, **facts) -> None:
    folder = config.landing / source / f"batch={batch}"
    folder.mkdir(parents=True, exist_ok=True)
    table = {
        "rows": ROWS,
        "upserts": ROWS,
        "deletes": 0,
        "quarantined": 0,
        "source_rows": ROWS,
        "landed_rows": ROWS,
        "control_column": "amount",
        "source_control_total": "12.50",
        "landed_control_total": "12.50",
        "file_sha256": "0" * 64,
        "watermark": "7",
    }
    manifest = {
        "source": source,
        "system": SYSTEM,
        "batch_id": batch,
        "extracted_at": extracted_at.isoformat(),
        "tables": {"orders": table | facts},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def change(config: Config, *statements: str) -> None:
    with duckdb.connect(str(config.warehouse)) as con:
        for statement in statements:
            con.execute(statement)
