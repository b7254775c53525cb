"""PostgreSQL: DuckDB's scanner inside one REPEATABLE READ, READ ONLY transaction.

After `BEGIN` in DuckDB every `postgres_query` of that transaction runs in one backend and one
snapshot, as binary COPY: the fastest exact way measured. What the scanner would bend (unconstrained
numeric, NaN, intervals, arrays) is cast or refused in the query that the server runs. So is what it
would not bend but nobody could land (infinity, 24:00), except in a first load: there the server is
the bottleneck, so it sends such values as they are, and DuckDB leaves their rows out.

Changes are found by the server's own transaction ids. The snapshot's horizon is the oldest
transaction still running; every row that a later snapshot can newly see was written by that
transaction or a younger one, so its `xmin` is not older than the horizon.

Does not belong here: merging and comparing (`sources.extract`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import duckdb

from models.errors import ConfigError, SourceError
from sources.fingerprint import DIGITS, Floats, fields
from sources.readers.base import (
    REASON,
    ROW,
    Reader,
    Rows,
    SourceTable,
    Totals,
    absent,
    checked,
    ident,
    literal,
    masked,
    no_rows,
    of_keys,
    selected,
)
from sources.readers.extension import load_extension
from sources.readers.hashing import ServerFingerprints

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from models.config import Source
    from sources.readers.base import Fingerprints, SourceColumn
    from sources.spec import TableSpec

CATALOG = "source_database"
SESSION = {
    "default_transaction_read_only": "on",
    "idle_in_transaction_session_timeout": "30min",
    "lock_timeout": "30s",
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "iso_8601",
}
"""Settings of every session: read-only, never waiting for ever, texts in one form."""
CHEAP_COUNT_BYTES = 64 * 2**20
OLDEST_SERVER = 130_000
"""PostgreSQL 13 brought 64-bit snapshots."""

_XID_MASK = 2**32 - 1
_FURTHEST = 2**31
"""So many transactions back an age becomes negative."""
_DIRECT = {
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "oid": "BIGINT",
    "boolean": "BOOLEAN",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    "bytea": "BLOB",
    "date": "DATE",
}
_DESCRIBE = """
SELECT a.attname,
       CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod)
            ELSE format_type(a.atttypid, a.atttypmod) END AS type,
       c.relkind::text AS kind, pg_relation_size(c.oid) AS size,
       EXISTS (
         SELECT FROM pg_index AS i
         WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
           AND i.indpred IS NULL AND i.indexprs IS NULL
           AND NOT EXISTS (
             SELECT FROM unnest(i.indkey[0:i.indnkeyatts - 1]) AS k(attnum)
             JOIN pg_attribute AS ka ON ka.attrelid = c.oid AND ka.attnum = k.attnum
             WHERE NOT ka.attnotnull OR ka.attname::text <> ALL ({key}))
       ) AS unique_key
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS t ON t.oid = a.atttypid
WHERE c.oid = to_regclass({name})
ORDER BY a.attnum
"""
_REWRITTEN = """
SELECT count(*) FROM pg_class AS c
WHERE (c.oid = to_regclass({name})
       OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass({name}))))
  AND c.relkind IN ('r', 'm') AND c.relfilenode <> pg_relation_filenode(c.oid)
  AND NOT EXISTS (SELECT FROM {table} LIMIT 0)
"""
"""Naming the table locks it, as a reader does, until the transaction ends; the first file number is
the snapshot's, the second that of now."""
_SNAPSHOT = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text,
       pg_snapshot_xmax(pg_current_snapshot())::text,
       (SELECT system_identifier::text FROM pg_control_system()),
       (SELECT oid::text FROM pg_database WHERE datname = current_database()),
       current_database()::text, current_setting('server_version_num')
"""


@dataclass(frozen=True, slots=True)
class _Read:
    """How one column is read: the server's value, and when the server refuses it."""

    value: str
    bad: str | None = None
    as_text: bool = False
    plain: str = ""
    """The server's value where it is known not to be refused; empty: `value` itself."""
    in_range: str | None = None
    """DuckDB's condition on the plain value `{c}` that says the same as `bad`."""
    landed: str = "{c}"
    """DuckDB's value of the plain value."""


