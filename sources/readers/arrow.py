"""SQL Server and Oracle as Arrow batches, without a Python object per value.

What is asked is what the portable reader asks (`sources.readers.dialects`); only the answer comes
another way: from Oracle by the driver's own data frames, on the same connection; from SQL Server by
`arrow-odbc`, on a second connection that holds the snapshot. Where neither is installed the
portable reader serves, slower and with the same values.

Does not belong here: SQL, and what the texts mean.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sources.readers.sqlalchemy import BATCH_ROWS, SqlAlchemyReader
from sources.readers.stream import LANDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import duckdb

    from models.config import Source
    from sources.readers.base import Reader
    from sources.readers.dialects import Dialect

BATCH_BYTES = 32 * 2**20
"""Of the buffer that the ODBC driver fills; it has room for the longest text in every row."""
SHORTEST_BUFFER = 64
"""Bytes that hold every number and moment as text."""


def sql_server(source: Source, duck: duckdb.DuckDBPyConnection) -> Reader:
    """The fastest reader of SQL Server that is installed."""
    fast = importlib.util.find_spec("arrow_odbc") is not None
    return (SqlServerReader if fast else SqlAlchemyReader)(source, duck, backend="mssql")


def oracle(source: Source, duck: duckdb.DuckDBPyConnection) -> Reader:
    """The fastest reader of Oracle that is installed."""
    try:
        import oracledb  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return SqlAlchemyReader(source, duck, backend="oracle")
    fast = hasattr(oracledb.Connection, "fetch_df_batches")
    return (OracleReader if fast else SqlAlchemyReader)(source, duck, backend="oracle")


class OracleReader(SqlAlchemyReader):
    """Rows as the data frames of `oracledb`."""

    def _batches(self, query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        connection: Any = self._db.connection.driver_connection
        try:
            for frame in connection.fetch_df_batches(query, size=BATCH_ROWS):
                yield from texts(pa.table(frame).to_batches(), schema)
        except self._engine.dialect.loaded_dbapi.Error as e:
            self._lost = str(e)
            raise


class SqlServerReader(SqlAlchemyReader):
    """Rows and counts by `arrow-odbc`; SQLAlchemy only describes the tables."""

    def __init__(
        self, source: Source, duck: duckdb.DuckDBPyConnection, *, backend: str | None = None
    ) -> None:
        super().__init__(source, duck, backend=backend)
        [[connection_string], _] = self._engine.dialect.create_connect_args(self._engine.url)
        self._odbc = OdbcSession(connection_string, self._dialect, source.max_statement_minutes)
        try:
            self._odbc.open()
        except self._odbc.Error as e:
            raise self._error(e) from None

    def _batches(self, query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._odbc.batches(query, schema)
        except self._odbc.Error as e:
            self._lost = str(e)
            raise

    def _all(self, query: str) -> Sequence[Any]:
        try:
            return self._odbc.rows(query)
        except self._odbc.Error as e:
            raise self._error(e) from None


class OdbcSession:
    """One snapshot on one ODBC connection."""

    def __init__(self, connection_string: str, dialect: Dialect, minutes: int) -> None:
        import arrow_odbc  # noqa: PLC0415 - an extra

        self.Error = arrow_odbc.Error
        self._library = arrow_odbc
        self._connection_string = connection_string
        self._dialect = dialect
        self._minutes = minutes

    def open(self) -> None:
        """Connect; the first query takes the snapshot."""
        self._db = self._library.connect(
            self._connection_string, login_timeout_sec=10, autocommit=False
        )
        if self._dialect.isolation:
            self._db.execute(f"SET TRANSACTION ISOLATION LEVEL {self._dialect.isolation}")
        for statement in (*self._dialect.session, *self._dialect.begin):
            self._db.execute(statement.format(minutes=self._minutes))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a small result."""
        return [
            row
            for batch in self._read(query)
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
        ]

    def batches(self, query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows of a query whose columns are called c0, c1 and so on.

        The driver wants to know how long a text may be, and cuts or refuses what is longer: so the
        longest is asked for first, within the snapshot.
        """
        fields = [field for field in schema if field.metadata]
        free = [
            self._dialect.size.format(c=f"c{number}")
            for number, field in enumerate(fields)
            if field.metadata[LANDS] in {b"VARCHAR", b"BLOB"}
        ]
        # what a driver calls a float may be a double, and would be cut to one
        floats = {b"DOUBLE": pa.float64(), b"FLOAT": pa.float64()}
        asked = pa.schema([(f.name, floats.get(f.metadata[LANDS], f.type)) for f in fields])
        longest = 0
        if free:
            most = ", ".join(f"MAX({size})" for size in free)
            [sizes] = self.rows(f"SELECT {most} FROM ({query}) AS q")
            longest = max((int(size) for size in sizes if size is not None), default=0)
        # two bytes of UTF-16 are up to three of UTF-8
        room = max(SHORTEST_BUFFER, longest * 3 // 2 + 1)
        yield from texts(self._read(query, room, asked), schema)

    def _read(
        self, query: str, room: int = 4_000, schema: pa.Schema | None = None
    ) -> Iterable[pa.RecordBatch]:
        found: Iterable[pa.RecordBatch] = self._db.read_arrow_batches(
            query,
            batch_size=BATCH_ROWS,
            max_bytes_per_batch=BATCH_BYTES,
            max_text_size=room,
            max_binary_size=room,
            schema=schema,
            query_timeout_sec=self._minutes * 60,
        )
        return found


def texts(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Batches of whatever types the driver gives, as the texts and bytes of `schema`."""
    for batch in batches:
        columns = [
            column.cast(field.type) for column, field in zip(batch.columns, schema, strict=False)
        ]
        empty = pa.nulls(batch.num_rows, pa.string())
        yield pa.record_batch([*columns, empty, empty], schema=schema)
