"""What a database's catalogue says, and what it suggests for a system's YAML.

Belongs here: keys, cursors, personal columns and tables that are better left out, each with the
reason. Does not belong here: text of files (`sources.proposal`), what the columns mean
(`orchestration.stubs`).

Everything here is a proposal by names and constraints; whoever connects the system decides.
"""

from __future__ import annotations

import fnmatch
import re
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import mssql

from models.errors import ConfigError
from sources.connection import DATABASES, connected

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy.engine.interfaces import ReflectedColumn

    from models.config import Source

Change = Literal["horizon", "cursor", "full"]

COUNTED = 1_000_000
"""Tables are counted up to here; it is all that a proposal needs to know."""
HUGE = 20_000_000
MANY = 60
"""In a database of more tables than these, empty ones are left out."""

_CURSOR_NAME = re.compile(
    r"^(row_?version|.*(updat|upd|modif|chang|chg|write_?date|last_?mod|mod_?(at|ts|date|time)"
    r"|aender|geaend|maj|actualiz).*)$"
)
_NO_CURSOR_NAME = re.compile(
    r"(_by|_user|_uid|by_id|user|flag|count|reason|name|no|nr|number|changeover.*)$"
)
_SECRET = re.compile(
    r"pass(word|wd|wort)?|pwd|secret|token|api_?key|salt|hash|pin|iban|credit_card"
)
_PERSON = re.compile(
    r"(first|last|sur|middle|given|family|nick|vor|nach|full)_?name|e_?mail|phone|mobile|telefon"
    r"|fax|street|strasse|address|adresse|zip_?code|birth|geburt|gender|sex|ssn|social_security"
    r"|passport|photo|picture|signature|marital|religion|nationality|private"
    r"|prenom|nom_famille|courriel|telephone|code_postal|naissance|sexe"
)
_IDENTITY = re.compile(
    r"(^|_)(operator|employee|worker|user|person|staff|staffer|mitarbeiter|bediener|foreman|login"
    r"|matricule|salarie|employe|operateur|utilisateur|crew|badge|personal_?(nr|no)"
    r"|(creat|updat|chang|modifi|enter|clos|approv|sign)ed_by)"
    r"(_(name|login|badge|no|nr|id|code|card))*$"
)
_TECHNICAL = re.compile(
    r"(^|_)(migration|migrations|alembic|flyway|liquibase|databasechangelog|session|sessions|queue"
    r"|job_?queue|audit|auditlog|tmp|temp|bak|backup|cache|lock|locks|setting|settings|permission"
    r"|permissions|token|tokens|password|passwords)(_|$)"
)


@dataclass(frozen=True, slots=True)
class Personal:
    """A column that looks like one about a person."""

    name: str
    why: str
    joined: bool
    """It tells people apart, so a keyed hash of it may be wanted."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the catalogue."""

    name: str
    type: str
    nullable: bool
    indexed: bool
    """An index begins with it."""
    target: tuple[str, str] | None = None
    """Logical table and column that a foreign key of this column alone leads to."""
    comment: str = ""
    """What the database itself says of the column, in one line."""

    @property
    def described(self) -> str:
        """Name and type, and in quotes what the database says of it."""
        return f"{self.name} {self.type}" + (f' "{self.comment}"' if self.comment else "")


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key, of one column or several, or what by its name is one."""

    columns: tuple[str, ...]
    table: str
    """Logical name of the table that it leads to."""
    theirs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table and what is proposed for it."""

    name: str
    """Logical name."""
    source_name: str
    columns: tuple[Column, ...]
    references: tuple[Reference, ...]
    key: tuple[str, ...]
    key_why: str
    change: Change
    cursor: str | None
    change_why: str
    changed: str | None
    """Column that looks like the time of the last change, whether or not it is the cursor."""
    personal: tuple[Personal, ...]
    rows: int
    """Rows, or `COUNTED` where there are at least so many."""

    @property
    def rows_text(self) -> str:
        """The number of rows in words."""
        return f"{self.rows:,} rows" if self.rows < COUNTED else f"{COUNTED:,} rows or more"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A table or view that is not proposed."""

    source_name: str
    why: str
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspection:
    """A database as a system could read it."""

    database: str
    """`database` of the system's YAML."""
    server: str
    tables: tuple[Table, ...]
    skipped: tuple[Skipped, ...]