class PostgresReader(Reader):
    """One snapshot of a PostgreSQL database; it holds DuckDB's transaction open."""

    def __init__(self, source: Source, duck: duckdb.DuckDBPyConnection) -> None:
        self._url = source.url()
        self._name = source.name
        self._duck = duck
        self._sizes: dict[str, int] = {}
        if not re.match(r"postgres(ql)?(\+\w+)?://", self._url):
            raise ConfigError(
                f"The URL in {source.url_env} is not one of PostgreSQL.",
                "It looks like postgresql://user:password@host:5432/database.",
            )
        load_extension(duck, "postgres_scanner")
        url = _session_url(self._url, source.max_statement_minutes)
        # the run before, in the same process, may have lost its server before it could detach
        self._run(f"DETACH DATABASE IF EXISTS {CATALOG}")
        self._run(f"ATTACH {literal(url)} AS {CATALOG} (TYPE postgres, READ_ONLY)")
        self._run("BEGIN")
        [row] = self._query(_SNAPSHOT)
        self._xmin, self._xmax = int(row[0]), int(row[1])
        self._identity = {"system_identifier": row[2], "database": f"{row[4]} ({row[3]})"}
        if int(row[5]) < OLDEST_SERVER:
            raise SourceError(
                f"Source {source.name!r} is PostgreSQL {row[5]}.", "13 is the oldest supported."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # the connection is thrown away with everything read; nothing is committed in the source
        try:
            self._duck.execute("ROLLBACK")
        except duckdb.Error:
            return
        self._duck.execute(f"DETACH {CATALOG}")

    def identity(self) -> Mapping[str, str]:
        """The cluster's system identifier and the database's name and oid."""
        return self._identity

    def snapshot(self) -> Mapping[str, str]:
        """64-bit ids of the oldest running and the next transaction."""
        return {"horizon": str(self._xmin), "next_transaction": str(self._xmax)}

    def unchanged_since(self, snapshot: Mapping[str, str], spec: TableSpec) -> bool:  # noqa: ARG002 - ids are the cluster's
        """True where the cluster has begun no writing transaction since, and none was running."""
        return snapshot == self.snapshot() and self._xmin == self._xmax

    def horizon(self) -> str:
        """The oldest transaction still running."""
        return str(self._xmin)

    def describe(self, spec: TableSpec) -> SourceTable:
        """Columns from `pg_attribute`; a domain has the type that it is based on."""
        name = _quoted(spec.source_name)
        key = "ARRAY[" + ", ".join(literal(k) for k in spec.key) + "]::text[]"
        rows = self._query(_DESCRIBE.format(name=literal(name), key=key))
        if not rows:
            return absent(spec)
        kind, size = rows[0][2], rows[0][3]
        if spec.change == "horizon" and kind not in {"r", "p", "m"}:
            raise SourceError(
                f"{spec.source_name} is no table, so it has no transaction ids to follow.",
                "Use `change: cursor` or `full` for it in sources/systems/.",
            )
        [(rewritten,)] = self._query(
            _REWRITTEN.format(name=literal(name), table=_quoted(spec.source_name))
        )
        if rewritten:
            # such a table looks empty to a snapshot that is older: all rows would seem deleted
            raise SourceError(
                f"Table {spec.source_name} was truncated or rewritten while the run began.",
                "Run again.",
            )
        self._sizes[spec.name] = size
        available = {name: kind for name, kind, *_ in rows}
        types = {name: _landed_type(kind) for name, kind in available.items()}
        return SourceTable(spec, selected(spec, available, types), unique_key=rows[0][4])

    def rows(self, table: SourceTable, since: str | None) -> Rows:
        """One query on the server, sent as binary COPY."""
        return self._rows(table, self._since(table, since))

    def rows_of(self, table: SourceTable, keys: Collection[Mapping[str, str]]) -> Rows | None:
        """As `rows`, by key."""
        natural = all(
            table.types[c.name] == _landed_type(c.source_type)
            for c in table.columns
            if c.name in table.spec.key
        )
        condition = of_keys(table, keys, "{c}::text") if natural else None
        return None if condition is None else self._rows(table, f" WHERE {condition}")

    def fingerprints(self, table: SourceTable) -> Fingerprints | None:
        """None where a column becomes what it lands as only after it is read."""
        reads = [_read(c) for c in table.columns]
        if not table.exists or any(read.as_text for read in reads):
            return None
        return _PostgresFingerprints(self, table)

    def _rows(self, table: SourceTable, where: str) -> Rows:
        if not table.exists:
            return no_rows(table)
        reads = {c.name: _read(c) for c in table.columns}
        values = ", ".join(f"{r.value} AS {ident(n)}" for n, r in reads.items())
        bad = {n: r.bad for n, r in reads.items() if r.bad}
        reason = row = "NULL::text"
        if bad:
            reason = (
                "CASE "
                + " ".join(
                    f"WHEN {condition} THEN {literal(n + ': ')} || left(t.{ident(n)}::text, 60) || "
                    f"{literal(f' cannot be kept as {table.types[n]}')}"
                    for n, condition in bad.items()
                )
                + " END"
            )
            row = f"CASE WHEN {' OR '.join(bad.values())} THEN row_to_json(t.*)::text END"
        columns = ", ".join(ident(c.name) for c in table.columns)
        query = (
            f"SELECT {values}, {reason} AS {REASON}, {row} AS {ROW} "
            f"FROM (SELECT {columns} FROM {_quoted(table.spec.source_name)} AS t"
            f"{where}) AS t"
        )
        texts = {n for n, r in reads.items() if r.as_text}
        return Rows(query, checked(_scan(query), table.columns, texts))

    def load(self, table: SourceTable) -> Rows:
        """One query on the server, with as little work for it as exactness allows."""
        if not table.exists:
            return no_rows(table)
        reads = {c.name: _read(c) for c in table.columns}
        values = ", ".join(f"{r.plain or r.value} AS {ident(n)}" for n, r in reads.items())
        bad = [r.bad for r in reads.values() if r.bad and not r.in_range]
        query = f"SELECT {values} FROM {_quoted(table.spec.source_name)} AS t" + (
            f" WHERE ({' OR '.join(bad)}) IS NOT TRUE" if bad else ""
        )
        landed = ", ".join(f"{r.landed.format(c=ident(n))} AS {ident(n)}" for n, r in reads.items())
        ranges = [r.in_range.format(c=ident(n)) for n, r in reads.items() if r.in_range]
        among = f" WHERE {' AND '.join(f'({r}) IS NOT FALSE' for r in ranges)}" if ranges else ""
        relation = (
            f"SELECT {landed}, NULL::VARCHAR AS {REASON}, NULL::VARCHAR AS {ROW} "
            f"FROM ({_scan(query)}){among}"
        )
        texts = {n for n, r in reads.items() if r.as_text}
        return Rows(query, checked(relation, table.columns, texts))

    def totals(self, table: SourceTable) -> Totals:
        """Exact sums: the server's own numeric."""
        if not table.exists:
            return Totals(0, None)
        control = table.spec.control_total
        total = f"sum({ident(control)}::numeric)::text" if control else "NULL::text"
        [(rows, value)] = self._query(
            f"SELECT count(*), {total} FROM {_quoted(table.spec.source_name)}"
        )
        return Totals(rows, Decimal(value) if value is not None else None)

    def cheap_to_count(self, table: SourceTable) -> bool:
        """True for small tables: PostgreSQL counts by reading them."""
        return self._sizes.get(table.spec.name, 0) <= CHEAP_COUNT_BYTES

    def mask(self, message: object) -> str:
        """The message without the URL's password."""
        return super().mask(masked(message, self._url))

    def _since(self, table: SourceTable, since: str | None) -> str:
        if since is None:
            return ""
        if table.spec.cursor:
            cursor = ident(table.spec.cursor)
            order = ' COLLATE "C"' if table.types[table.spec.cursor] == "VARCHAR" else ""
            return f" WHERE {cursor}{order} >= {literal(since)} OR {cursor} IS NULL"
        # The server counts ages back from one and the same transaction, younger than every row
        # visible, and in 32 bits. Rows of an earlier epoch may look younger than they are and are
        # then read again; none ever looks older. `age` costs next to nothing beside the scan.
        if self._xmax - int(since) >= _FURTHEST:
            return ""
        return f" WHERE age(xmin) <= age('{int(since) & _XID_MASK}'::xid)"

    def _query(self, query: str) -> list[Any]:
        return self._run(_scan(query)).fetchall()

    def _run(self, query: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._duck.execute(query)
        except duckdb.Error as e:
            # the driver's own message may hold the password, so it is no cause of ours
            raise SourceError(
                f"Source {self._name!r} cannot be read: {self.mask(e)}",
                "Check host, database, user and grants of the reading role.",
            ) from None


class _PostgresFingerprints(ServerFingerprints):
    """PostgreSQL's; rows that cannot be read are left out."""

    floats = Floats.BITS
    text = "CAST({n} AS text)"

    def __init__(self, reader: PostgresReader, table: SourceTable) -> None:
        self._reader = reader
        bad = [read.bad for read in map(_read, table.columns) if read.bad]
        readable = f" WHERE ({' OR '.join(bad)}) IS NOT TRUE" if bad else ""
        super().__init__(table, f"{_quoted(table.spec.source_name)} AS t{readable}")

    def _number(self, columns: Iterable[SourceColumn]) -> str:
        texts = []
        for column in columns:
            value = f"({_read(column).value})"
            match column.sql_type:
                case "DOUBLE":
                    texts.append(f"('x' || encode(float8send({value}), 'hex'))::bit(64)::text")
                case "FLOAT":
                    texts.append(f"('x' || encode(float4send({value}), 'hex'))::bit(32)::text")
                case "BLOB":
                    texts.append(f"upper(encode({value}, 'hex'))")
                case _:
                    texts.append(f"{value}::text")
        digest = f"md5(convert_to({fields(texts)}, 'UTF8'))"
        return f"('x' || substr({digest}, 1, {DIGITS}))::bit({4 * DIGITS})::bigint"

    def _answer(self, query: str, types: Mapping[str, str]) -> str:  # noqa: ARG002 - as they come
        return _scan(query)

    def _read_where(self, where: str) -> Rows:
        return self._reader._rows(self._table, where)  # noqa: SLF001 - one module


def _scan(query: str) -> str:
    return f"SELECT * FROM postgres_query({literal(CATALOG)}, {literal(query)})"


def _quoted(name: str) -> str:
    return ".".join(ident(part) for part in name.split(".", 1))


def _session_url(url: str, minutes: int) -> str:
    """The URL with our session settings; those that it brings itself stay."""
    parts = urlsplit(re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url))
    query = dict(parse_qsl(parts.query))
    settings = SESSION | {"statement_timeout": f"{minutes}min"}
    ours = " ".join(f"-c {k}={v}" for k, v in settings.items())
    query["options"] = f"{ours} {query.get('options', '')}".strip()
    query.setdefault("connect_timeout", "10")
    query.setdefault("application_name", "scorecard")
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))


