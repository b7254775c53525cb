"""MariaDB and MySQL: one READ ONLY transaction with a consistent snapshot, values as text.

DuckDB's own scanner cannot be used: it runs every query on a connection that it resets first, so
rows, counts and settings never share a snapshot. Rows come through PyMySQL's connection instead,
unconverted (`sources.readers.packets`), which is as fast. The server writes every value exactly;
what has no exact type of Arrow's stays text (TIME beyond a day, DECIMAL beyond 38 digits), what is
no value at all ('0000-00-00', '2026-02-00') puts its row aside.

Dates with time land as they stand in a DATETIME, and as UTC from a TIMESTAMP. A number lands
without the zeros that ZEROFILL shows; name `varchar` for it in the system's file to keep them.
Tables of an engine without transactions are read in one statement, but not in the snapshot.

Does not belong here: merging and comparing (`sources.extract`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import pyarrow as pa
import pyarrow.compute as pc
import pymysql

from models.errors import ConfigError, SourceError
from sources.fingerprint import DIGITS, Floats, key_columns
from sources.readers.base import (
    REASON,
    ROW,
    TEMPORAL,
    Rows,
    SourceTable,
    Totals,
    absent,
    checked,
    ident,
    literal,
    no_rows,
    of_keys,
    selected,
)
from sources.readers.hashing import ServerFingerprints
from sources.readers.packets import RawConnection
from sources.readers.stream import StreamReader, schema_and_table, texts_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    import duckdb

    from models.config import Source
    from sources.readers.base import Fingerprints, SourceColumn
    from sources.spec import TableSpec

SESSION = (
    # names and texts are quoted as in the standard, so as for every other source
    "sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
    "time_zone = '+00:00'",
    "lock_wait_timeout = 30",
    "innodb_lock_wait_timeout = 30",
    # the server must bear with a reader that is busy writing
    "net_write_timeout = 600",
)
MARIADB_SESSION = (
    "max_statement_time = {minutes} * 60",
    "idle_readonly_transaction_timeout = 1800",
)
MYSQL_SESSION = ("max_execution_time = {minutes} * 60000",)
"""Settings of every session: never waiting for ever, texts in one form."""
CHEAP_COUNT_BYTES = 64 * 2**20
OPTIONS = frozenset({"ssl_ca", "ssl_cert", "ssl_key", "ssl_verify_identity", "unix_socket"})
"""What a URL may say after the question mark."""

_INTEGERS = {
    "tinyint": ("SMALLINT", "SMALLINT"),
    "smallint": ("SMALLINT", "INTEGER"),
    "mediumint": ("INTEGER", "INTEGER"),
    "int": ("INTEGER", "BIGINT"),
    "bigint": ("BIGINT", "DECIMAL(20,0)"),
}
"""Landed types of signed and unsigned integers."""
_SIMPLE = {
    "float": "FLOAT",
    "double": "DOUBLE",
    "year": "SMALLINT",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "timestamp": "TIMESTAMP",
}
_BINARY = re.compile("binary|blob|geometry|point|linestring|polygon|collection|vector")
_FAITHFUL = frozenset({"utf8mb4", "utf8mb3", "utf8", "latin1", "ascii"})
"""Character sets that UTF-8 surely gives back byte for byte."""
_DESCRIBE = """
SELECT c.column_name, c.column_type, c.character_set_name, t.table_type, t.engine,
       t.data_length + t.index_length
FROM information_schema.columns AS c
JOIN information_schema.tables AS t
  ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = {schema} AND c.table_name = {table}
ORDER BY c.ordinal_position
"""
_UNIQUE = """
SELECT index_name, column_name FROM information_schema.statistics
WHERE table_schema = {schema} AND table_name = {table} AND index_name NOT IN (
  SELECT index_name FROM information_schema.statistics
  WHERE table_schema = {schema} AND table_name = {table}
    AND (non_unique = 1 OR nullable = 'YES' OR sub_part IS NOT NULL OR column_name IS NULL))
