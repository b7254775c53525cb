"""What a source system is: its tables, their keys, and how their changes are found.

Belongs here: the shape of `sources/systems/<system>.yml`, and every refusal of a configuration that
cannot work, with the reason. Does not belong here: connecting (`sources.readers`), what the columns
mean (`dbt_project/models/staging/<system>`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from models.config import Name
from models.contract import canonical_tables
from models.errors import ConfigError

SYSTEMS_DIR = Path(__file__).parent / "systems"
FILES = "files"
"""The system that is a folder of files in canonical shape; it needs no YAML."""
DEFAULT_OVERLAP_MINUTES = 10

_SIMPLE_TYPES = frozenset(
    {
        *("BIGINT", "INTEGER", "SMALLINT", "DOUBLE", "FLOAT", "BOOLEAN", "VARCHAR", "BLOB"),
        *("DATE", "TIME", "TIMESTAMP"),
    }
)
_NEVER_GROWING = frozenset({"BOOLEAN", "BLOB", "TIME", "DOUBLE", "FLOAT"})
_ALIASES = {"DOUBLE PRECISION": "DOUBLE", "INT": "INTEGER", "REAL": "FLOAT", "TEXT": "VARCHAR"}
_DECIMAL = re.compile(r"DECIMAL\((\d{1,2}),(\d{1,2})\)")


def _sql_type(value: str) -> str:
    """The landed type as DuckDB spells it."""
    upper = re.sub(r"\s*([(),])\s*", r"\1", value.strip().upper())
    upper = _ALIASES.get(upper, upper.replace("NUMERIC(", "DECIMAL("))
    decimal = _DECIMAL.fullmatch(upper)
    if upper in _SIMPLE_TYPES or (decimal and int(decimal[2]) <= int(decimal[1]) <= 38):  # noqa: PLR2004 - widest decimal of Arrow, DuckDB and Spark
        return upper
    msg = f"{value!r} is no landed type; use decimal(p,s) or one of {sorted(_SIMPLE_TYPES)}"
    raise ValueError(msg)


SqlType = Annotated[str, AfterValidator(_sql_type)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableSpec(_Frozen):
    """One table of a source system. Grain of what lands: one row per key and change.

    Raises `ValueError` (shown as `ConfigError`) for a combination that would lose rows.
    """

    name: Name
    """Logical name: the landed file, the Dagster asset and the dbt base model are called so."""
    source_name: str
    """Name in the database, with schema if it needs one. In the YAML it is `name`; leave it out
    where the database uses the logical name."""
    description: str = ""
    key: tuple[str, ...]
    """Columns that identify a row and never change; rows are merged on them.
    Do NOT name a column that the vendor may re-use for another thing, such as a line position."""
    empty_key: tuple[str, ...] = ()
    """Key columns in which "empty" is a value of its own, such as a validity without first day.
    Do NOT list a column just because rows with an empty key were quarantined."""
    change: Literal["horizon", "cursor", "full"]
    """How changed rows are found.

    `horizon`: PostgreSQL's own transaction ids; misses nothing that was inserted or updated.
    Do NOT use it on a view (it has no transaction ids).
    `cursor`: a column that grows with every change. Do NOT use it where rows are changed without
    touching the column; those changes are found only by a full compare.
    `full`: every run reads the whole table and compares; the only one that sees deletions at once.
    Do NOT use it on tables of millions of rows."""
    cursor: str | None = None
    """Column of `change: cursor`: a timestamp or date of the last change (also as ISO 8601 text),
    or a growing number.
    Do NOT use a business date (an order date never moves when the order is changed)."""
    overlap_minutes: int | None = Field(default=None, ge=0)
    """How far before the last cursor value each run reads again: no shorter than the source's
    longest transaction. Empty: 10 minutes, and none for a cursor that is a number. Do NOT set 0
    unless the source has one single writer."""
    control_total: str | None = None
    """Numeric column whose sum is compared between source and landing.
    Do NOT name a floating-point column: its sum depends on the order of the rows."""
    exclude: tuple[str, ...] = ()
    """Columns never read, such as passwords and personal data. Do NOT list columns just to save
    space: what was not landed cannot be recomputed later."""
    hash: tuple[str, ...] = ()
    """Columns that land as a keyed hash of their text, such as names and badge numbers: equal
    values stay equal, also across sources, so they can still be joined and counted.
    Do NOT hash what nobody needs: exclude it."""
    optional: bool = False
    """True: the source may lack the table, which then lands empty. Do NOT set it for a table that a
    mandatory canonical table is mapped from: a missing one should stop the run."""
    columns: Mapping[str, SqlType] = Field(default_factory=dict)
    """The only columns read, with the type they land as; empty takes all columns with the types of
    the source's catalogue. A type that differs from the catalogue's is kept exactly or the row is
    quarantined. Do NOT list columns where new ones should be taken up by themselves."""

    @property
    def overlap(self) -> int:
        """Overlap of a temporal cursor in minutes."""
        return DEFAULT_OVERLAP_MINUTES if self.overlap_minutes is None else self.overlap_minutes

    @model_validator(mode="after")
    def _possible(self) -> Self:
        checks = (
            (not self.key, "has no key: changed rows could not be merged"),
            (
                self.change == "cursor" and not self.cursor,
                "has `change: cursor` but names no cursor column",
            ),
            (
                self.columns.get(self.cursor or "") in _NEVER_GROWING,
                f"names a {self.columns.get(self.cursor or '')} as cursor, which never grows",
            ),
            (
                self.change != "cursor" and bool(self.cursor),
                f"names a cursor, which `change: {self.change}` does not use",
            ),
            (
                self.change != "cursor" and self.overlap_minutes is not None,
                f"names overlap_minutes, which `change: {self.change}` does not use",
            ),
            (
                self.optional and not self.columns,
                "is optional but lists no columns: the types of an absent table are unknown",
            ),
            (
                bool(self.columns) and bool(self.exclude),
                "lists columns and exclude; what is not listed is not read anyway",
            ),
            (not set(self.empty_key) <= set(self.key), "lists in empty_key what is no key column"),
            (len(set(self.key)) < len(self.key), "names a key column twice"),
        )
        needed = [*self.key, *filter(None, (self.cursor, self.control_total))]
        for column in needed:
            if column in self.exclude:
                raise ValueError(f"table {self.name!r} excludes {column!r}, which it needs")
            if self.columns and column not in self.columns:
                raise ValueError(f"table {self.name!r} needs {column!r}, but columns lacks it")
        for column in self.hash:
            if column in {*self.exclude, self.cursor, self.control_total}:
                raise ValueError(f"table {self.name!r} hashes {column!r}, which it uses otherwise")
            if self.columns.get(column, "VARCHAR") != "VARCHAR":
                raise ValueError(f"table {self.name!r} hashes {column!r}, so it lands as varchar")
            if self.columns and column not in self.columns:
                raise ValueError(f"table {self.name!r} hashes {column!r}, but columns lacks it")
        for wrong, reason in checks:
            if wrong:
                raise ValueError(f"table {self.name!r} {reason}")
        return self


class SystemSpec(_Frozen):
    """One source system: a folder of knowledge about a vendor's database.

    Raises `ValueError` (shown as `ConfigError`) where database and tables do not fit.
    """

    name: Name
    description: str
    database: Literal["sqlite", "postgresql", "mariadb", "mssql", "oracle", "files"]
    """`mariadb` is MySQL as well."""
    tables: tuple[TableSpec, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _name_tables(cls, data: dict[str, Any]) -> dict[str, Any]:
        """YAML has tables as a mapping of logical name to settings."""
        tables = data.get("tables")
        if not isinstance(tables, Mapping):
            return data
        named = []
        for logical, settings in tables.items():
            if not isinstance(settings, Mapping):
                raise ValueError(f"table {logical!r} has no settings")  # noqa: TRY004 - pydantic reports ValueError
            rest = {k: v for k, v in settings.items() if k != "name"}
            named.append({"name": logical, "source_name": settings.get("name", logical), **rest})
        return {**data, "tables": tuple(named)}

    @model_validator(mode="after")
    def _fits_database(self) -> Self:
        for table in self.tables:
            if table.change == "horizon" and self.database != "postgresql":
                msg = (
                    f"table {table.name!r} has `change: horizon`, which only PostgreSQL offers; "
                    f"{self.database} needs `cursor` or `full`"
                )
                raise ValueError(msg)
        return self


@cache
def load_system(name: str) -> SystemSpec:
    """The system of that name.

    Raises `ConfigError` naming the file, the table and why the configuration cannot work.
    """
    if name == FILES:
        return _files_system()
    path = SYSTEMS_DIR / f"{name}.yml"
    if not path.is_file():
        known = ", ".join(system_names())
        raise ConfigError(f"There is no system {name!r}.", f"Known systems: {known}.")
    try:
        return SystemSpec.model_validate({"name": name, **yaml.safe_load(path.read_text("utf-8"))})
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        reason = f"{where}: {first['msg']}" if where else first["msg"]
        raise ConfigError(f"{path.name}: {reason}.", "Mend sources/systems/.") from e
    except (TypeError, yaml.YAMLError) as e:
        raise ConfigError(f"{path.name} is not valid YAML: {e}.", "Mend sources/systems/.") from e


def system_names() -> tuple[str, ...]:
    """All systems that a source may name, `files` included."""
    return (*sorted(path.stem for path in SYSTEMS_DIR.glob("*.yml")), FILES)


def _files_system() -> SystemSpec:
    """Every canonical table as a table of files; keys and types are the contract's."""
    return SystemSpec(
        name=FILES,
        description="A folder of CSV, Parquet or Excel files in canonical shape",
        database="files",
        tables=tuple(
            TableSpec(
                name=table.name,
                source_name=table.name,
                description=table.description,
                key=table.key,
                empty_key=tuple(k for k in table.key if not table.columns[k].required),
                change="full",
                optional=True,
                columns={name: column.type.sql for name, column in table.columns.items()},
            )
            for table in canonical_tables().values()
        ),
    )
