"""What the portable reader must know of each SQL dialect, as tables.

The server itself writes every value as text: a driver would bend it (a datetime without its
seventh digit, 24:00 as midnight, an interval of months as days), the server does not.

Does not belong here: running anything (`sources.readers.sqlalchemy`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql

from sources.readers.base import TEMPORAL, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Type: TypeAlias = sa.types.TypeEngine[Any]

LOCK_SECONDS = 30
WIDEST = 38
"""Digits of the widest decimal of Arrow and DuckDB."""


def decimal(kind: Any) -> str:  # noqa: ANN401 - whatever has precision and scale
    """The decimal that precision and scale say; text if none is so wide."""
    precision, scale = kind.precision, kind.scale or 0
    if precision is not None and 0 <= scale <= precision <= WIDEST:
        return f"DECIMAL({precision},{scale})"
    return "VARCHAR"


def bits(kind: Any) -> str:  # noqa: ANN401 - of one dialect only
    """The number that so many bits hold."""
    return {1: "BOOLEAN", 64: "DECIMAL(20,0)"}.get(kind.length or 1, "BIGINT")


@dataclass(frozen=True, slots=True)
class Rule:
    """How columns of one reflected type are read. `{c}` is the quoted column."""

    kind: type[Type]
    lands: str | Callable[[Any], str]
    """The landed type, or what tells it by the reflected one."""
    text: str | None = None
    """SQL of the value as a text, a number or bytes that loses nothing; None for the dialect's."""
    moment: str | None = None
    """SQL of a watermark as a value of that type, so that its index serves: `{raw}` as it is,
    `{t}` with six digits of a second. None for the dialect's."""
    when: str = ""
    """Attribute of the type that must be true for the rule to hold."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect; the defaults are the standard's."""

    rules: tuple[Rule, ...] = ()
    """The first that fits counts; the standard's follow."""
    text: str = "CAST({c} AS VARCHAR(4000))"
    moment: str = "TIMESTAMP '{t}'"
    total: str = "CAST(SUM(CAST({c} AS DECIMAL(38, {scale}))) AS VARCHAR(60))"
    """SQL of the exact sum of a number, as text."""
    ordered: str = "{c}"
    """SQL of a text that compares by code."""
    size: str = "OCTET_LENGTH({c})"
    """SQL of the bytes that a text or binary value takes."""
    isolation: str | None = None
    """Isolation level that holds one snapshot."""
    session: tuple[str, ...] = ()
    """Statements that bound what the session may wait for and fix how it writes texts.
    `{minutes}` is what one statement may take."""
    begin: tuple[str, ...] = ()
    """Statements that open the snapshot for reading only."""
    identity: str | None = None
    """Query of one row that names server and database."""
    timeout: tuple[str, int] | None = None
    """Attribute of the driver's connection that bounds a statement, where no setting does, and how
    much of it a minute is."""

    def landed_type(self, kind: Type) -> str:
        """The landed type of a reflected type; text keeps what has no other exact type."""
        lands = self._rule(kind).lands
        return lands if isinstance(lands, str) else lands(kind)

    def value(self, kind: Type, column: str) -> str:
        """SQL of a column's value."""
        return (self._rule(kind).text or self.text).format(c=column)

    def at_least(self, kind: Type, column: str, landed: str, since: str) -> str:
        """SQL condition for the rows whose cursor is at or after a watermark."""
        if landed not in TEMPORAL:
            return f"{column} >= {Decimal(since)}"
        if landed == "VARCHAR":
            return f"{self.ordered.format(c=column)} >= {literal(since)}"
        moment = self._rule(kind).moment or self.moment
        # the bound is never above the watermark, whatever the type cuts off
        padded = since if "." in since or " " not in since else f"{since}.000000"
        return f"{column} >= {moment.format(raw=since, t=padded)}"

    def _rule(self, kind: Type) -> Rule:
        return next(
            rule
            for rule in (*self.rules, *STANDARD)
            if isinstance(kind, rule.kind) and (not rule.when or getattr(kind, rule.when, False))
        )


_Binary = sa.types._Binary  # noqa: SLF001 - the only common base of binary types
STANDARD = (
    Rule(sa.Boolean, "BOOLEAN"),
    Rule(sa.REAL, "FLOAT", "{c}"),
    Rule(sa.Float, "DOUBLE", "{c}"),
    Rule(sa.Numeric, decimal),
    Rule(sa.SmallInteger, "SMALLINT"),
    Rule(sa.BigInteger, "BIGINT"),
    Rule(sa.Integer, "INTEGER"),
    Rule(sa.DateTime, "TIMESTAMP"),
    Rule(sa.Date, "DATE", moment="DATE '{raw}'"),
    Rule(sa.Time, "TIME"),
    Rule(_Binary, "BLOB", "{c}"),
    Rule(sa.types.TypeEngine, "VARCHAR"),
)

