"""A feed for people: templates to fill in, and a look at a folder before it is a source.

Belongs here: writing templates, and what a reading of a folder finds wrong. Does not belong here:
reading files (`sources.readers.files`), which is the same for a check and for a run.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import duckdb

from models.config import Source
from models.contract import ColumnType, canonical_tables
from models.errors import ConfigError, SourceError
from sources.changes import key_fault
from sources.readers.base import REASON
from sources.readers.files import FilesReader
from sources.spec import FILES, load_system

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from models.contract import CanonicalTable, Column

Form = Literal["csv", "xlsx"]
NOTES = "notes"
"""Name of a workbook's sheet of explanations; no table is called so."""
README = "README.md"
EXAMPLE_ROWS = 2
_EXAMPLES: Mapping[ColumnType, Any] = {
    ColumnType.INT: 1,
    ColumnType.BOOL: True,
    ColumnType.DATE: date(2026, 1, 5),
    ColumnType.TS: datetime(2026, 1, 5, 6),  # noqa: DTZ001 - naive UTC everywhere
    ColumnType.QTY: Decimal(10),
    ColumnType.MONEY: Decimal("12.5"),
    ColumnType.PRICE: Decimal("12.5"),
    ColumnType.RATE: Decimal(1),
}
_EXAMPLE_OF: Mapping[str, Any] = {
    "qty_good": Decimal(9),
    "qty_scrap": Decimal(1),
    "qty_rework": Decimal(0),
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "parent_code": None,
    "valid_to": date(9999, 12, 31),
}


@dataclass(frozen=True, slots=True)
class FeedTable:
    """What a reading of one table's files found."""

    table: str
    files: tuple[str, ...]
    good: int
    aside: tuple[str, ...]
    """Why each bad row would be put aside, with file, line and column."""
    superseded: int
    """Rows that a later file with the same key replaces."""
    fault: str
    """Why the table could not be read at all; empty if it could."""


def check_folder(folder: Path) -> list[FeedTable]:
    """Read a folder as a run would, and land nothing.

    Raises `SourceError` if a file is named after no table or is being written.
    """
    found = []
    with duckdb.connect() as duck:
        duck.execute("SET preserve_insertion_order = false")
        reader = FilesReader(Source(name="feed", system=FILES, path=folder), duck)
        specs = {spec.name: spec for spec in load_system(FILES).tables}
        for name in reader.tables:
            try:
                described = reader.describe(specs[name])
                rows = reader.rows(described, None)
                reasons = duck.execute(
                    f"SELECT coalesce({REASON}, {key_fault(specs[name])}) FROM ({rows.relation})"
                ).fetchall()
            except SourceError as e:
                found.append(FeedTable(name, reader.parts(name), 0, (), 0, str(e)))
                continue
            bad = sorted((reason for (reason,) in reasons if reason), key=_by_place)
            replaced = sum(reader.superseded(name).values())
            found.append(
                FeedTable(
                    name, reader.parts(name), len(reasons) - len(bad), tuple(bad), replaced, ""
                )
            )
    return found


def feed_columns(folder: Path) -> dict[str, tuple[str, ...]]:
    """Canonical tables that a folder has files or sheets of, and the columns that these hold.

    Raises `SourceError` if a file is named after no table, is being written or cannot be read.
    """
    with duckdb.connect() as duck:
        reader = FilesReader(Source(name="feed", system=FILES, path=folder), duck)
        return {table: reader.columns(table) for table in reader.tables}


def write_templates(tables: Sequence[str], folder: Path, form: Form) -> list[Path]:
    """Write a file per table with its header and example rows that load, and what they mean.

    Raises `ConfigError` for a name that is no canonical table, or a file that is there already.
    """
    for name in tables:
        if name not in canonical_tables():
            raise ConfigError(
                f"There is no canonical table {name!r}.", "docs/canonical.md lists them."
            )
    chosen = [canonical_tables()[name] for name in tables or canonical_tables()]
    paths = [folder / f"{table.name}.{form}" for table in chosen]
    paths += [folder / README] if form == "csv" else []
    for path in paths:
        if path.exists():
            raise ConfigError(f"{path} is there already.", "Name another folder with --out.")
    folder.mkdir(parents=True, exist_ok=True)
    for table, path in zip(chosen, paths, strict=False):
        if form == "csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(table.columns)
                writer.writerows([[_text(v) for v in row] for row in _examples(table)])
        else:
            _write_workbook(table, path)
    if form == "csv":
        lines = ["# What the columns of these files mean", ""]
        lines += [line for table in chosen for line in _readme(table)]
        (folder / README).write_text("\n".join(lines), "utf-8")
    return paths


