"""Each published table, written for each kind of reader.

- `parquet/<table>.parquet`: every table; Power BI, Tableau, Spark, polars.
- `scorecard.duckdb`: every table, in a storage format that DuckDB 1.0 and later read.
- `evidence/.evidence/template/static/data/`: all but the facts, as Evidence builds from.

Does not belong here: which tables there are (`exports.tables`), and the swap
(`exports.publication`).
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from exports.tables import literal, quoted

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from exports.tables import Table

DUCKDB_FILE = "scorecard.duckdb"
STORAGE_VERSION = "v1.0.0"
ROW_GROUP = 500_000
EVIDENCE_SOURCE = "scorecard"
EVIDENCE_ROOT = "evidence/.evidence/template"
EVIDENCE_TYPES = {
    "BOOLEAN": ("boolean", pa.bool_()),
    "BIGINT": ("number", pa.float64()),
    "DOUBLE": ("number", pa.float64()),
    "DATE": ("date", pa.timestamp("ms")),
    "TIMESTAMP": ("date", pa.timestamp("ms")),
    "VARCHAR": ("string", pa.string()),
}
"""Plain type to Evidence's name for it and the Arrow type of its Parquet."""


def write_files(con: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> int:
    """Write the table's Parquet files, streaming; return its number of rows."""
    reader = con.execute(table.sql).to_arrow_reader(ROW_GROUP)
    targets = [(folder / f"parquet/{table.name}.parquet", reader.schema)]
    if not table.is_fact:
        targets.append((_evidence_file(folder, table), _evidence_schema(table)))
        _write_evidence_schema(folder, table)
    rows = 0
    with ExitStack() as stack:
        writers = []
        for path, schema in targets:
            path.parent.mkdir(parents=True, exist_ok=True)
            writers.append(stack.enter_context(pq.ParquetWriter(path, schema, compression="zstd")))
        for batch in reader:
            rows += batch.num_rows
            for writer in writers:
                # Evidence's coarser timestamps drop microseconds on purpose.
                fitting = pa.table(batch.columns, batch.schema.names)
                arrays = [
                    column.cast(field.type, safe=False)
                    for column, field in zip(fitting.columns, writer.schema, strict=True)
                ]
                writer.write_table(pa.table(arrays, schema=writer.schema), ROW_GROUP)
    return rows


def write_duckdb(con: duckdb.DuckDBPyConnection, tables: list[Table], folder: Path) -> None:
    """Write all tables to one DuckDB file."""
    file = literal(str(folder / DUCKDB_FILE))
    con.execute(f"attach {file} as published (storage_version '{STORAGE_VERSION}')")
    for table in tables:
        con.execute(f"create table published.main.{quoted(table.name)} as {table.sql}")
    con.execute("checkpoint published")
    con.execute("detach published")


def write_evidence_manifest(tables: list[Table], folder: Path) -> None:
    """Write the list of files that Evidence reads."""
    files = [_evidence_file(folder, table) for table in tables if not table.is_fact]
    root = folder / EVIDENCE_ROOT
    manifest = {
        "renderedFiles": {EVIDENCE_SOURCE: [file.relative_to(root).as_posix() for file in files]}
    }
    (root / "static/data/manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")


def _evidence_file(folder: Path, table: Table) -> Path:
    data = folder / EVIDENCE_ROOT / "static/data" / EVIDENCE_SOURCE
    return data / table.name / f"{table.name}.parquet"


def _evidence_schema(table: Table) -> pa.Schema:
    return pa.schema([(name, EVIDENCE_TYPES[kind][1]) for name, kind in table.columns])


def _write_evidence_schema(folder: Path, table: Table) -> None:
    path = _evidence_file(folder, table).with_suffix(".schema.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = [
        {"name": name, "evidenceType": EVIDENCE_TYPES[kind][0], "typeFidelity": "precise"}
        for name, kind in table.columns
    ]
    path.write_text(json.dumps(columns, indent=1), "utf-8")