def inspect(
    source: Source, schemas: Sequence[str] = (), patterns: Sequence[str] = ()
) -> Inspection:
    """Look at a database's catalogue and propose how to read each table.

    `schemas` are the database's default one if empty; `patterns` are names of tables, `*` stands
    for any letters. Raises `ConfigError` if a schema or a pattern fits nothing, `SourceError` if
    the database cannot be reached.
    """
    with connected(source) as db, warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)  # a type that SQLAlchemy does not know
        inspector = sa.inspect(db)
        found = _names(db, inspector, schemas)
        chosen = _chosen(found, patterns)
        names = _logical_names([full for full, *_ in chosen])
        tables: list[Table] = []
        skipped: list[Skipped] = []
        database = DATABASES[db.dialect.name]
        for full, schema, name, is_view in chosen:
            proposal = _Look(db, inspector, database, names).at(
                full, schema, name, is_view=is_view, wanted=bool(patterns)
            )
            if isinstance(proposal, Table):
                tables.append(proposal)
            else:
                skipped.append(proposal)
        tables = [_with_targets_by_name(table, tables) for table in tables]
        if len(tables) > MANY and not patterns:
            empty = [t for t in tables if not t.rows]
            tables = [t for t in tables if t.rows] or tables
            if len(tables) + len(empty) <= len(chosen):
                skipped += [Skipped(t.source_name, "is empty", t.columns) for t in empty]
        server = f"{db.dialect.name} " + ".".join(
            str(part) for part in (db.dialect.server_version_info or ())
        )
    return Inspection(database, server.strip(), tuple(tables), tuple(skipped))


def personal_columns(names: Iterable[str]) -> tuple[Personal, ...]:
    """Those that look like data about people, or like secrets."""
    found = []
    for name in names:
        plain = _plain(name)
        if _SECRET.fullmatch(plain) or re.search(r"passw|secret|(^|_)token($|_)", plain):
            found.append(Personal(name, "looks like a secret", joined=False))
        elif _IDENTITY.search(plain):
            found.append(Personal(name, "looks like a person's identity", joined=True))
        elif re.search(rf"(^|_)({_PERSON.pattern})($|_|\d)", plain):
            found.append(Personal(name, "looks personal", joined=False))
    return tuple(found)


def _with_targets_by_name(table: Table, tables: Sequence[Table]) -> Table:
    """The table whose columns without a foreign key lead where their names say: machine_id."""
    by_name = {
        word: (other.name, other.key[0])
        for other in tables
        if len(other.key) == 1
        for word in (other.name, other.name.removesuffix("s"))
    }
    columns, references = [], [*table.references]
    for column in table.columns:
        plain = re.sub(r"_?(id|no|nr|code|key|ref)$", "", _plain(column.name))
        target = by_name.get(plain) if plain != _plain(column.name) else None
        own = column.target
        if own is None and target and target[0] != table.name:
            own = target
            references.append(Reference((column.name,), target[0], (target[1],)))
        columns.append(replace(column, target=own))
    return replace(table, columns=tuple(columns), references=tuple(references))


_Found = tuple[str, str | None, str, bool]
"""Name as the YAML has it, schema, name, whether it is a view."""


def _names(db: sa.Connection, inspector: sa.Inspector, schemas: Sequence[str]) -> list[_Found]:
    default = inspector.default_schema_name
    asked: list[str | None] = [*schemas] if schemas else [None]
    found: list[_Found] = []
    for schema in asked:
        inside = schema if schema != default else None
        prefix = f"{schema}." if inside else ""
        found += [(f"{prefix}{n}", inside, n, False) for n in inspector.get_table_names(inside)]
        found += [(f"{prefix}{n}", inside, n, True) for n in inspector.get_view_names(inside)]
        if inspector.dialect.name == "postgresql":
            views = inspector.get_materialized_view_names(inside)
            found += [(f"{prefix}{n}", inside, n, True) for n in views]
    if found:
        partitions = _partitions(db) if inspector.dialect.name == "postgresql" else set()
        return sorted(f for f in found if (f[1] or default, f[2]) not in partitions)
    others = [
        name
        for name in inspector.get_schema_names()
        if not re.match(r"information_schema|pg_|sys|mysql|performance_schema", name)
        and inspector.get_table_names(name)
    ]
    where = ", ".join(schemas) or f"its default schema ({default})"
    raise ConfigError(
        f"The database has no table in {where}, or none that this user may see.",
        f"Name a schema with --schema; there are tables in {', '.join(others)}."
        if others
        else "GRANT SELECT on the tables to this user.",
    )