def _by_place(reason: str) -> tuple[str, int, str]:
    """Order of reasons: by file, then by line as a number."""
    file, _, line = reason.partition(":")[0].rpartition(" ")
    return file, int(line) if line.isdigit() else 0, reason


def _examples(table: CanonicalTable) -> list[list[Any]]:
    """Rows that show the forms of values; their codes say that they are examples."""
    return [
        [
            _example(name, column, number, key=name in table.key)
            for name, column in table.columns.items()
        ]
        for number in range(1, EXAMPLE_ROWS + 1)
    ]


def _example(name: str, column: Column, number: int, *, key: bool) -> Any:  # noqa: ANN401 - a cell
    if column.values:
        return column.values[0]
    if column.form:
        return column.example
    if name in _EXAMPLE_OF:
        return _EXAMPLE_OF[name]
    if column.type in {ColumnType.CODE, ColumnType.TEXT}:
        return f"EXAMPLE-{number}" if key or column.type is ColumnType.CODE else "Example"
    value = _EXAMPLES[column.type]
    if key and isinstance(value, date):
        return value.replace(day=value.day + number)
    return value + number if key and column.type is ColumnType.INT else value


def _text(value: Any) -> str:  # noqa: ANN401 - a cell
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _readme(table: CanonicalTable) -> list[str]:
    return [
        f"## {table.name}",
        "",
        f"{table.description} {table.grain.capitalize()}. Delete the example rows.",
        "",
        "| column | type | required | meaning |",
        "|---|---|---|---|",
        *(
            f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |"
            for row in _notes(table)
        ),
        "",
    ]


def _notes(table: CanonicalTable) -> list[tuple[str, str, str, str]]:
    rows = []
    for name, column in table.columns.items():
        meaning = column.description
        if column.unit:
            meaning += f" ({column.unit})"
        if column.values:
            meaning += f". One of: {', '.join(column.values)}"
        if column.form:
            meaning += f", such as {column.example}"
        if column.references:
            meaning += f". A code of {column.references}"
        required = "key" if name in table.key and column.required else ""
        rows.append((name, str(column.type), required or "yes" * column.required, meaning))
    return rows


def _write_workbook(table: CanonicalTable, path: Path) -> None:
    """A sheet of the table's name, and one that explains its columns."""
    from openpyxl import Workbook  # noqa: PLC0415 - slow, and only for workbooks
    from openpyxl.styles import Font  # noqa: PLC0415 - as above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - as above

    book = Workbook()
    data = book.active
    assert data is not None  # noqa: S101 - a new workbook has a sheet
    data.title = table.name
    data.append([*table.columns])
    for row in _examples(table):
        data.append(row)
    formats = {
        ColumnType.CODE: "@",
        ColumnType.TEXT: "@",
        ColumnType.DATE: "yyyy-mm-dd",
        ColumnType.TS: "yyyy-mm-dd hh:mm:ss",
    }
    for index, (name, column) in enumerate(table.columns.items(), start=1):
        letter = get_column_letter(index)
        data.column_dimensions[letter].width = max(14, len(name) + 2)
        data.cell(1, index).font = Font(bold=column.required)
        for number in range(2, EXAMPLE_ROWS + 2):
            data.cell(number, index).number_format = formats.get(column.type, "General")
    data.freeze_panes = "A2"
    notes = book.create_sheet(NOTES)
    notes.append([f"{table.description} {table.grain.capitalize()}. Delete the example rows."])
    notes.append(["column", "type", "required", "meaning"])
    for note in _notes(table):
        notes.append(note)
    for letter, width in (("A", 24), ("B", 8), ("C", 10), ("D", 100)):
        notes.column_dimensions[letter].width = width
    book.save(path)
