"""What every reader offers, and the SQL that readers share.

A reader is one snapshot of one source. It presents each table as a DuckDB query of exactly typed
columns, so that checking, comparing and writing are the same for every source: a database that
DuckDB scans gives a query on its scanner, any other database registers a stream of Arrow batches.

Besides the table's columns each query yields `_reason` (null, or why the row cannot be read) and
`_row` (the unreadable row as JSON text); the other columns of such a row hold what could be read.

Does not belong here: anything that one kind of source alone needs.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus, urlsplit

from models.errors import SchemaDrift, SourceError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from decimal import Decimal

    from sources.fingerprint import Floats
    from sources.spec import TableSpec

REASON, ROW = "_reason", "_row"
TEMPORAL = frozenset({"DATE", "TIMESTAMP", "VARCHAR"})
"""Landed types of a cursor that is a moment; a text is one in ISO 8601, as SQLite's vendors do."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column: the vendor's type and the DuckDB type it lands as."""

    name: str
    source_type: str
    sql_type: str


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One table as the source's catalogue describes it within the snapshot."""

    spec: TableSpec
    columns: tuple[SourceColumn, ...]
    exists: bool = True
    unique_key: bool = False
    """True where a constraint of the source forbids NULL and duplicate keys, so that they need
    not be looked for."""

    @property
    def types(self) -> dict[str, str]:
        """Landed types by column."""
        return {c.name: c.sql_type for c in self.columns}


@dataclass(frozen=True, slots=True)
class Totals:
    """Rows of a whole table and the sum of its control column, within the snapshot."""

    rows: int
    control: Decimal | None

    @property
    def control_text(self) -> str | None:
        """The sum without exponent and without trailing zeros, so that equal sums look equal."""
        return None if self.control is None else format(self.control.normalize(), "f")


@dataclass(frozen=True, slots=True)
class Rows:
    """A reading of a table: what the source is asked, and DuckDB's query of the typed answer."""

    asked: str
    relation: str


class Fingerprints(ABC):
    """Fingerprints of one table's keys and rows, computed by the source within the snapshot.

    What a fingerprint is, is in `sources.fingerprint`. A row that cannot be read has none, or one
    that no landed row has.
    """

    floats: Floats
    """How the source writes a float."""

    @abstractmethod
    def buckets(self, count: int) -> str:
        """DuckDB query of bucket (key's fingerprint modulo `count`), row_count, and their total."""

    @abstractmethod
    def rows(self, count: int, buckets: Collection[int]) -> str:
        """DuckDB query of the fingerprints of key and row, of all rows of those buckets."""

    @abstractmethod
    def reread(self, parts: Collection[int], modulo: int | None) -> Rows:
        """The rows whose key's fingerprint, or its remainder, is one of the parts.

        An unreadable row is among them if its key can be read.
        """


class Reader(AbstractContextManager["Reader"], ABC):
    """One snapshot of one source; leaving the context ends it.

    Every method raises `SourceError` with the password masked.
    """

    @abstractmethod
    def identity(self) -> Mapping[str, str]:
        """What must never change between two runs, such as the cluster's identifier."""

    @abstractmethod
    def snapshot(self) -> Mapping[str, str]:
        """Facts about this snapshot that the manifest keeps."""

    @abstractmethod
    def unchanged_since(self, snapshot: Mapping[str, str], spec: TableSpec) -> bool:
        """True only where nothing can have been written to the table since that earlier snapshot.

        Cheap; False when in doubt.
        """

    @abstractmethod
    def describe(self, spec: TableSpec) -> SourceTable:
        """The table's columns from the catalogue.

        Raises `SchemaDrift` if the table, or a column that `spec` names, is missing.
        """

    @abstractmethod
    def rows(self, table: SourceTable, since: str | None) -> Rows:
        """The rows changed at or after a watermark; None gives all rows.

        For `cursor` the watermark is the lowest value still wanted; rows whose cursor is NULL are
        always included. For `horizon` it is the earlier horizon. A reading may be used once,
        and its relation must stand once in a statement: it may be a stream.
        """

    def load(self, table: SourceTable) -> Rows:
        """All rows, as fast as the source can give them; rows that cannot be read may be missing.

        Whoever finds fewer than `totals` counts asks `rows` which they are.
        """
        return self.rows(table, None)

    def rows_of(self, table: SourceTable, keys: Collection[Mapping[str, str]]) -> Rows | None:  # noqa: ARG002 - for those that can
        """All rows of those keys, given as texts by column; None where the reader cannot ask so."""
        return None

    def fingerprints(self, table: SourceTable) -> Fingerprints | None:  # noqa: ARG002 - for those that can
        """What the source can compute for a comparison; None where the rows must be read for it."""
        return None

    @abstractmethod
    def totals(self, table: SourceTable) -> Totals:
        """Count and control total of the whole table."""

    @abstractmethod
    def cheap_to_count(self, table: SourceTable) -> bool:
        """True where counting the table costs little beside an incremental run."""

    def mask(self, message: object) -> str:
        """A message of the driver's without any secret, on one line."""
        return str(message).strip().splitlines()[0]

    def horizon(self) -> str | None:
        """Watermark that `change: horizon` goes on from after this snapshot."""
        return None