SQLITE = Dialect(
    # the driver gives every value as it is kept
    rules=(
        Rule(sa.Boolean, "BOOLEAN"),
        Rule(sa.Float, "DOUBLE"),
        Rule(sa.Numeric, decimal),
        Rule(sa.Integer, "BIGINT"),
    ),
    text="{c}",
    moment="'{raw}'",
    total="SUM({c})",
    session=("PRAGMA query_only = 1",),
    begin=("BEGIN",),
)

POSTGRESQL = Dialect(
    rules=(
        Rule(sa.DateTime, "TIMESTAMP", "CAST({c} AT TIME ZONE 'UTC' AS text)", when="timezone"),
        Rule(sa.Time, "VARCHAR", when="timezone"),
        Rule(sa.ARRAY, "VARCHAR", "CAST(to_json({c}) AS text)"),
        Rule(postgresql.OID, "BIGINT"),
    ),
    text="CAST({c} AS text)",
    moment="'{raw}'",
    total="CAST(SUM(CAST({c} AS numeric)) AS text)",
    ordered='{c} COLLATE "C"',
    isolation="REPEATABLE READ",
    session=(
        "SET statement_timeout = '{minutes}min'",
        f"SET lock_timeout = '{LOCK_SECONDS}s'",
        "SET idle_in_transaction_session_timeout = '30min'",
        "SET TimeZone = 'UTC'",
        "SET DateStyle = 'ISO'",
        "SET IntervalStyle = 'iso_8601'",
    ),
    begin=("SET TRANSACTION READ ONLY",),
    identity="SELECT system_identifier, current_database() FROM pg_control_system()",
)

MYSQL = Dialect(
    rules=(
        # a float shows six digits only, unless it is made a double
        Rule(mysql.FLOAT, "FLOAT", "{c} + 0e0"),
        Rule(sa.Float, "DOUBLE", "{c} + 0e0"),
        Rule(mysql.BIT, bits, "{c} + 0"),
        Rule(mysql.TINYINT, "SMALLINT"),
        Rule(mysql.SMALLINT, "INTEGER", when="unsigned"),
        Rule(mysql.SMALLINT, "SMALLINT"),
        Rule(mysql.MEDIUMINT, "INTEGER"),
        Rule(mysql.BIGINT, "DECIMAL(20,0)", when="unsigned"),
        Rule(mysql.BIGINT, "BIGINT"),
        Rule(mysql.INTEGER, "BIGINT", when="unsigned"),
        Rule(mysql.INTEGER, "INTEGER"),
        Rule(mysql.YEAR, "SMALLINT"),
        Rule(sa.Time, "VARCHAR"),
    ),
    text="CAST({c} AS CHAR)",
    moment="'{raw}'",
    total="CAST(SUM({c}) AS CHAR)",
    ordered="CAST({c} AS BINARY)",
    isolation="REPEATABLE READ",
    session=(
        "SET SESSION time_zone = '+00:00'",
        f"SET SESSION lock_wait_timeout = {LOCK_SECONDS}",
    ),
    begin=("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",),
    identity="SELECT @@hostname, @@datadir, database()",
)

