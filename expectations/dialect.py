"""duckdb-engine, repaired where Great Expectations meets it.

Two repairs. Results are buffered: SQLAlchemy gives the connection back before Great Expectations
fetches, and a DuckDB cursor is its connection. Columns are read from `information_schema`: the
PostgreSQL catalogue query that SQLAlchemy would send asks for `pg_collation`, which DuckDB lacks.

Does not belong here: anything about checks. URL: `duckdb+buffered:///file?access_mode=read_only`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb_engine
from sqlalchemy import bindparam, text
from sqlalchemy.dialects import registry
from sqlalchemy.types import NULLTYPE

if TYPE_CHECKING:
    from collections.abc import Collection

    import duckdb
    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.interfaces import ReflectedColumn

NAME = "buffered"
"""Name of the driver in a URL, after `duckdb+`."""
_COLUMNS = text("""
    select table_name, column_name as name, is_nullable = 'YES' as nullable
    from information_schema.columns
    where table_catalog = current_database() and table_schema = current_schema()
      and table_name in :tables
    order by table_name, ordinal_position
""").bindparams(bindparam("tables", expanding=True))


class BufferedCursor(duckdb_engine.CursorWrapper):
    """Fetches a result whole as soon as it is executed; results of checks are small."""

    def __init__(self, raw: duckdb.DuckDBPyConnection, owner: BufferedConnection) -> None:
        super().__init__(raw, owner)
        self._raw = raw
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[Any] | None = None

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:  # noqa: ANN401 - as in DBAPI
        """Execute, and buffer all rows."""
        super().execute(statement, parameters, context)
        self.description = self._raw.description
        self._rows = self._raw.fetchall() if self.description else []

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """Return the next rows of the buffer; all of them if no size is given."""
        size = len(self._rows) if size is None else size
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row of the buffer."""
        return next(iter(self.fetchmany(1)), None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return what is left of the buffer."""
        return self.fetchmany()


class BufferedConnection(duckdb_engine.ConnectionWrapper):
    """A connection whose cursors buffer."""

    def cursor(self) -> BufferedCursor:
        """Return a new cursor with a connection of its own to the same database."""
        return BufferedCursor(self.__getattr__("cursor")(), self)


class BufferedDuckDB(duckdb_engine.Dialect):
    """DuckDB for Great Expectations, reading only."""

    supports_statement_cache = False

    def connect(self, *args: Any, **kwargs: Any) -> BufferedConnection:  # type: ignore[override] # noqa: ANN401 - DBAPI; narrower than there
        """Connect as duckdb-engine does, with cursors that buffer."""
        connection = super().connect(*args, **kwargs)
        connection.__class__ = BufferedConnection
        return connection  # type: ignore[no-any-return] # its class was set above

    def get_multi_columns(
        self,
        connection: Connection,
        schema: str | None = None,
        filter_names: Collection[str] | None = None,
        scope: object = None,  # noqa: ARG002 - the signature of the base class
        kind: object = None,  # noqa: ARG002 - the signature of the base class
        **_: object,
    ) -> list[tuple[tuple[str | None, str], list[ReflectedColumn]]]:
        """Names and nullability; nobody asks for the types, because all checks run as SQL."""
        found: dict[str, list[ReflectedColumn]] = {name: [] for name in filter_names or ()}
        for row in connection.execute(_COLUMNS, {"tables": list(found)}):
            found[row.table_name].append(
                {"name": row.name, "type": NULLTYPE, "nullable": row.nullable, "default": None}
            )
        return [((schema, table), columns) for table, columns in found.items()]


registry.register(f"duckdb.{NAME}", __name__, BufferedDuckDB.__name__)
