"""What readers share whose rows come as Arrow batches of texts and bytes.

Does not belong here: how the batches come about.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import pyarrow as pa

from sources.readers.base import REASON, ROW, Reader, masked

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from sources.readers.base import SourceTable

LANDS = b"lands"
"""Metadata of a field: the type that its texts become."""


class StreamReader(Reader):
    """A reader that registers each answer with DuckDB as a stream; it can be read once."""

    def __init__(self, url: str, duck: duckdb.DuckDBPyConnection) -> None:
        self._url = url
        self._duck = duck
        self._streams = 0
        self._lost: str | None = None
        """Why a stream ended before its time, in the server's or the driver's words."""

    @abstractmethod
    def _batches(self, query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows of a query; sets `_lost` before it raises."""

    def mask(self, message: object) -> str:
        """The message without the URL's password; a lost connection in the driver's words."""
        return super().mask(masked(self._lost or message, self._url))

    def _stream(self, query: str, schema: pa.Schema) -> str:
        """Register the query's answer under a name of its own; returns the name."""
        self._streams += 1
        view = f"stream_{self._streams}"
        self._duck.register(
            view, pa.RecordBatchReader.from_batches(schema, self._batches(query, schema))
        )
        return view


def texts_of(table: SourceTable) -> pa.Schema:
    """The table's columns as texts, or bytes where they land as such; then reason and row."""
    return pa.schema(
        [
            *(
                pa.field(
                    c.name,
                    pa.binary() if c.sql_type == "BLOB" else pa.string(),
                    metadata={LANDS: c.sql_type},
                )
                for c in table.columns
            ),
            pa.field(REASON, pa.string()),
            pa.field(ROW, pa.string()),
        ]
    )


def schema_and_table(name: str) -> tuple[str | None, str]:
    """A name with or without its schema, taken apart."""
    schema, dot, table = name.partition(".")
    return (schema, table) if dot else (None, name)