def _landed_type(declared: str) -> str:
    """The landed type of a type as `format_type` writes it.

    Text keeps exactly what has no other exact type; so does numeric without precision, which
    holds 1/3 with 20 decimals. A system file may name a decimal for it.
    """
    if declared in _DIRECT:
        return _DIRECT[declared]
    if declared.startswith("timestamp"):
        return "TIMESTAMP"
    if declared.startswith("time") and declared.endswith("without time zone"):
        return "TIME"
    if numeric := re.fullmatch(r"numeric\((\d+),(-?\d+)\)", declared):
        precision, scale = int(numeric[1]), int(numeric[2])
        if 0 <= scale <= precision <= 38:  # noqa: PLR2004 - widest decimal of Arrow and DuckDB
            return f"DECIMAL({precision},{scale})"
    return "VARCHAR"


def _read(column: SourceColumn) -> _Read:
    """How one column is read so that its landed value is exact or refused."""
    name, landed, declared = f"t.{ident(column.name)}", column.sql_type, column.source_type
    natural = _landed_type(declared)
    if landed.startswith("DECIMAL") and declared.startswith("numeric"):
        digits, scale = (int(n) for n in landed[8:-1].split(","))
        refused = f"(abs({name}) >= 1e{digits - scale} OR {name} <> round({name}, {scale}))"
        plain = f"{name}::numeric({digits},{scale})"
        if landed == natural and declared != "numeric":
            refused, plain = f"({name} = 'NaN')", name
        return _Read(
            f"CASE WHEN NOT {refused} THEN {name} END::numeric({digits},{scale})",
            refused,
            plain=plain,
        )
    if landed != natural:
        return _Read(f"{name}::text", as_text=True)
    value = plain = name
    landed_value = "{c}"
    bad: str | None = None
    in_range: str | None = None
    match landed:
        case "TIMESTAMP":
            zoned = declared.endswith("with time zone")
            kind, utc = ("TIMESTAMPTZ", "+00") if zoned else ("TIMESTAMP", "")
            bad = f"({name} NOT BETWEEN '0001-01-01' AND '9999-12-31 23:59:59.999999')"
            in_range = (
                f"{{c}} BETWEEN {kind} '0001-01-01 00:00:00{utc}' "
                f"AND {kind} '9999-12-31 23:59:59.999999{utc}'"
            )
            landed_value = "make_timestamp(epoch_us({c}))" if zoned else "{c}"
            shifted = "at time zone 'UTC'" if zoned else ""
            value = f"(CASE WHEN NOT {bad} THEN {name} END {shifted})::timestamp"
        case "DATE":
            bad = f"({name} NOT BETWEEN '0001-01-01' AND '9999-12-31')"
            in_range = "{c} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
            value = f"CASE WHEN NOT {bad} THEN {name} END"
        case "TIME":
            bad = f"({name} = '24:00')"
            in_range = "{c} <> TIME '24:00:00'"
            value = f"CASE WHEN NOT {bad} THEN {name} END"
        case "BIGINT":
            value = plain = f"{name}::bigint"
        case "VARCHAR":
            value = plain = f"to_json({name})::text" if declared.endswith("[]") else f"{name}::text"
    return _Read(value, bad, plain=plain, in_range=in_range, landed=landed_value)
