"""Whether a source can be read as its system says: connection, grants, clock, change tracking.

Belongs here: one `Finding` per thing looked at; nothing is changed or landed. Does not belong here:
what is mapped to canonical tables (`orchestration.source_check`).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import duckdb
import sqlalchemy as sa

from models.errors import ScorecardError
from sources import personal
from sources.connection import connected
from sources.feed import check_folder
from sources.introspect import COUNTED, personal_columns
from sources.readers.session import open_reader
from sources.spec import FILES, load_system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.config import Source
    from sources.readers.base import Reader
    from sources.spec import SystemSpec, TableSpec

State = Literal["ok", "warn", "failed", "none"]
CLOCK_SECONDS = 60
"""A cursor compares times of the source's clock with each other, so a little skew does no harm."""

_NOW = {
    "postgresql": "select clock_timestamp() at time zone 'UTC'",
    "mysql": "select utc_timestamp(6)",
    "mariadb": "select utc_timestamp(6)",
    "mssql": "select sysutcdatetime()",
    "oracle": "select sys_extract_utc(systimestamp) from dual",
}
_VERSION = {
    "postgresql": "select current_setting('server_version') || ', user ' || current_user",
    "mysql": "select concat(version(), ', user ', current_user())",
    "mariadb": "select concat(version(), ', user ', current_user())",
    "mssql": "select concat(serverproperty('ProductVersion'), ', user ', suser_name())",
    "oracle": "select banner || ', user ' || user from v$version",
    "sqlite": "select sqlite_version()",
}
_WRITING = re.compile(r"\b(ALL PRIVILEGES|INSERT|UPDATE|DELETE|DROP|ALTER|CREATE|TRUNCATE)\b")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    name: str
    state: State
    detail: str


def probe(source: Source) -> Iterator[Finding]:
    """Look at a source; what cannot be looked at because something before it failed is left out."""
    system = load_system(source.system)
    if system.database == FILES:
        yield from _feed(source)
        return
    try:
        with connected(source) as db:
            yield Finding("connection", source.name, "ok", _server(db))
            yield _clock(source, db)
            yield _grants(source, system, db)
            indexed = {spec.name: _indexes(db, spec) for spec in system.tables}
            counts = {spec.name: _count(db, spec) for spec in system.tables}
    except ScorecardError as e:
        yield Finding("connection", source.name, "failed", str(e))
        return
    with duckdb.connect() as duck:
        try:
            personal.prepare(duck, system.tables)
            with open_reader(source, system, duck) as reader:
                for spec in system.tables:
                    yield _table(reader, spec, indexed[spec.name], counts[spec.name])
                    yield from _unprotected(reader, spec)
        except ScorecardError as e:
            yield Finding("connection", f"reader of {source.name}", "failed", str(e))


def _feed(source: Source) -> Iterator[Finding]:
    """A feed's tables, read as a run would."""
    try:
        if source.path is not None:
            for table in check_folder(source.path):
                bad = len(table.aside)
                state: State = "failed" if table.fault else "warn" if bad else "ok"
                detail = table.fault or f"{table.good:,} rows, {bad:,} would be put aside"
                yield Finding("table", table.table, state, detail)
    except ScorecardError as e:
        yield Finding("connection", source.name, "failed", str(e))


def _server(db: sa.Connection) -> str:
    asked = _VERSION.get(db.dialect.name)
    version = db.scalar(sa.text(asked)) if asked else ""
    return f"{db.dialect.name} {version}".strip()


def _clock(source: Source, db: sa.Connection) -> Finding:
    asked = _NOW.get(db.dialect.name)
    if asked is None:
        return Finding("clock", source.name, "ok", "the file has none of its own")
    theirs = db.scalar(sa.text(asked))
    if not isinstance(theirs, datetime):
        return Finding("clock", source.name, "warn", "the server does not tell its time")
    skew = (theirs - datetime.now(UTC).replace(tzinfo=None)).total_seconds()
    state: State = "ok" if abs(skew) <= CLOCK_SECONDS else "warn"
    return Finding("clock", source.name, state, f"{skew:+.1f} s against this machine (UTC)")


