"""The canonical contract: which tables a plant's MES and ERP are mapped to, and what they mean.

One YAML file per table in `models/canonical/` is the only place where a canonical column is
defined. Arrow schemas, SQL types, dbt contracts, checks and `docs/canonical.md` are computed from
it.

Does not belong here: vendors' tables (`sources/systems/`), star schema and marts (`dbt_project/`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Self

import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from models.errors import ConfigError

CANONICAL_DIR = Path(__file__).parent / "canonical"


class ColumnType(StrEnum):
    """The types of the contract; each has one Arrow and one SQL form."""

    CODE = "code"
    TEXT = "text"
    INT = "int"
    BOOL = "bool"
    DATE = "date"
    TS = "ts"
    QTY = "qty"
    MONEY = "money"
    PRICE = "price"
    """Money per unit: a price in another currency needs more decimals than an amount."""
    RATE = "rate"

    @property
    def arrow(self) -> pa.DataType:
        """Arrow type; timestamps are naive UTC in microseconds."""
        return _ARROW[self]

    @property
    def sql(self) -> str:
        """SQL type that DuckDB and Spark both understand; timestamps are naive UTC."""
        return _SQL[self]

    @property
    def is_decimal(self) -> bool:
        """True for numbers with a fixed number of decimals."""
        return isinstance(self.arrow, pa.Decimal128Type)

    @property
    def is_money(self) -> bool:
        """True for what may be in another currency."""
        return self in {ColumnType.MONEY, ColumnType.PRICE}


_ARROW = {
    ColumnType.CODE: pa.string(),
    ColumnType.TEXT: pa.string(),
    ColumnType.INT: pa.int64(),
    ColumnType.BOOL: pa.bool_(),
    ColumnType.DATE: pa.date32(),
    ColumnType.TS: pa.timestamp("us"),
    ColumnType.QTY: pa.decimal128(18, 6),
    ColumnType.MONEY: pa.decimal128(18, 4),
    ColumnType.PRICE: pa.decimal128(18, 8),
    ColumnType.RATE: pa.decimal128(28, 12),
}
_SQL = {
    ColumnType.CODE: "varchar",
    ColumnType.TEXT: "varchar",
    ColumnType.INT: "bigint",
    ColumnType.BOOL: "boolean",
    ColumnType.DATE: "date",
    ColumnType.TS: "timestamp",
    ColumnType.QTY: "decimal(18,6)",
    ColumnType.MONEY: "decimal(18,4)",
    ColumnType.PRICE: "decimal(18,8)",
    ColumnType.RATE: "decimal(28,12)",
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Frozen):
    """One column of a canonical table."""

    type: ColumnType
    description: str
    required: bool = False
    """True: an empty value is an error of the row."""
    values: tuple[str, ...] = ()
    """The only values allowed, if any are listed."""
    form: str = ""
    """Regular expression, without braces, that a whole text must match; `example` shows it."""
    example: str = ""
    references: str | None = None
    """Canonical table whose (single) key this column's codes belong to."""
    min: float | None = None
    unit: str | None = None
    site_of_source: bool = False
    """True: where it is empty, the site that scorecard.yml gives the source holds, if any."""
    stamped: bool = False
    """True for the time of an event as a clock stamped it: a row in which it lies after its
    extraction, or before the source's go-live, does not enter (rule R10)."""


class CanonicalTable(_Frozen):
    """One canonical table.

    Raises `ValueError` (shown as `ConfigError`) when a key or a money date is not a column, or an
    example has not the form of its column.
    """

    name: str
    description: str
    grain: str
    domain: Literal["mes", "erp", "hr", "map"]
    key: tuple[str, ...]
    """Natural key. Unique per source, or in the whole enterprise where `conformed`."""
    mandatory: bool = False
    """False: a plant may have none of it; the KPIs that need it then show "no data"."""
    sparse: bool = False
    """True for a log of occasional events, in which a day without a row means that nothing
    happened; so the first row is not the beginning of the record."""
    periodic: bool = False
    """True where one row may stand for a whole period, such as a year's cost posted on its last
    day; so the record begins with the fiscal year of the first row."""
    expanded_from: str | None = None
    """Canonical table whose rows become further rows of this one by the dbt model
    `<name>_expanded`; a source's own row of the same key holds."""
    conformed: bool = False
    """True for master data that several sources share by code; the first source listed wins."""
    money_date: str | None = None
    """Column whose date decides the exchange rate of the money columns."""
    columns: Mapping[str, Column]

    @model_validator(mode="after")
    def _columns_exist(self) -> Self:
        for name in (*self.key, *([self.money_date] if self.money_date else [])):
            if name not in self.columns:
                msg = f"{self.name}: {name!r} is named as key or money_date but is no column"
                raise ValueError(msg)
        for name, column in self.columns.items():
            if "{" in column.form or (
                column.form and not re.fullmatch(column.form, column.example)
            ):
                msg = (
                    f"{self.name}.{name}: example {column.example!r} has not the form it shows, "
                    "or the form has braces"
                )
                raise ValueError(msg)
        return self

    @property
    def arrow_schema(self) -> pa.Schema:
        """The table's own columns (without lineage) as an Arrow schema."""
        return pa.schema(
            [pa.field(n, c.type.arrow, nullable=not c.required) for n, c in self.columns.items()]
        )


LINEAGE: Mapping[str, Column] = MappingProxyType(
    {
        "source_system": Column(
            type=ColumnType.CODE, required=True, description="Name of the source in scorecard.yml"
        ),
        "source_pk": Column(
            type=ColumnType.CODE, required=True, description="Key of the row in the source's table"
        ),
        "changed_at": Column(
            type=ColumnType.TS, description="Last change according to the source (UTC)"
        ),
        "is_deleted": Column(
            type=ColumnType.BOOL,
            required=True,
            description="True where the source marks the row as deleted",
        ),
        "extracted_at": Column(
            type=ColumnType.TS, required=True, description="When we read the row (UTC)"
        ),
        "batch_id": Column(
            type=ColumnType.CODE, required=True, description="Landing batch that brought the row"
        ),
    }
)
"""Columns that every canonical table carries after its own."""


def load_table(path: Path) -> CanonicalTable:
    """Read one table definition; `ConfigError` names the file and what is wrong in it."""
    try:
        return CanonicalTable(name=path.stem, **yaml.safe_load(path.read_text("utf-8")))
    except (ValidationError, TypeError, yaml.YAMLError) as e:
        msg = f"{path.name} is not a valid canonical table: {e}"
        raise ConfigError(msg, "Mend the file in models/canonical/.") from e


@cache
def canonical_tables() -> Mapping[str, CanonicalTable]:
    """All canonical tables by name, in alphabetical order."""
    tables = {p.stem: load_table(p) for p in sorted(CANONICAL_DIR.glob("*.yml"))}
    for table in tables.values():
        for name, column in table.columns.items():
            if column.references and column.references not in tables:
                msg = f"{table.name}.{name} refers to {column.references!r}, which is no table."
                raise ConfigError(msg, "Mend `references` in models/canonical/.")
        if table.expanded_from and table.expanded_from not in tables:
            msg = f"{table.name} is expanded from {table.expanded_from!r}, which is no table."
            raise ConfigError(msg, "Mend `expanded_from` in models/canonical/.")
    return MappingProxyType(tables)