"""


@dataclass(frozen=True, slots=True)
class _Read:
    """How the server gives one column: its value as text, and when the value is refused."""

    value: str
    bad: str | None = None
    check: bool = False
    """True where the text need not be a value of the landed type."""


class MariadbReader(StreamReader):
    """One snapshot of a MariaDB or MySQL database on one connection."""

    def __init__(self, source: Source, duck: duckdb.DuckDBPyConnection) -> None:
        super().__init__(source.url(), duck)
        self._name = source.name
        self._sizes: dict[str, int] = {}
        self._charsets: dict[tuple[str, str], str | None] = {}
        options = _options(self._url, str(source.url_env), source.max_statement_minutes)
        try:
            self._db = RawConnection(**options)
        except (pymysql.MySQLError, OSError, ValueError) as e:
            raise self._error(e) from None
        variables = dict(
            self._all(
                "SHOW GLOBAL VARIABLES WHERE Variable_name IN "
                "('server_uuid', 'server_uid', 'datadir', 'hostname', 'port', 'version')"
            )
        )
        self._identity = {
            "server": variables.get("server_uuid")
            or variables.get("server_uid")
            or f"{variables['hostname']}:{variables['port']}",
            "datadir": variables["datadir"],
            "database": options["database"],
        }
        vendor = MARIADB_SESSION if "MariaDB" in variables["version"] else MYSQL_SESSION
        settings = ", ".join((*SESSION, *vendor)).format(minutes=source.max_statement_minutes)
        self._execute(f"SET SESSION {settings}")
        self._execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self._execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        [(self._taken,)] = self._all("SELECT UTC_TIMESTAMP(6)")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.hang_up()

    def identity(self) -> Mapping[str, str]:
        """The server's own id, its data folder and the database's name."""
        return self._identity

    def snapshot(self) -> Mapping[str, str]:
        """The server's clock (UTC): it has no id of a snapshot."""
        return {"server_time": str(self._taken)}

    def unchanged_since(self, snapshot: Mapping[str, str], spec: TableSpec) -> bool:  # noqa: ARG002 - whatever they are
        """False: the server tells nobody without rights on its log what was written."""
        return False

    def describe(self, spec: TableSpec) -> SourceTable:
        """Columns from `information_schema`, which shows those that the role may read."""
        schema, table = schema_and_table(spec.source_name)
        names = {
            "schema": "DATABASE()" if schema is None else literal(schema),
            "table": literal(table),
        }
        rows = self._all(_DESCRIBE.format_map(names))
        if not rows:
            return absent(spec)
        kind, engine, size = rows[0][3:]
        self._sizes[spec.name] = int(size or 0) if kind == "BASE TABLE" else CHEAP_COUNT_BYTES + 1
        indexes: dict[str, set[str]] = {}
        for index, column in self._all(_UNIQUE.format_map(names)):
            indexes.setdefault(index, set()).add(column)
        available = {row[0]: row[1] for row in rows}
        self._charsets.update({(spec.name, row[0]): row[2] for row in rows})
        types = {name: landed_type(declared) for name, declared in available.items()}
        return SourceTable(
            spec,
            selected(spec, available, types),
            # what a snapshot does not cover is compared by value, and may be counted later
            unique_key=engine == "InnoDB" and any(c <= set(spec.key) for c in indexes.values()),
        )

    def rows(self, table: SourceTable, since: str | None) -> Rows:
        """A stream of Arrow batches, registered under a name of its own."""
        return self._rows(table, _since(table, since))

    def rows_of(self, table: SourceTable, keys: Collection[Mapping[str, str]]) -> Rows | None:
        """As `rows`, by key."""
        text = "CAST({c} AS CHAR) COLLATE utf8mb4_bin"
        condition = of_keys(table, keys, text) if _natural(key_columns(table)) else None
        return None if condition is None else self._rows(table, f" WHERE {condition}")

    def fingerprints(self, table: SourceTable) -> Fingerprints | None:
        """None where a column becomes what it lands as only after it is read."""
        if not table.exists or not _natural(table.columns):
            return None
        return _MariadbFingerprints(self, table)

    def _rows(self, table: SourceTable, where: str) -> Rows:
        if not table.exists:
            return no_rows(table)
        spec = table.spec
        reads = {c.name: _read(c, self._charsets[spec.name, c.name]) for c in table.columns}
        bad = {n: r.bad for n, r in reads.items() if r.bad}
        reason = row = "NULL"
        if bad:
            reason = (
                "CASE "
                + " ".join(
                    f"WHEN {condition} THEN CONCAT({literal(n + ': ')}, "
                    f"LEFT(CAST(t.{ident(n)} AS CHAR), 60), "
                    f"{literal(f' cannot be kept as {table.types[n]}')})"
                    for n, condition in bad.items()
                )
                + " END"
            )
            fields = ", ".join(f"{literal(c.name)}, {_shown(c)}" for c in table.columns)
            row = f"CASE WHEN {' OR '.join(bad.values())} THEN JSON_OBJECT({fields}) END"
        values = ", ".join(r.value for r in reads.values())
        columns = ", ".join(ident(c.name) for c in table.columns)
        query = (
            f"SELECT {values}, {reason}, {row} FROM (SELECT {columns} FROM "
            f"{_quoted(spec.source_name)} AS t{where}) AS t"
        )
        view = self._stream(query, texts_of(table))
        texts = {n for n, r in reads.items() if r.check}
        casts = ", ".join(
            ident(c.name)
            if c.name in texts or c.sql_type in {"VARCHAR", "BLOB"}
            else f"CAST({ident(c.name)} AS {c.sql_type}) AS {ident(c.name)}"
            for c in table.columns
        )
        return Rows(
            query,
            checked(f"SELECT {casts}, {REASON}, {ROW} FROM {view}", table.columns, texts),
        )

    def totals(self, table: SourceTable) -> Totals:
        """Exact sums for integers and decimals: the server's own, of up to 65 digits."""
        if not table.exists:
            return Totals(0, None)
        control = table.spec.control_total
        total = f"CAST(SUM({ident(control)}) AS CHAR)" if control else "NULL"
        [(rows, value)] = self._all(
            f"SELECT COUNT(*), {total} FROM {_quoted(table.spec.source_name)}"
        )
        return Totals(int(rows), None if value is None else Decimal(value))

    def cheap_to_count(self, table: SourceTable) -> bool:
        """True for small tables: InnoDB counts by reading them."""
        return self._sizes.get(table.spec.name, 0) <= CHEAP_COUNT_BYTES

    def _batches(self, query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        try:
            for columns in self._db.columns(query):
                yield _batch(columns, schema)
        except pymysql.MySQLError as e:
            self._lost = _text(e)
            raise

    def _all(self, query: str) -> list[Any]:
        try:
            return self._db.rows(query)
        except pymysql.MySQLError as e:
            raise self._error(e) from None

    def _execute(self, statement: str) -> None:
        try:
            self._db.query(statement)
        except pymysql.MySQLError as e:
            raise self._error(e) from None

    def _error(self, error: Exception) -> SourceError:
        return SourceError(
            f"Source {self._name!r} cannot be read: {self.mask(_text(error))}.",
            "Check host, database, user and grants of the reading role.",
        )


class _MariadbFingerprints(ServerFingerprints):
    """MariaDB's; a row too long for one packet has NULL, which is no landed row's."""

    floats = Floats.SHORTEST
    text = "CAST({n} AS CHAR)"

    def __init__(self, reader: MariadbReader, table: SourceTable) -> None:
        self._reader = reader
        super().__init__(table, f"{_quoted(table.spec.source_name)} AS t")

    def _number(self, columns: Iterable[SourceColumn]) -> str:
        texts = map(_text_of, columns)
        parts = (f"COALESCE(CONCAT(CHAR_LENGTH({text}), ':', {text}), '-')" for text in texts)
        digest = f"MD5(CONCAT({', '.join(parts)}))"
        return f"CAST(CONV(LEFT({digest}, {DIGITS}), 16, 10) AS UNSIGNED)"

    def _answer(self, query: str, types: Mapping[str, str]) -> str:
        schema = pa.schema([pa.field(name, pa.string()) for name in types])
        values = ", ".join(f"{name}::{kind} AS {name}" for name, kind in types.items())
        return f"SELECT {values} FROM {self._reader._stream(query, schema)}"  # noqa: SLF001 - one module

    def _read_where(self, where: str) -> Rows:
        return self._reader._rows(self._table, where)  # noqa: SLF001 - one module


def _natural(columns: Iterable[SourceColumn]) -> bool:
    """True where every column lands as its declaration says."""
    return all(c.sql_type == landed_type(c.source_type) for c in columns)


def _text_of(column: SourceColumn) -> str:
    """The server's SQL of a value as DuckDB writes what has landed of it, in utf8mb4."""
    name = f"t.{ident(column.name)}"
    match column.sql_type:
        case "BOOLEAN":
            return f"IF({name} IS NULL, NULL, IF({name}, 'true', 'false'))"
        case "TIMESTAMP":
            # without the zeros at the end of a fraction, and without a fraction of zeros
            text = f"DATE_FORMAT({name}, '%Y-%m-%d %H:%i:%s.%f')"
            return f"TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {text}))"
        case "BLOB":
            return f"HEX({name})"
        case "DOUBLE" | "FLOAT":
            return f"CAST({name} + 0e0 AS CHAR)"
        case "VARCHAR" | "DATE":
            return f"CAST({name} AS CHAR CHARACTER SET utf8mb4)"
        case _:  # a number, without the zeros that ZEROFILL or YEAR shows
            return f"CAST({name} + 0 AS CHAR)"


def landed_type(declared: str) -> str:
    """The landed type of a column type as `information_schema` writes it.

    Text keeps exactly what has no other exact type.
    """
    kind = re.split(r"[( ]", declared, maxsplit=1)[0]
    if kind in _INTEGERS:
        return _INTEGERS[kind]["unsigned" in declared or "zerofill" in declared]
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if decimal := re.match(r"decimal\((\d+),(\d+)\)", declared):
        precision, scale = int(decimal[1]), int(decimal[2])
        return f"DECIMAL({precision},{scale})" if precision <= 38 else "VARCHAR"  # noqa: PLR2004 - widest decimal of Arrow and DuckDB
    if bits := re.fullmatch(r"bit\((\d+)\)", declared):
        return {1: "BOOLEAN", 64: "DECIMAL(20,0)"}.get(int(bits[1]), "BIGINT")
    return "BLOB" if _BINARY.search(kind) else "VARCHAR"


def _read(column: SourceColumn, charset: str | None) -> _Read:
    """How one column is read so that its landed value is exact or refused."""
    name, landed = f"t.{ident(column.name)}", column.sql_type
    natural = landed_type(column.source_type)
    kind = re.split(r"[( ]", column.source_type, maxsplit=1)[0]
    value, bad = name, None
    if kind in {"float", "double", "bit"}:
        value = f"{name} + 0e0" if kind != "bit" else f"{name} + 0"
    elif charset and charset not in _FAITHFUL:
        there_and_back = f"CONVERT(CONVERT({name} USING utf8mb4) USING {charset})"
        bad = f"(CAST({there_and_back} AS BINARY) <> CAST({name} AS BINARY))"
    check = landed != natural or landed in {"DATE", "TIMESTAMP"}
    return _Read(value, bad, check and landed not in {"VARCHAR", "BLOB"})


def _shown(column: SourceColumn) -> str:
    """A column within the JSON of a row that is put aside."""
    name = f"t.{ident(column.name)}"
    return f"HEX({name})" if _BINARY.match(column.source_type) else f"CAST({name} AS CHAR)"


def _since(table: SourceTable, since: str | None) -> str:
    if since is None or table.spec.cursor is None:
        return ""
    cursor = ident(table.spec.cursor)
    landed = table.types[table.spec.cursor]
    if landed not in TEMPORAL:
        # a text would be compared as a double
        return f" WHERE {cursor} >= {Decimal(since)} OR {cursor} IS NULL"
    if landed == "VARCHAR":
        return f" WHERE CAST({cursor} AS BINARY) >= {literal(since)} OR {cursor} IS NULL"
    # a zero date is as good as none
    return f" WHERE {cursor} >= {literal(since)} OR {cursor} IS NULL OR {cursor} < '0001-01-01'"


def _batch(columns: list[pa.Array], schema: pa.Schema) -> pa.RecordBatch:
    """Columns of bytes as one batch; a text that is not UTF-8 puts its row aside."""
    arrays = []
    bad: dict[int, str] = {}
    for values, field in zip(columns, schema, strict=True):
        array = values
        if field.type != pa.binary():
            try:
                array = values.cast(pa.string())
            except pa.ArrowInvalid:
                fitting = [_as_text(v) for v in values.to_pylist()]
                bad |= {
                    i: f"{field.name}: is not UTF-8"
                    for i, (was, now) in enumerate(zip(values, fitting, strict=True))
                    if was.is_valid and now is None
                }
                array = pa.array(fitting, pa.string())
        arrays.append(array)
    if bad:
        count = len(columns[0])
        reasons = pa.array([bad.get(i) for i in range(count)], pa.string())
        names = schema.names[:-2]
        rows = pa.array([_as_json(names, columns, i) if i in bad else None for i in range(count)])
        arrays[-2:] = [pc.coalesce(arrays[-2], reasons), pc.coalesce(arrays[-1], rows)]
    return pa.record_batch(arrays, schema=schema)


def _as_text(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def _as_json(names: list[str], columns: list[pa.Array], row: int) -> str:
    """The row as JSON; bytes that are no text become escapes."""
    values = (column[row].as_py() for column in columns)
    return json.dumps(
        {
            name: None if value is None else value.decode("utf-8", "backslashreplace")
            for name, value in zip(names, values, strict=False)
        }
    )


def _quoted(name: str) -> str:
    return ".".join(ident(part) for part in schema_and_table(name) if part is not None)


def _text(error: Exception) -> str:
    """What the server or the driver says, without its number."""
    return str(error.args[-1] if error.args else error).rstrip(".")


def _options(url: str, variable: str, minutes: int) -> dict[str, Any]:
    """PyMySQL's arguments of a URL. Raises `ConfigError` where they cannot be."""
    parts = urlsplit(url)
    extra = dict(parse_qsl(parts.query))
    try:
        port = parts.port or 3306
    except ValueError:
        port = 0
    if (
        not re.fullmatch(r"(mysql|mariadb)(\+\w+)?", parts.scheme)
        or not parts.path.strip("/")
        or not port
    ):
        raise ConfigError(
            f"The URL in {variable} is not one of MariaDB or MySQL.",
            "It looks like mysql://user:password@host:3306/database.",
        )
    if unknown := sorted(extra.keys() - OPTIONS):
        raise ConfigError(
            f"The URL in {variable} has the option {unknown[0]!r}, which nobody knows.",
            f"Known are {', '.join(sorted(OPTIONS))}.",
        )
    return {
        **extra,
        "host": parts.hostname or "127.0.0.1",
        "port": port,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.strip("/")),
        "charset": "utf8mb4",
        "autocommit": True,
        "connect_timeout": 10,
        "read_timeout": (minutes + 1) * 60,
        "program_name": "scorecard",
    }