MSSQL = Dialect(
    rules=(
        # a row version grows with every change: a good cursor
        Rule(mssql.TIMESTAMP, "BIGINT", "CONVERT(bigint, {c})"),
        Rule(
            mssql.DATETIMEOFFSET,
            "TIMESTAMP",
            "CONVERT(varchar(27), CONVERT(datetime2(7), SWITCHOFFSET({c}, '+00:00')), 121)",
            "CONVERT(datetimeoffset(7), '{t} +00:00', 121)",
        ),
        Rule(
            mssql.DATETIME2,
            "TIMESTAMP",
            "CONVERT(varchar(27), {c}, 121)",
            "CONVERT(datetime2(7), '{t}', 121)",
        ),
        # one of 300 parts of a second, shown with three digits; asked from the hundredth before
        Rule(
            sa.DateTime,
            "TIMESTAMP",
            "CONVERT(varchar(23), {c}, 121)",
            "CONVERT(datetime, '{t:.22}', 121)",
        ),
        Rule(sa.Date, "DATE", "CONVERT(varchar(10), {c}, 23)", "CONVERT(date, '{raw:.10}', 23)"),
        Rule(sa.Time, "TIME", "CONVERT(varchar(16), {c})"),
        Rule(mssql.MONEY, "DECIMAL(19,4)", "CONVERT(varchar(30), {c}, 2)"),
        Rule(mssql.SMALLMONEY, "DECIMAL(10,4)", "CONVERT(varchar(30), {c}, 2)"),
        Rule(mssql.TINYINT, "SMALLINT", "{c}"),
        Rule(sa.SmallInteger, "SMALLINT", "{c}"),
        Rule(sa.BigInteger, "BIGINT", "{c}"),
        Rule(sa.Integer, "INTEGER", "{c}"),
        Rule(sa.Numeric, decimal, "CONVERT(varchar(41), {c})"),
        Rule(sa.Boolean, "BOOLEAN", "CONVERT(varchar(1), {c})"),
        Rule(sa.Uuid, "VARCHAR", "CONVERT(varchar(36), {c})"),
        Rule(sa.Unicode, "VARCHAR", "{c}"),
        Rule(sa.UnicodeText, "VARCHAR", "{c}"),
    ),
    text="CONVERT(nvarchar(max), {c})",
    total="CONVERT(varchar(60), SUM(CONVERT(decimal(38, {scale}), {c})))",
    ordered="{c} COLLATE Latin1_General_BIN2",
    size="DATALENGTH({c})",
    isolation="SNAPSHOT",
    timeout=("timeout", 60),
    session=(f"SET LOCK_TIMEOUT {LOCK_SECONDS * 1000}",),
    identity=(
        "SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ServerName')), DB_NAME(), "
        "CONVERT(varchar(36), service_broker_guid) FROM sys.databases WHERE database_id = DB_ID()"
    ),
)

_DAY = "SYYYY-MM-DD HH24:MI:SS"  # with its sign, so that a year before Christ is seen
_NUMBER = "TO_CHAR({c}, 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''')"
_STAMP = "TO_TIMESTAMP('{t}', 'YYYY-MM-DD HH24:MI:SS.FF')"
_UTC = f"LTRIM(TO_CHAR(SYS_EXTRACT_UTC({{c}}), '{_DAY}.FF9'))"
ORACLE = Dialect(
    rules=(
        Rule(oracle.TIMESTAMP, "TIMESTAMP", _UTC, f"FROM_TZ({_STAMP}, 'UTC')", when="timezone"),
        Rule(
            oracle.TIMESTAMP, "TIMESTAMP", _UTC, f"FROM_TZ({_STAMP}, 'UTC')", when="local_timezone"
        ),
        Rule(oracle.TIMESTAMP, "TIMESTAMP", f"LTRIM(TO_CHAR({{c}}, '{_DAY}.FF9'))", _STAMP),
        # a DATE has a time of day
        Rule(
            sa.DateTime,
            "TIMESTAMP",
            f"LTRIM(TO_CHAR({{c}}, '{_DAY}'))",
            "TO_DATE('{t:.19}', 'YYYY-MM-DD HH24:MI:SS')",
        ),
        Rule(oracle.BINARY_FLOAT, "FLOAT", "{c}"),
        Rule(oracle.BINARY_DOUBLE, "DOUBLE", "{c}"),
        # what else is called FLOAT there is decimal, with digits that are not fixed
        Rule(sa.Float, "VARCHAR", _NUMBER),
        Rule(sa.Numeric, decimal, _NUMBER),
        Rule(sa.Boolean, "BOOLEAN", "TO_CHAR({c})"),
        Rule(sa.Integer, "DECIMAL(38,0)", _NUMBER),
        Rule(oracle.INTERVAL, "VARCHAR", "TO_CHAR({c})"),
        Rule(oracle.ROWID, "VARCHAR", "ROWIDTOCHAR({c})"),
    ),
    text="{c}",
    total=_NUMBER.replace("{c}", "SUM({c})"),
    timeout=("call_timeout", 60_000),
    begin=("SET TRANSACTION READ ONLY",),
    identity=(
        "SELECT SYS_CONTEXT('USERENV', 'DB_UNIQUE_NAME'), SYS_CONTEXT('USERENV', 'DB_NAME'), "
        "SYS_CONTEXT('USERENV', 'CON_NAME') FROM dual"
    ),
)

DIALECTS: Mapping[str, Dialect] = {
    "sqlite": SQLITE,
    "postgresql": POSTGRESQL,
    "mysql": MYSQL,
    "mariadb": MYSQL,
    "mssql": MSSQL,
    "oracle": ORACLE,
}
"""By SQLAlchemy's name."""


def dialect_of(name: str) -> Dialect:
    """What is known of a dialect; the standard's behaviour for any other."""
    return DIALECTS.get(name, Dialect())
