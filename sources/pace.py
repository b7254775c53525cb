"""How fast a source is read at most, so that the plant's own work does not suffer.

DuckDB asks before every few thousand rows that it takes from a reader. While it waits it takes
none, the connection's buffers fill, and the server stops reading as well.

Does not belong here: what a source may be asked at once; each reader has one connection.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
from duckdb.func import ARROW

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from sources.readers.base import Rows


class Pace:
    """The pace of one run, over all its tables; None of `rows_per_second` is any."""

    def __init__(
        self,
        rows_per_second: int | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rows_per_second
        self._clock = clock
        self._sleep = sleep
        self._due = clock()
        """When the rows so far may have been read; what was not used before is not made up for."""
        self._lock = threading.Lock()

    def prepare(self, duck: duckdb.DuckDBPyConnection) -> None:
        """Teach DuckDB to ask."""
        if self._rate is not None:
            duck.create_function(
                "paced", self._paced, ["BIGINT"], "BOOLEAN", type=ARROW, side_effects=True
            )

    def slowed(self, rows: Rows) -> Rows:
        """The reading, taken at that pace."""
        if self._rate is None:
            return rows
        return replace(rows, relation=f"SELECT * FROM ({rows.relation}) WHERE paced(0)")

    def take(self, rows: int) -> None:
        """Wait until so many more rows may have been read."""
        if self._rate is None:
            return
        with self._lock:
            now = self._clock()
            self._due = max(self._due, now) + rows / self._rate
            if self._due > now:
                self._sleep(self._due - now)

    def _paced(self, rows: pa.ChunkedArray) -> pa.Array:
        self.take(len(rows))
        return pa.repeat(True, len(rows))
