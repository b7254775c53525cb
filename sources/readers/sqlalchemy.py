"""Any database with an SQLAlchemy dialect: SQL Server, Oracle, and the reference for the others.

Slower than a reader of one's own by far, but nothing in it is peculiar to a driver: the server
writes each value as text (`sources.readers.dialects`), DuckDB reads the text exactly or puts the
row aside.

Does not belong here: what differs between dialects.
"""

from __future__ import annotations

import json
import warnings
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DOMAIN

from models.errors import ConfigError, SourceError
from sources.readers.base import (
    Rows,
    SourceTable,
    Totals,
    absent,
    checked,
    no_rows,
    selected,
)
from sources.readers.dialects import dialect_of
from sources.readers.stream import StreamReader, schema_and_table, texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import duckdb

    from models.config import Source
    from sources.readers.base import SourceColumn
    from sources.readers.dialects import Type
    from sources.spec import TableSpec

BATCH_ROWS = 10_000
EXAMPLES = {
    "mssql": "mssql+pyodbc://user:password@host/database?driver=ODBC+Driver+18+for+SQL+Server",
    "oracle": "oracle+oracledb://user:password@host:1521/?service_name=name",
}


class SqlAlchemyReader(StreamReader):
    """One snapshot of a database on one connection; any, unless `backend` names the only one."""

    def __init__(
        self, source: Source, duck: duckdb.DuckDBPyConnection, *, backend: str | None = None
    ) -> None:
        super().__init__(source.url(), duck)
        self._name = source.name
        self._result: sa.CursorResult[Any] | None = None
        self._kinds: dict[tuple[str, str], Type] = {}
        try:
            url = sa.make_url(self._url)
            if backend and url.get_backend_name() != backend:
                raise ConfigError(
                    f"The URL in {source.url_env} is not one of {backend}.",
                    f"It looks like {EXAMPLES[backend]}.",
                )
            self._dialect = dialect_of(url.get_backend_name())
            options = (
                {"isolation_level": self._dialect.isolation} if self._dialect.isolation else {}
            )
            self._engine = sa.create_engine(
                url, poolclass=sa.NullPool, hide_parameters=True, **options
            )
        except sa.exc.ArgumentError:
            raise ConfigError(
                f"The URL in {source.url_env} is not one of a database.",
                f"It looks like {EXAMPLES['mssql']}.",
            ) from None
        except ModuleNotFoundError as e:
            raise ConfigError(
                f"Source {source.name!r} needs the package {e.name}.",
                f"Install it with `pip install {e.name}`.",
            ) from e
        self._quote = quoting(self._engine.dialect)
        try:
            self._db = self._engine.connect()
            minutes = source.max_statement_minutes
            if self._dialect.timeout:
                name, minute = self._dialect.timeout
                setattr(self._db.connection.driver_connection, name, minutes * minute)
            for statement in (*self._dialect.session, *self._dialect.begin):
                self._db.exec_driver_sql(statement.format(minutes=minutes))
        except sa.exc.SQLAlchemyError as e:
            raise self._error(e) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._result is not None:
            self._result.close()
        self._db.invalidate()  # nothing is to be rolled back, and the server may be gone
        self._db.close()
        self._engine.dispose()

    def identity(self) -> Mapping[str, str]:
        """Server and database by the dialect's own names, else by the URL's."""
        if self._dialect.identity:
            [row] = self._all(self._dialect.identity)
            return {"database": " ".join(str(value) for value in row)}
        return {"database": f"{self._engine.url.host or ''}/{self._engine.url.database}"}

    def snapshot(self) -> Mapping[str, str]:
        """Nothing that every dialect knows."""
        return {}

    def unchanged_since(self, snapshot: Mapping[str, str], spec: TableSpec) -> bool:  # noqa: ARG002 - whatever they are
        """False: nothing says so in every dialect."""
        return False

    def describe(self, spec: TableSpec) -> SourceTable:
        """Columns as SQLAlchemy reflects them."""
        schema, table = schema_and_table(spec.source_name)
        try:
            with warnings.catch_warnings():
                # a type that SQLAlchemy does not know lands as text
                warnings.simplefilter("ignore", sa.exc.SAWarning)
                inspector = sa.inspect(self._db)
                columns = inspector.get_columns(table, schema)
                key = inspector.get_pk_constraint(table, schema)["constrained_columns"]
        except sa.exc.NoSuchTableError:
            return absent(spec)
        except sa.exc.SQLAlchemyError as e:
            raise self._error(e) from None
        kinds = {c["name"]: _base(c["type"]) for c in columns}
        self._kinds.update({(spec.name, name): kind for name, kind in kinds.items()})
        return SourceTable(
            spec,
            selected(
                spec,
                {name: self._declared(kind) for name, kind in kinds.items()},
                {name: self._dialect.landed_type(kind) for name, kind in kinds.items()},
            ),
            unique_key=bool(key)
            and set(key) <= set(spec.key)
            and self._engine.dialect.name != "sqlite",  # which lets NULL into a key
        )

    def rows(self, table: SourceTable, since: str | None) -> Rows:
        """A stream of Arrow batches, registered under a name of its own."""
        if not table.exists:
            return no_rows(table)
        query = self.query(table, since)
        view = self._stream(query, texts_of(table))
        texts = {c.name for c in table.columns if c.sql_type not in {"VARCHAR", "BLOB"}}
        return Rows(query, checked(f"SELECT * FROM {view}", table.columns, texts))

    def query(self, table: SourceTable, since: str | None) -> str:
        """What the server is asked for the rows changed at or after a watermark, or for all."""
        spec = table.spec
        values = ", ".join(
            f"{self._value(spec, column)} AS c{number}"
            for number, column in enumerate(table.columns)
        )
        where = ""
        if since is not None and spec.cursor is not None:
            cursor = self._quote(spec.cursor)
            condition = self._dialect.at_least(
                self._kinds[spec.name, spec.cursor], cursor, table.types[spec.cursor], since
            )
            where = f" WHERE {condition} OR {cursor} IS NULL"
        return f"SELECT {values} FROM {self._quoted(spec.source_name)}{where}"

    def totals(self, table: SourceTable) -> Totals:
        """Count and sum as the server computes them."""
        if not table.exists:
            return Totals(0, None)
        control, total, scale = table.spec.control_total, "NULL", 0
        if control:
            landed = table.types[control]
            scale = int(landed[8:-1].split(",")[1]) if landed.startswith("DECIMAL") else 0
            total = self._dialect.total.format(c=self._quote(control), scale=scale)
        [(rows, value)] = self._all(
            f"SELECT COUNT(*), {total} FROM {self._quoted(table.spec.source_name)}"
        )
        return Totals(int(rows), None if value is None else Decimal(str(value)))

    def cheap_to_count(self, table: SourceTable) -> bool:  # noqa: ARG002 - whatever it is
        """False: how large a table is every dialect tells in its own way."""
        return False

    def _value(self, spec: TableSpec, column: SourceColumn) -> str:
        return self._dialect.value(self._kinds[spec.name, column.name], self._quote(column.name))

    def _declared(self, kind: Type) -> str:
        try:
            return kind.compile(self._engine.dialect)
        except sa.exc.CompileError:
            return "unknown"

    def _quoted(self, name: str) -> str:
        return ".".join(self._quote(part) for part in schema_and_table(name) if part is not None)

    def _batches(self, query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        try:
            streaming = self._db.execution_options(stream_results=True, max_row_buffer=BATCH_ROWS)
            self._result = streaming.execute(_verbatim(query))
            for rows in self._result.partitions(BATCH_ROWS):
                yield _batch(rows, schema)
        except sa.exc.SQLAlchemyError as e:
            self._lost = str(_own_words(e))
            raise

    def _all(self, query: str) -> Sequence[Any]:
        try:
            return self._db.execute(_verbatim(query)).fetchall()
        except sa.exc.SQLAlchemyError as e:
            raise self._error(e) from None

    def _error(self, error: Exception) -> SourceError:
        return SourceError(
            f"Source {self._name!r} cannot be read: {self.mask(_own_words(error))}",
            "Check host, database, user and grants of the reading role.",
        )


def _own_words(error: Exception) -> BaseException:
    """The driver's error: SQLAlchemy's repeats the statement."""
    return getattr(error, "orig", None) or error


def quoting(dialect: sa.Dialect) -> Callable[[str], str]:
    """Writes a reflected name in SQL.

    Where SQLAlchemy gives names in small letters that the database keeps in capital ones, only a
    name that needs quotes gets them.
    """
    preparer = dialect.identifier_preparer
    return preparer.quote if dialect.requires_name_normalize else preparer.quote_identifier


def _base(kind: Type) -> Type:
    """The type that a domain is based on."""
    while isinstance(kind, DOMAIN):
        kind = kind.data_type
    return kind


def _verbatim(query: str) -> sa.TextClause:
    """A statement without parameters: a colon is a colon."""
    return sa.text(query.replace(":", "\\:"))


def _batch(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows of whatever the driver gives as one batch of texts and bytes."""
    bad: dict[int, str] = {}
    columns = []
    names = schema.names[:-2]
    for position, name in enumerate(names):
        values = [row[position] for row in rows]
        if schema.field(name).type == pa.binary():
            columns.append(pa.array([_as_bytes(v) for v in values], pa.binary()))
            continue
        texts = [_as_text(v) for v in values]
        for i, (value, text) in enumerate(zip(values, texts, strict=True)):
            if value is not None and text is None:
                bad.setdefault(i, f"{name}: is no text")
        columns.append(pa.array(texts, pa.string()))
    columns += [
        pa.array([bad.get(i) for i in range(len(rows))], pa.string()),
        pa.array(
            [
                json.dumps(dict(zip(names, map(_shown, row), strict=True))) if i in bad else None
                for i, row in enumerate(rows)
            ],
            pa.string(),
        ),
    ]
    return pa.record_batch(columns, schema=schema)


def _as_text(value: Any) -> str | None:  # noqa: ANN401 - whatever the driver gives
    """The value as text; None where it is none, or is not Unicode."""
    match value:
        case None | bytes() | memoryview():
            return None
        case str():
            try:
                value.encode()
            except UnicodeEncodeError:
                return None
            return value
        case float():
            return repr(value)
    return str(value)


def _as_bytes(value: Any) -> bytes | None:  # noqa: ANN401 - whatever the driver gives
    return value.encode() if isinstance(value, str) else value


def _shown(value: Any) -> str | None:  # noqa: ANN401 - whatever the driver gives
    """A value within the JSON of a row that is put aside; bytes that are no text become escapes."""
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("utf-8", "backslashreplace")
    return None if value is None else str(value)
