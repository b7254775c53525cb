"""The full load of one table, as others do it; runs in the benchmark's own virtual environment.

    python benchmarks/peers.py PEER URL TABLE FOLDER

Prints one JSON object: seconds from the first connection to the last file, without imports, and
the rows that were read. Each peer runs as its own documentation advises for speed.

Does not belong here: measuring memory, and comparing (`extract`).
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

BATCH_ROWS = 100_000
DLT = ("dlt-connectorx", "dlt-traced", "dlt-pyarrow")


class Loaded(NamedTuple):
    """What one peer did."""

    seconds: float
    rows: int


def copy(url: str, table: str, folder: Path) -> Loaded:  # noqa: ARG001 - to nowhere
    """The limit: what the server can send and a client can receive, without looking at it."""
    import psycopg  # noqa: PLC0415 - imports must not count, and no peer needs another's

    start = time.perf_counter()
    with (
        psycopg.connect(url) as connection,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as stream,
    ):
        for _ in stream:
            pass
        rows = cursor.rowcount
    return Loaded(time.perf_counter() - start, rows)


def sqlalchemy(url: str, table: str, folder: Path) -> Loaded:
    """A server-side cursor, rows as tuples, Parquet by pyarrow."""
    import sqlalchemy as sa  # noqa: PLC0415 - as above

    start = time.perf_counter()
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    rows = 0
    writer = None
    with engine.connect().execution_options(yield_per=BATCH_ROWS) as connection:
        result = connection.execute(sa.text(f"SELECT * FROM {table}"))
        names = list(result.keys())
        for part in result.partitions():
            columns = list(zip(*part, strict=True))
            if writer is None:
                schema = pa.table([_widest(c) for c in columns], names=names).schema
                writer = pq.ParquetWriter(folder / f"{table}.parquet", schema, compression="zstd")
            arrays = [pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            rows += len(part)
    if writer:
        writer.close()
    return Loaded(time.perf_counter() - start, rows)


def dlt(backend: str, url: str, table: str, folder: Path) -> Loaded:
    """Extract, normalize and load to Parquet files, as `dlt` calls its three steps.

    `traced` is connectorx with the load's id in each row, without which nobody can tell later where
    a row came from; this product always writes that.
    """
    import dlt as library  # noqa: PLC0415 - as above
    from dlt.sources.sql_database import sql_table  # noqa: PLC0415 - as above

    if backend == "traced":
        os.environ["NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID"] = "true"
        backend = "connectorx"
    options = (
        {"backend_kwargs": {"conn": url, "return_type": "arrow_stream"}}
        if backend == "connectorx"
        else {}
    )
    start = time.perf_counter()
    pipeline = library.pipeline(
        "bench",
        destination=library.destinations.filesystem(bucket_url=folder.as_uri()),
        dataset_name="raw",
        pipelines_dir=str(folder / "pipelines"),
    )
    resource = sql_table(
        credentials=url.replace("postgresql://", "postgresql+psycopg://"),
        table=table,
        backend=backend,
        chunk_size=BATCH_ROWS,
        reflection_level="full_with_precision",
        **options,
    )
    pipeline.run(resource, loader_file_format="parquet")
    seconds = time.perf_counter() - start
    files = (folder / "raw" / table).rglob("*.parquet")
    return Loaded(seconds, sum(pq.read_metadata(path).num_rows for path in files))


def _widest(values: tuple[object, ...]) -> pa.Array:
    """The first batch decides the types: decimals get room for what the next ones may bring."""
    array = pa.array(values)
    if pa.types.is_decimal(array.type):
        return array.cast(pa.decimal128(38, array.type.scale))
    return array if not pa.types.is_null(array.type) else array.cast(pa.string())


def main() -> None:
    """Run one peer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=["copy", *DLT, "sqlalchemy"])
    parser.add_argument("url")
    parser.add_argument("table")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
    arguments = (options.url, options.table, options.folder)
    name, _, backend = options.peer.partition("-")
    peers = {"copy": copy, "sqlalchemy": sqlalchemy, "dlt": lambda *a: dlt(backend, *a)}
    print(json.dumps(peers[name](*arguments)._asdict()))


if __name__ == "__main__":
    main()