def ident(name: str) -> str:
    """A name quoted for DuckDB, SQLite and PostgreSQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text quoted for DuckDB, SQLite and PostgreSQL (standard-conforming strings)."""
    return "'" + value.replace("'", "''") + "'"


def selected(
    spec: TableSpec, available: Mapping[str, str], types: Mapping[str, str]
) -> tuple[SourceColumn, ...]:
    """The columns to read: all but the excluded, or those that the specification lists.

    `available` holds the catalogue's types, `types` the landed types that follow from them.
    A column that is to be hashed is read as text. Raises `SchemaDrift` naming the first column that
    the specification needs and nobody has, `SourceError` where columns cannot land side by side.
    """
    wanted = [*spec.columns] or [name for name in available if name not in spec.exclude]
    needed = [*wanted, *spec.key, *spec.hash, *filter(None, (spec.cursor, spec.control_total))]
    folded: dict[str, str] = {}
    for name in needed:
        if name not in available:
            raise SchemaDrift(
                f"Table {spec.source_name} has no column {name!r}.",
                "Mend the table in sources/systems/, or the source's version differs.",
            )
    for name in wanted:
        # DuckDB and most readers of Parquet fold case
        other = folded.setdefault(name.casefold(), name)
        if other != name:
            raise SourceError(
                f"Table {spec.source_name} has columns {other!r} and {name!r}, which differ in "
                "case only.",
                "Exclude one of them in sources/systems/.",
            )
    landed = {**types, **spec.columns, **dict.fromkeys(spec.hash, "VARCHAR")}
    columns = tuple(SourceColumn(name, available[name], landed[name]) for name in wanted)
    for column in columns:
        if column.name == spec.control_total and not _NUMERIC.match(column.sql_type):
            raise SourceError(
                f"Table {spec.source_name}: the control total {column.name!r} lands as "
                f"{column.sql_type}, which has no sum.",
                "Name its type under `columns` in sources/systems/, such as numeric(18,4).",
            )
    return columns


def of_keys(table: SourceTable, keys: Collection[Mapping[str, str]], text: str) -> str | None:
    """SQL condition that is true for the rows of those keys.

    `text` is SQL of a column `{c}` as the text that it lands as. None where a key column lands as
    neither integer nor text, because one value may then have several texts.
    """
    parts = {
        name: ident(name) if kind in _INTEGERS else text.format(c=ident(name))
        for name, kind in table.types.items()
        if name in table.spec.key and (kind in _INTEGERS or kind == "VARCHAR")
    }
    if set(parts) != set(table.spec.key):
        return None
    return " OR ".join(
        "("
        + " AND ".join(
            f"{sql} = {int(key[n]) if table.types[n] in _INTEGERS else literal(key[n])}"
            for n, sql in parts.items()
        )
        + ")"
        for key in keys
    )


def absent(spec: TableSpec) -> SourceTable:
    """An optional table that the source lacks.

    Raises `SchemaDrift` if it is not optional.
    """
    if not spec.optional:
        raise SchemaDrift(
            f"The source has no table {spec.source_name}.",
            "Grant the reading role access to it, or mark it optional in sources/systems/.",
        )
    return SourceTable(
        spec, tuple(SourceColumn(n, "absent", t) for n, t in spec.columns.items()), exists=False
    )


def no_rows(table: SourceTable) -> Rows:
    """The reading of an absent table: its columns and no row."""
    columns = ", ".join(f"NULL::{c.sql_type} AS {ident(c.name)}" for c in table.columns)
    return Rows(
        "", f"SELECT {columns}, NULL::VARCHAR AS {REASON}, NULL::VARCHAR AS {ROW} WHERE false"
    )


_NUMERIC = re.compile("BIGINT|INTEGER|SMALLINT|DECIMAL|DOUBLE|FLOAT")
_INTEGERS = frozenset({"BIGINT", "INTEGER", "SMALLINT"})
_DATE = r"(\d{3}[1-9]|\d\d[1-9]0|\d[1-9]00|[1-9]000)-\d\d-\d\d"
"""No year 0: DuckDB would take it for the year before Christ."""
_TIME = r"\d\d:\d\d(:\d\d(\.\d{1,6}0*)?)?"
_ODBC_PASSWORD = re.compile(r"(?i)(?:pwd|password)\s*=\s*(\{(?:[^}]|\}\})*\}|[^;]*)")
_OFFSET = r":\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)$"


