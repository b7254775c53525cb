"""The DuckDB that a run works in: of its own, bounded in memory, and warm; and how it writes.

To load the extension that reads PostgreSQL takes longer than to pull a few thousand rows. So an
instance that a run has left as it found it serves the process's next run; never two at a time.

Does not belong here: what a run does in it.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from sources.landing import UNFINISHED_PREFIX
from sources.readers.base import literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

THREADS = 2
ROW_GROUP_ROWS = 122_880
"""While a row group is compressed nothing is read: it must take less time than the connection's
buffers bear. Larger ones are hardly smaller on disk and as fast to read."""
ROW_GROUP_SHARE = 8
"""Part of the memory that one row group may take, however wide its rows are."""
DICTIONARY_VALUES = 10_000
_idle: list[duckdb.DuckDBPyConnection] = []


@contextmanager
def engine(
    memory_mb: int, spill: Path | None, *, leaves_functions: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose temporary tables, macros and variables end with it.

    What does not fit into memory spills below `spill`, or into the system's temporary folder. A run
    that makes functions of Python's leaves them in the instance, which then serves no other.
    """
    with tempfile.TemporaryDirectory(prefix=UNFINISHED_PREFIX, dir=spill) as folder:
        instance = _instance(folder)
        try:
            with instance.cursor() as duck:
                for name, value in (
                    ("memory_limit", literal(f"{memory_mb}MB")),
                    ("threads", THREADS),
                    ("preserve_insertion_order", "false"),
                    ("autoinstall_known_extensions", "false"),
                ):
                    duck.execute(f"SET {name} = {value}")
                yield duck
        except BaseException:
            instance.close()
            raise
        if leaves_functions:
            instance.close()
        else:
            _idle.append(instance)


def parquet(memory_mb: int) -> str:
    """Options of a Parquet file.

    Version 2 gives delta encoding of ids and times; looking for a dictionary in columns of many
    values costs a fifth of the writing and saves no space.
    """
    return (
        f"FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, ROW_GROUP_SIZE {ROW_GROUP_ROWS}, "
        f"ROW_GROUP_SIZE_BYTES '{memory_mb // ROW_GROUP_SHARE}MB', "
        f"DICTIONARY_SIZE_LIMIT {DICTIONARY_VALUES}"
    )


def _instance(folder: str) -> duckdb.DuckDBPyConnection:
    """An idle instance, or a new one, that spills into that folder."""
    spills = f"SET temp_directory = {literal(folder)}"
    while _idle:
        instance = _idle.pop()
        try:
            instance.execute(spills)
        except duckdb.Error:  # it has spilled, and keeps to the folder of then
            instance.close()
        else:
            return instance
    instance = duckdb.connect()
    instance.execute(spills)
    return instance