def _partitions(db: sa.Connection) -> set[tuple[str | None, str]]:
    """Schema and name of PostgreSQL's partitions, which are read through their table."""
    asked = sa.text(
        "select relnamespace::regnamespace::text, relname from pg_class where relispartition"
    )
    return {(str(schema), str(name)) for schema, name in db.execute(asked)}


def _chosen(found: list[_Found], patterns: Sequence[str]) -> list[_Found]:
    chosen: dict[str, _Found] = {}
    for pattern in patterns:
        fitting = [
            f
            for f in found
            if fnmatch.fnmatchcase(f[0].lower(), pattern.lower())
            or fnmatch.fnmatchcase(f[2].lower(), pattern.lower())
        ]
        if not fitting:
            known = ", ".join(f[0] for f in found[:20])
            raise ConfigError(
                f"No table is called {pattern!r}.",
                f"There are {known}{', ...' if len(found) > 20 else ''}.",  # noqa: PLR2004 - enough to see what is wrong
            )
        chosen |= {f[0]: f for f in fitting}
    return list(chosen.values()) if patterns else found


def _logical_names(full: Iterable[str]) -> dict[str, str]:
    """A name of ours for each of the database's names, no two alike."""
    names: dict[str, str] = {}
    for theirs in full:
        plain = _plain(theirs.rpartition(".")[2]) or "table"
        plain = plain if plain[0].isalpha() else f"t_{plain}"
        if plain in names.values():
            plain = _plain(theirs.replace(".", "_"))
        number, name = 2, plain
        while name in names.values():
            name, number = f"{plain}_{number}", number + 1
        names[theirs] = name
    return names


def _plain(name: str) -> str:
    """Small letters, digits and underscores; humps become words."""
    humps = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", humps.lower()).strip("_")


