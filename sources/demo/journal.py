"""How rows reach the databases: each at the moment at which the real system would write it.

Belongs here: buffering, and rows that wait for a later day. Does not belong here: what is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sources.demo.calendar import utc_text
from sources.demo.schema import TABLES

if TYPE_CHECKING:
    import sqlite3

Value = str | int | None
Waiting = tuple[int, str, tuple[Value, ...]]
"""Moment, table and values of a row that is still to be written."""

_CHUNK = 5_000


class Journal:
    """Writes of one simulated day.

    The day is simulated whole, always; only rows whose moment lies in [since, until) are written.
    So a day that is written in several pieces ends up the same as one written at once. A row of a
    later day waits in the outbox. Versions of a row must be written in the order of their moments.
    Memory is bounded: buffers are flushed every few thousand rows.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        outbox: list[Waiting],
        *,
        since: int,
        until: int,
        day_end: int,
    ) -> None:
        self._connection = connection
        self._since, self.until, self._day_end = since, until, day_end
        self._buffers: dict[str, list[tuple[Value, ...]]] = {name: [] for name in TABLES}
        self._waiting: list[Waiting] = []
        self.rows = 0
        for at, table, values in sorted(outbox, key=lambda w: w[0]):
            self.write(table, at, *values)

    def write(self, table: str, at: int, *values: Value) -> None:
        """Insert a row, or replace the one with its key, at the moment `at`."""
        if at >= self._day_end:
            self._waiting.append((at, table, values))
        elif self._since <= at < self.until:
            buffer = self._buffers[table]
            buffer.append((*values, utc_text(at)))
            if len(buffer) >= _CHUNK:
                self._flush(table)

    def _flush(self, table: str) -> None:
        buffer = self._buffers[table]
        self._connection.executemany(TABLES[table].upsert, buffer)
        self.rows += len(buffer)
        buffer.clear()

    def close(self) -> list[Waiting]:
        """Write what is buffered; returns the outbox for the next day."""
        for table, buffer in self._buffers.items():
            if buffer:
                self._flush(table)
        return self._waiting