def parse(text: str, sql_type: str) -> tuple[str, str]:
    """SQL that turns a text into a type, and SQL that is true where it can.

    DuckDB's own casts are lenient: they round '1.5' to an integer, drop the digits after the
    microsecond and ignore a time zone's offset. Here a text either has the value exactly, or not.
    """
    value = f"try_cast({text} AS {sql_type})"
    match sql_type:
        case "VARCHAR":
            return text, "true"
        case "TIMESTAMP":
            value = (
                f"CASE WHEN regexp_matches({text}, '{_OFFSET}') "
                f"THEN make_timestamp(epoch_us(try_cast({text} AS TIMESTAMPTZ))) ELSE {value} END"
            )
            pattern = rf"{_DATE}([T ]{_TIME}(Z|[+-]\d\d(:?\d\d)?)?)?"
        case "DATE":
            pattern = rf"{_DATE}([T ]00:00(:00(\.0+)?)?)?"
        case "TIME":
            pattern = r"([01]\d|2[0-3])" + _TIME.removeprefix(r"\d\d")
        case _ if sql_type in _INTEGERS:
            pattern = r"[+-]?\d+"
        case _ if sql_type.startswith("DECIMAL"):
            scale = int(sql_type.rstrip(")").split(",")[1])
            digits = rf"[+-]?(\d+(\.\d{{0,{scale}}}0*)?|\.\d{{1,{max(scale, 1)}}}0*)"
            plain = f"regexp_full_match({text}, '{digits}')"
            # 1e-05 is how a double writes itself; it is exact if the decimal is that double
            return value, (
                f"({value} IS NOT NULL AND ({plain} OR (contains(lower({text}), 'e') "
                f"AND {value}::DOUBLE = try_cast({text} AS DOUBLE))))"
            )
        case _:
            return value, f"({value} IS NOT NULL)"
    return value, f"(regexp_full_match({text}, '{pattern}') AND ({value}) IS NOT NULL)"


def checked(
    query: str, columns: Iterable[SourceColumn], texts: Collection[str], place: str = "''"
) -> str:
    """The rows of `query` with the columns named in `texts` parsed to their landed types.

    A text that cannot be parsed makes the row unreadable, with column and value in the reason;
    `place` is SQL on the row `r` that says where the row stands.
    """
    columns = tuple(columns)
    parsed = {c.name: parse(f"r.{ident(c.name)}", c.sql_type) for c in columns if c.name in texts}
    bad = {n: f"r.{ident(n)} IS NOT NULL AND NOT {ok}" for n, (_, ok) in parsed.items()}
    if not parsed:
        return query
    values = ", ".join(
        f"CASE WHEN {parsed[c.name][1]} THEN {parsed[c.name][0]} END AS {ident(c.name)}"
        if c.name in parsed
        else f"r.{ident(c.name)}"
        for c in columns
    )
    reasons = " ".join(
        f"WHEN {bad[c.name]} THEN {place} || {literal(c.name + ': ')} || r.{ident(c.name)}[:60] "
        f"|| {literal(' is no exact ' + c.sql_type)}"
        for c in columns
        if c.name in parsed
    )
    raw = ", ".join(f"{literal(c.name)}: r.{ident(c.name)}" for c in columns)
    any_bad = " OR ".join(f"({condition})" for condition in bad.values())
    return (
        f"SELECT {values}, CASE WHEN r.{REASON} IS NOT NULL THEN r.{REASON} {reasons} END "
        f"AS {REASON}, CASE WHEN r.{ROW} IS NOT NULL THEN r.{ROW} "
        f"WHEN {any_bad} THEN to_json({{{raw}}})::VARCHAR END AS {ROW} FROM ({query}) AS r"
    )


def masked(message: object, url: str | None) -> str:
    """A driver's message without the URL's password, also where the driver repeats it decoded."""
    text = str(message)
    if not url:
        return text
    parts = urlsplit(url)
    secrets = {parts.password or ""}
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if "password" in name.lower() or "sslkey" in name.lower():
            secrets.add(value)
        elif name.lower() == "odbc_connect":
            secrets |= {
                secret.strip("{}") for secret in _ODBC_PASSWORD.findall(unquote_plus(value))
            }
    secrets |= {unquote(secret) for secret in secrets}
    text = text.replace(url, f"{parts.scheme}://***")
    for secret in sorted(secrets - {""}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