def _grants(source: Source, system: SystemSpec, db: sa.Connection) -> Finding:
    """Whether the role may do more than read."""
    name, may = source.name, list[str]()
    match db.dialect.name:
        case "postgresql":
            if db.scalar(sa.text("select rolsuper from pg_roles where rolname = current_user")):
                may.append("everything: it is a superuser")
            asked = sa.text(
                "select has_table_privilege(to_regclass(:name), 'INSERT, UPDATE, DELETE, TRUNCATE')"
            )
            may += [
                f"write {spec.source_name}"
                for spec in system.tables
                if not may and db.scalar(asked, {"name": spec.source_name})
            ]
        case "mysql" | "mariadb":
            grants = [str(row[0]) for row in db.execute(sa.text("show grants"))]
            may += [
                g.split(" IDENTIFIED ")[0] for g in grants if _WRITING.search(g.split(" ON ")[0])
            ]
        case "sqlite":
            writable = source.path is not None and os.access(source.path, os.W_OK)
            detail = "the file is opened read-only"
            if writable:
                detail += "; this user could write it, though"
            return Finding("grants", name, "ok", detail)
        case _:
            return Finding("grants", name, "warn", "not known for this database; see connect.md")
    if may:
        return Finding(
            "grants", name, "warn", f"the role may {', '.join(may[:3])}; give it SELECT alone"
        )
    return Finding("grants", name, "ok", "the role may only read these tables")


def _indexes(db: sa.Connection, spec: TableSpec) -> set[str]:
    """Columns that an index begins with."""
    schema, _, table = spec.source_name.rpartition(".")
    inspector = sa.inspect(db)
    if not (
        inspector.has_table(table, schema or None)
        or inspector.has_table(spec.source_name)  # a name with a dot in it
    ):
        return set()
    try:
        found = {
            index["column_names"][0] or "" for index in inspector.get_indexes(table, schema or None)
        }
        key = inspector.get_pk_constraint(table, schema or None)["constrained_columns"]
    except sa.exc.NoSuchTableError:
        return set()
    return found | {*key[:1]}


def _count(db: sa.Connection, spec: TableSpec) -> int | None:
    """Rows, at most `COUNTED`; None where they cannot be counted."""
    schema, _, table = spec.source_name.rpartition(".")
    one = (
        sa.select(sa.literal(1)).select_from(sa.table(table, schema=schema or None)).limit(COUNTED)
    )
    try:
        return int(db.scalar(sa.select(sa.func.count()).select_from(one.subquery())) or 0)
    except sa.exc.DBAPIError:
        db.rollback()
        return None


def _table(reader: Reader, spec: TableSpec, indexed: set[str], rows: int | None) -> Finding:
    try:
        table = reader.describe(spec)
    except ScorecardError as e:
        return Finding("table", spec.name, "failed", str(e))
    if not table.exists:
        return Finding("table", spec.name, "ok", "optional, and not there")
    if rows is None:
        size = "not counted"
    else:
        size = f"{rows:,} rows" if rows < COUNTED else f"{COUNTED:,} rows or more"
    how, state = _tracking(spec, indexed, rows or 0)
    key = "" if table.unique_key else "; the database does not keep the key unique"
    return Finding("table", spec.name, state, f"{size}, {how}{key}")


def _tracking(spec: TableSpec, indexed: set[str], rows: int) -> tuple[str, State]:
    if spec.change == "cursor":
        if spec.cursor in indexed:
            return f"cursor {spec.cursor}, indexed", "ok"
        many = rows >= COUNTED
        return f"cursor {spec.cursor}, without an index", "warn" if many else "ok"
    if spec.change == "full":
        return "read whole in each run", "warn" if rows >= COUNTED else "ok"
    return "horizon", "ok"


def _unprotected(reader: Reader, spec: TableSpec) -> Iterator[Finding]:
    """Columns that are read as they are and look personal."""
    try:
        columns = [c.name for c in reader.describe(spec).columns if c.name not in spec.hash]
    except ScorecardError:
        return
    found = [p for p in personal_columns(columns) if p.name not in spec.key]
    if found:
        names = ", ".join(p.name for p in found)
        yield Finding("personal", spec.name, "warn", f"reads {names}: exclude or hash, or accept")
