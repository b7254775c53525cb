"""SQLite: one read transaction, every value's storage class checked.

SQLite keeps any type in any column. DuckDB's scanner is about three times as fast, but it ends at
the first value that does not fit its column or is not UTF-8, and its scans and queries do not
share one snapshot; so rows come through the standard library, as Arrow batches. In each batch the
good rows stay and the bad ones are told apart.

Does not belong here: the landed form of text values (`sources.readers.base.parse`).
"""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from models.errors import SourceError
from sources.readers.base import (
    REASON,
    ROW,
    TEMPORAL,
    Reader,
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

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    import duckdb

    from models.config import Source
    from sources.readers.base import SourceColumn
    from sources.spec import TableSpec

BATCH_ROWS = 50_000
_EXACT_DOUBLE = 2**53


@dataclass(frozen=True, slots=True)
class _Transport:
    """How one landed type travels: SQL of the value, allowed storage classes, Arrow type."""

    classes: tuple[str, ...]
    arrow: pa.DataType
    as_text: bool = False
    refuse: str = ""


_NUMBER_AS_TEXT = _Transport(("integer", "real", "text"), pa.string(), as_text=True)
_TEXT = _Transport(("text",), pa.string())
_TRANSPORT = {
    "BIGINT": _Transport(("integer",), pa.int64()),
    "INTEGER": _Transport(
        ("integer",), pa.int64(), refuse="{c} NOT BETWEEN -2147483648 AND 2147483647"
    ),
    "SMALLINT": _Transport(("integer",), pa.int64(), refuse="{c} NOT BETWEEN -32768 AND 32767"),
    "BOOLEAN": _Transport(("integer",), pa.int64(), refuse="{c} NOT IN (0, 1)"),
    "DOUBLE": _Transport(
        ("real", "integer"),
        pa.float64(),
        refuse=f"typeof({{c}}) = 'integer' AND abs({{c}}) > {_EXACT_DOUBLE}",
    ),
    "BLOB": _Transport(("blob", "text"), pa.binary()),
}


def _transport(column: SourceColumn) -> _Transport:
    """How a column travels: numbers that are to land exactly, or as text, travel as text."""
    if column.sql_type.startswith("DECIMAL"):
        return _NUMBER_AS_TEXT
    if column.sql_type == "VARCHAR" and not re.search("CHAR|CLOB|TEXT", column.source_type.upper()):
        return _NUMBER_AS_TEXT
    return _TRANSPORT.get(column.sql_type, _TEXT)


def _landed_type(declared: str) -> str:
    """The landed type of a declared type, by SQLite's own affinity rules where it has any."""
    upper = declared.upper()
    if decimal := re.search(r"(?:DECIMAL|NUMERIC)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", upper):
        precision, scale = int(decimal[1]), int(decimal[2] or 0)
        return f"DECIMAL({precision},{scale})" if scale <= precision <= 38 else "VARCHAR"  # noqa: PLR2004 - widest decimal
    for pattern, landed in (
        ("BOOL", "BOOLEAN"),
        ("INT", "BIGINT"),
        ("CHAR|CLOB|TEXT", "VARCHAR"),
        ("DATETIME|TIMESTAMP", "TIMESTAMP"),
        ("DATE", "DATE"),
        ("TIME", "TIME"),
        ("BLOB", "BLOB"),
        ("REAL|FLOA|DOUB|NUM|DEC", "DOUBLE"),
    ):
        if re.search(pattern, upper):
            return landed
    return "VARCHAR"


class SqliteReader(Reader):
    """One read transaction on a SQLite file."""

    def __init__(self, source: Source, duck: duckdb.DuckDBPyConnection) -> None:
        path = source.path
        if path is None or not path.is_file():
            raise SourceError(
                f"Source {source.name!r}: there is no SQLite file {path}.",
                "Mend `path` in scorecard.yml, or run `make demo` to simulate one.",
            )
        self._path: Path = path
        self._duck = duck
        self._streams = 0
        try:
            # DuckDB pulls the stream from a thread of its own
            self._db = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=30,
            )
            # bytes, so that a text that is not UTF-8 spoils its own row only
            self._db.text_factory = bytes
            self._db.execute("PRAGMA query_only = 1")
            self._files = self._fingerprint()
            self._db.execute("BEGIN")
            self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.Error as e:
            raise SourceError(f"SQLite file {path} cannot be read: {e}.", "Is it one?") from e

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def identity(self) -> Mapping[str, str]:
        """The application's own number; SQLite knows no other."""
        return {"application_id": str(self._one("PRAGMA application_id"))}

    def snapshot(self) -> Mapping[str, str]:
        """What changes with every write, taken before the snapshot."""
        return {"files": self._files}

    def unchanged_since(self, snapshot: Mapping[str, str], spec: TableSpec) -> bool:  # noqa: ARG002 - one file holds all
        """True where neither the file nor its write-ahead log was touched."""
        return snapshot.get("files") == self._files

    def describe(self, spec: TableSpec) -> SourceTable:
        """Columns by `PRAGMA table_xinfo`, generated ones included."""
        rows = self._all(
            'SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?) WHERE hidden <> 1',
            spec.source_name,
        )
        if not rows:
            return absent(spec)
        declared = {name: kind for name, kind, _, _ in rows}
        types = {name: _landed_type(kind) for name, kind in declared.items()}
        primary = {name for name, _, _, pk in rows if pk}
        # only INTEGER PRIMARY KEY (the rowid) or NOT NULL keeps NULL out of a key
        never_null = {
            name
            for name, kind, notnull, pk in rows
            if notnull or (pk and len(primary) == 1 and kind.upper() == "INTEGER")
        }
        return SourceTable(
            spec,
            selected(spec, declared, types),
            unique_key=primary == set(spec.key) and primary <= never_null,
        )

    def rows(self, table: SourceTable, since: str | None) -> Rows:
        """A stream of Arrow batches, registered under a name of its own."""
        return self._rows(table, self._since(table, since))

    def rows_of(self, table: SourceTable, keys: Collection[Mapping[str, str]]) -> Rows | None:
        """As `rows`, by key."""
        condition = of_keys(table, keys, "CAST({c} AS TEXT)")
        return None if condition is None else self._rows(table, f" WHERE {condition}")

    def _rows(self, table: SourceTable, where: str) -> Rows:
        if not table.exists:
            return no_rows(table)
        texts = set()
        selects, reasons, fields = [], [], []
        for column in table.columns:
            name = ident(column.name)
            transport = _transport(column)
            if transport.arrow == pa.string() and column.sql_type != "VARCHAR":
                texts.add(column.name)
            selects.append(
                f"CASE typeof({name}) WHEN 'text' THEN {name} WHEN 'blob' THEN {name} "
                f"ELSE CAST({name} AS TEXT) END"
                if transport.as_text
                else name
            )
            classes = ", ".join(literal(c) for c in (*transport.classes, "null"))
            refuse = f" OR {transport.refuse.format(c=name)}" if transport.refuse else ""
            reasons.append(
                f"WHEN typeof({name}) NOT IN ({classes}){refuse} THEN "
                f"{literal(column.name + ': ')} || typeof({name}) || ' ' || "
                f"substr(quote({name}), 1, 60) || {literal(' is no ' + column.sql_type)}"
            )
            fields.append(pa.field(column.name, transport.arrow))
        query = (
            f"SELECT {', '.join(selects)}, CASE {' '.join(reasons)} END "
            f"FROM {ident(table.spec.source_name)}{where}"
        )
        schema = pa.schema([*fields, pa.field(REASON, pa.string()), pa.field(ROW, pa.string())])
        self._streams += 1
        view = f"sqlite_stream_{self._streams}"
        self._duck.register(
            view, pa.RecordBatchReader.from_batches(schema, self._batches(query, schema))
        )
        casts = ", ".join(
            f"try_cast({ident(c.name)} AS {c.sql_type}) AS {ident(c.name)}"
            if c.name not in texts
            else ident(c.name)
            for c in table.columns
        )
        relation = f"SELECT {casts}, {REASON}, {ROW} FROM {view}"
        return Rows(query, checked(relation, table.columns, texts))

    def totals(self, table: SourceTable) -> Totals:
        """Sums of whole units of the last decimal, so exact for integers and decimals."""
        if not table.exists:
            return Totals(0, None)
        control, total, scale = table.spec.control_total, "NULL", 0
        if control:
            landed = table.types[control]
            if landed == "DOUBLE":
                total = f"total({ident(control)})"
            else:
                scale = int(landed[8:-1].split(",")[1]) if landed.startswith("DECIMAL") else 0
                total = f"sum(CAST(round({ident(control)} * 1e{scale}) AS INTEGER))"
        [(rows, value)] = self._all(
            f"SELECT count(*), {total} FROM {ident(table.spec.source_name)}"
        )
        return Totals(rows, None if value is None else Decimal(value).scaleb(-scale))

    def cheap_to_count(self, table: SourceTable) -> bool:
        """Counting walks the smallest index only."""
        return table.exists

    @staticmethod
    def _since(table: SourceTable, since: str | None) -> str:
        if since is None or table.spec.cursor is None:
            return ""
        cursor = ident(table.spec.cursor)
        if table.types[table.spec.cursor] in TEMPORAL:
            bound = literal(since)
            # texts sort by time in either form, because the bound's blank sorts before 'T'; what is
            # no moment at all is read every time; one longer than seconds may end in an offset
            return (
                f" WHERE {cursor} >= {bound} OR {cursor} IS NULL OR typeof({cursor}) <> 'text'"
                f" OR +{cursor} < '1000'"
                f" OR (length({cursor}) > 19 AND datetime({cursor}) >= datetime({bound}))"
            )
        return f" WHERE {cursor} >= {int(since)} OR {cursor} IS NULL"

    def _batches(self, query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        cursor = self._db.execute(query)
        while rows := cursor.fetchmany(BATCH_ROWS):
            yield _batch(rows, schema)

    def _fingerprint(self) -> str:
        """Sizes, times, and the counters of writes in the headers of file and shared memory."""
        parts = []
        for suffix, start, end in (("", 24, 28), ("-wal", 0, 32), ("-shm", 0, 48)):
            path = self._path.with_name(self._path.name + suffix)
            if path.exists():
                stat = path.stat()
                with path.open("rb") as file:
                    header = file.read(end)[start:].hex()
                parts.append(
                    f"{stat.st_size} {stat.st_mtime_ns if suffix != '-shm' else 0} {header}"
                )
        return "; ".join(parts)

    def _all(self, query: str, *parameters: str) -> list[Any]:
        try:
            rows = self._db.execute(query, parameters).fetchall()
        except sqlite3.Error as e:
            raise SourceError(f"SQLite file {self._path} cannot be read: {e}.") from e
        return [tuple(v.decode() if isinstance(v, bytes) else v for v in row) for row in rows]

    def _one(self, query: str) -> Any:  # noqa: ANN401 - whatever the pragma gives
        [(value,)] = self._all(query)
        return value


def _batch(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows of raw values, the reason last, as one batch; unreadable rows keep only their text."""
    width = len(rows[0]) - 1
    bad: dict[int, str] = {
        i: row[-1].decode("utf-8", "replace") for i, row in enumerate(rows) if row[-1] is not None
    }
    raw = {i: rows[i] for i in bad}
    for i in bad:
        rows[i] = tuple(_readable(v, f.type) for v, f in zip(rows[i], schema, strict=False))
    columns = []
    values: list[Any]
    for field, values in zip(schema, map(list, zip(*rows, strict=True)), strict=False):
        if field.name == REASON:
            break
        if pa.types.is_string(field.type):
            array = pa.array(values, pa.binary())
            try:
                array = array.cast(pa.string())
            except pa.ArrowInvalid:
                for i, value in enumerate(values):
                    if not _is_text(value):
                        bad.setdefault(i, f"{field.name}: is not UTF-8")
                        raw.setdefault(i, rows[i])
                        values[i] = None
                array = pa.array(values, pa.binary()).cast(pa.string())
        else:
            array = pa.array(values, field.type)
        columns.append(array)
    names = schema.names[:width]
    reasons = [bad.get(i) for i in range(len(rows))] if bad else pa.nulls(len(rows), pa.string())
    texts = (
        [_as_json(names, raw[i]) if i in raw else None for i in range(len(rows))]
        if bad
        else pa.nulls(len(rows), pa.string())
    )
    columns += [pa.array(reasons, pa.string()), pa.array(texts, pa.string())]
    return pa.record_batch(columns, schema=schema)


def _readable(value: Any, arrow: pa.DataType) -> Any:  # noqa: ANN401 - SQLite keeps any type
    """The value if its column's type can hold it, else None."""
    if pa.types.is_string(arrow):
        return value if isinstance(value, bytes) else None
    try:
        pa.scalar(value, arrow)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    return value


def _is_text(value: bytes | None) -> bool:
    try:
        return value is None or value.decode("utf-8") is not None
    except UnicodeDecodeError:
        return False


def _as_json(names: list[str], values: tuple[Any, ...]) -> str:
    """The row as JSON; bytes that are no text become escapes."""
    return json.dumps(
        {
            name: value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
            for name, value in zip(names, values, strict=False)
        }
    )