class _Look:
    """A look at one table after the other of one database."""

    def __init__(
        self,
        db: sa.Connection,
        inspector: sa.Inspector,
        database: str,
        names: Mapping[str, str],
    ) -> None:
        self._db, self._inspector, self._database, self._names = db, inspector, database, names

    def at(
        self, full: str, schema: str | None, name: str, *, is_view: bool, wanted: bool
    ) -> Table | Skipped:
        """What is proposed for a table, or why none is; `wanted` if it was named."""
        references = self._references(schema, name)
        columns = self._columns(schema, name, references)
        if is_view:
            return Skipped(full, "is a view: read the tables behind it, or name a key", columns)
        if not wanted and _TECHNICAL.search(_plain(name)):
            return Skipped(full, "looks like the vendor's own housekeeping", columns)
        try:
            rows = self._count(schema, name)
        except sa.exc.DBAPIError as e:
            self._db.rollback()
            reason = str(e.orig).strip().splitlines()[0]
            return Skipped(full, f"cannot be read: {reason}", columns)
        key, key_why = self._key(schema, name, columns)
        if not key:
            return Skipped(full, "has no primary key and no unique index without NULL", columns)
        best = _cursor(columns)
        change, cursor, why = self._change(best, rows)
        if change == "full" and rows >= COUNTED and self._size(full) >= HUGE and not wanted:
            return Skipped(full, "is huge and nothing shows what changed in it", columns)
        personal = personal_columns(c.name for c in columns if not c.target)
        kept = tuple(p for p in personal if p.name not in {*key, cursor})
        return Table(
            name=self._names[full],
            source_name=full,
            columns=columns,
            references=references,
            key=key,
            key_why=key_why,
            change=change,
            cursor=cursor,
            change_why=why,
            changed=best.name if best else None,
            personal=kept,
            rows=rows,
        )

    def _references(self, schema: str | None, name: str) -> tuple[Reference, ...]:
        found = []
        for constraint in self._inspector.get_foreign_keys(name, schema):
            there, other = constraint["referred_schema"], constraint["referred_table"]
            full = f"{there}.{other}" if there else other
            if full in self._names:
                ours, theirs = constraint["constrained_columns"], constraint["referred_columns"]
                found.append(Reference((*ours,), self._names[full], (*theirs,)))
        return tuple(found)

    def _columns(
        self, schema: str | None, name: str, references: Sequence[Reference]
    ) -> tuple[Column, ...]:
        reflected = self._inspector.get_columns(name, schema)
        indexed = {
            index["column_names"][0] for index in self._inspector.get_indexes(name, schema)
        } | {*self._inspector.get_pk_constraint(name, schema)["constrained_columns"][:1]}
        targets = {
            reference.columns[0]: (reference.table, reference.theirs[0])
            for reference in references
            if len(reference.columns) == 1
        }
        return tuple(
            Column(
                name=c["name"],
                type=_type_text(c, self._db.dialect),
                nullable=bool(c["nullable"]),
                indexed=c["name"] in indexed,
                target=targets.get(c["name"]),
                comment=" ".join((c.get("comment") or "").split()),
            )
            for c in reflected
        )

    def _count(self, schema: str | None, name: str) -> int:
        one = sa.select(sa.literal(1)).select_from(sa.table(name, schema=schema)).limit(COUNTED)
        return int(self._db.scalar(sa.select(sa.func.count()).select_from(one.subquery())) or 0)

    def _size(self, full: str) -> int:
        """Rows by the server's own estimate, where it has one."""
        if self._database == "postgresql":
            asked = sa.text("select reltuples from pg_class where oid = to_regclass(:name)")
            return int(self._db.scalar(asked, {"name": full}) or 0)
        if self._database == "mariadb":
            asked = sa.text(
                "select table_rows from information_schema.tables "
                "where table_schema = database() and table_name = :name"
            )
            return int(self._db.scalar(asked, {"name": full}) or 0)
        return COUNTED

    def _key(
        self, schema: str | None, name: str, columns: Sequence[Column]
    ) -> tuple[tuple[str, ...], str]:
        primary = self._inspector.get_pk_constraint(name, schema)["constrained_columns"]
        if primary:
            return tuple(primary), "primary key"
        filled = {c.name for c in columns if not c.nullable}
        unique = [
            tuple(c or "" for c in index["column_names"])
            for index in self._inspector.get_indexes(name, schema)
            if index["unique"]
        ] + [
            tuple(constraint["column_names"])
            for constraint in self._inspector.get_unique_constraints(name, schema)
        ]
        fitting = sorted((u for u in unique if set(u) <= filled), key=lambda u: (len(u), u))
        return (fitting[0], "unique, never empty") if fitting else ((), "")

    def _change(self, best: Column | None, rows: int) -> tuple[Change, str | None, str]:
        if self._database == "postgresql":
            other = (
                f"; once the table is large, cursor {best.name} has an index"
                if best and best.indexed
                else ""
            )
            return "horizon", None, f"misses no late commit{other}"
        if best:
            index = "indexed" if best.indexed else "without an index"
            return "cursor", best.name, f"{best.type}, {index}; does every change move it?"
        cost = "" if rows < COUNTED else "; costly at this size"
        return "full", None, f"no column looks like the time of the last change{cost}"


def _cursor(columns: Collection[Column]) -> Column | None:
    """The column that most looks like the time or version of the last change."""
    fitting = [
        c
        for c in columns
        if (
            c.type.startswith(("ROWVERSION", "TIMESTAMP BINARY"))
            or (
                _CURSOR_NAME.match(_plain(c.name))
                and not _NO_CURSOR_NAME.search(_plain(c.name))
                and re.match(r"TIMESTAMP|DATETIME|DATE|TEXT|VARCHAR|CHAR|STRING", c.type)
            )
        )
    ]
    return min(fitting, key=lambda c: (not c.indexed, c.nullable), default=None)


def _type_text(column: ReflectedColumn, dialect: sa.Dialect) -> str:
    """The type as the database calls it."""
    kind = column["type"]
    if isinstance(kind, mssql.TIMESTAMP):
        return "ROWVERSION"
    try:
        text = str(kind.compile(dialect=dialect))
    except sa.exc.CompileError:
        text = type(kind).__name__.upper()
    return text.split(" COLLATE ", maxsplit=1)[0].split(" CHARACTER SET ", maxsplit=1)[0]
