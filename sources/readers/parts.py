"""The parts of a feed: one table in one CSV, Parquet or Excel file, as rows of text.

Belongs here: encodings, delimiters, sheets, cells, and where in a file a row stands. Does not
belong here: what the columns mean and which values they may have (`sources.readers.files`).

Nothing is guessed but a CSV's delimiter. A line of a CSV is counted as an editor counts it, a row
of a sheet as Excel counts it.
"""

from __future__ import annotations

import csv
import re
import zipfile
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from models.errors import FileFault
from sources.readers.base import ident, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

PLACE, FAULT = "_number", "_fault"
"""Columns of a part beside its own: number of the line or row, and why it cannot be read at all."""
SUFFIXES = frozenset({".csv", ".parquet", ".xlsx", ".xlsm"})
CHUNK_ROWS = 20_000
LONGEST_FIELD = 16_000_000
_DELIMITERS = ",;\t|"
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_ZEROS = re.compile("0+")
_FORMULA = re.compile(rb"<f[ >/]")

csv.field_size_limit(LONGEST_FIELD)


@dataclass(frozen=True, slots=True)
class Part(ABC):
    """One table in one file."""

    path: Path
    shown: str
    """The file as messages name it."""

    @property
    @abstractmethod
    def counted_in(self) -> str:
        """What rows are counted in: lines or rows."""

    @property
    def decimal_comma(self) -> bool:
        """True where a number may have a comma for its point."""
        return False

    @abstractmethod
    def header(self) -> tuple[str, ...]:
        """Names of the columns. Raises `FileFault` if there are none, or one stands twice."""

    @abstractmethod
    def stage(self, duck: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> str:
        """SQL of `columns` as text, with `PLACE` and `FAULT`; a column not in the file is null.

        Raises `FileFault` if the file cannot be read to its end.
        """

    def place(self, row: str) -> str:
        """SQL of where a row stands."""
        return f"{literal(f'{self.shown} {self.counted_in} ')} || {row} || ': '"

    def _checked_header(self, names: Iterable[str]) -> tuple[str, ...]:
        header = tuple(names)
        if not any(header):
            raise FileFault(
                f"{self.shown} has no header.", "The first line holds the columns' names."
            )
        twice = next((name for name in header if name and header.count(name) > 1), None)
        if twice:
            raise FileFault(
                f"{self.shown} names the column {twice!r} twice.", "Remove one of the two."
            )
        return header


@dataclass(frozen=True, slots=True)
class CsvPart(Part):
    """Text in UTF-8, delimited by comma, semicolon, tab or bar."""

    @property
    def counted_in(self) -> str:
        """Lines; the header is the first."""
        return "line"

    @property
    def decimal_comma(self) -> bool:
        """Where semicolons delimit, as spreadsheets do in countries that write 12,5."""
        return self._delimiter() == ";"

    def header(self) -> tuple[str, ...]:
        """The first line."""
        rows = self._rows(self._delimiter())
        return self._checked_header(name.strip() for _, fields in rows for name in fields)

    def stage(self, duck: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> str:
        """Read once, in bounded memory, into a temporary table."""
        delimiter = self._delimiter()
        header = self.header()
        rows = self._rows(delimiter, all_rows=True)
        next(rows)
        return _staged(duck, header, self._checked(rows, header, delimiter), columns)

    def _checked(
        self, rows: Iterator[tuple[int, list[str]]], header: Sequence[str], delimiter: str
    ) -> Iterator[tuple[int, str | None, Sequence[str | None]]]:
        width = len(header)
        for line, fields in rows:
            if len(fields) == width:
                yield line, None, fields
                continue
            fault = (
                f"has {len(fields)} fields in place of {width}, separated by "
                f"{_DELIMITER_NAMES[delimiter]}"
            )
            other = next((d for d in _DELIMITERS if self._seems(d, fields, width)), None)
            if other:
                fault += f"; it looks separated by {_DELIMITER_NAMES[other]}"
            yield line, fault, [*fields[:width], *[None] * (width - len(fields))]

    @staticmethod
    def _seems(delimiter: str, fields: Sequence[str], width: int) -> bool:
        """True if the one field of a row would be as many as the header's by that delimiter."""
        return len(fields) == 1 and fields[0].count(delimiter) >= width - 1 > 0

    def _delimiter(self) -> str:
        for first in self._lines():
            return max(_DELIMITERS, key=first.count)
        return ","

    def _rows(self, delimiter: str, *, all_rows: bool = False) -> Iterator[tuple[int, list[str]]]:
        """Number of the line that a row begins in, and its fields; empty lines are none."""
        reader = csv.reader(self._lines(), delimiter=delimiter, strict=True)
        line = 1
        try:
            for fields in reader:
                if fields:
                    yield line, fields
                    if not all_rows:
                        return
                line = reader.line_num + 1
        except csv.Error as e:
            raise FileFault(
                f"{self.shown} line {line}: {e}.",
                'A quote is never closed, or not doubled: write "" for a quote within quotes.',
            ) from e

    def _lines(self) -> Iterator[str]:
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                yield from file
        except UnicodeDecodeError:
            raise FileFault(*self._wrong_byte()) from None
        except OSError as e:
            raise FileFault(
                f"{self.shown} cannot be read: {e.strerror}.", "Mend its permissions."
            ) from e

    def _wrong_byte(self) -> tuple[str, str]:
        """Where the file is no UTF-8."""
        content = self.path.read_bytes()
        if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            return f"{self.shown} is in UTF-16.", 'Save it as "CSV UTF-8".'
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as e:
            line = content.count(b"\n", 0, e.start) + 1
            byte = content[e.start : e.start + 1]
            where = f"byte 0x{byte.hex()} (number {e.start + 1} of the file) is not UTF-8"
            meant = byte.decode("cp1252", "replace")
            return (
                f"{self.shown} line {line}: {where}.",
                f'Read as Windows-1252 it is {meant!r}: save the file as "CSV UTF-8".',
            )
        return f"{self.shown} changed while it was read.", "Run again."


@dataclass(frozen=True, slots=True)
class ParquetPart(Part):
    """A Parquet file; DuckDB reads it."""

    duck: duckdb.DuckDBPyConnection

    @property
    def counted_in(self) -> str:
        """Rows, from 1."""
        return "row"

    def header(self) -> tuple[str, ...]:
        """Names in the file's schema."""
        return self._checked_header(self._types())

    def stage(self, duck: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> str:
        """A query on the file itself."""
        del duck
        types = self._types()
        texts = ", ".join(
            f"{_as_text(ident(n), types[n]) if n in types else 'NULL::VARCHAR'} AS {ident(n)}"
            for n in columns
        )
        return (
            f"SELECT {texts}, file_row_number + 1 AS {PLACE}, NULL::VARCHAR AS {FAULT} "
            f"FROM read_parquet({literal(str(self.path))}, file_row_number = true)"
        )

    def _types(self) -> dict[str, str]:
        """Columns and their types as DuckDB reads them."""
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - 4))
            if file.read() != b"PAR1":
                raise FileFault(
                    f"{self.shown} is no whole Parquet file: its end is missing.",
                    "It may be still being copied: copy it under another name, then rename it.",
                )
        query = f"DESCRIBE SELECT * FROM read_parquet({literal(str(self.path))})"
        try:
            rows = self.duck.execute(query).fetchall()
        except duckdb.Error as e:
            reason = str(e).strip().splitlines()[0]
            raise FileFault(f"{self.shown} cannot be read: {reason}", "Write it anew.") from e
        return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class SheetPart(Part):
    """A sheet of an Excel workbook: values as they are written, not as they are shown."""

    sheet: str

    @property
    def counted_in(self) -> str:
        """Rows as Excel counts them."""
        return "row"

    def header(self) -> tuple[str, ...]:
        """The first row that is not empty."""
        for _, fields, _ in self._rows():
            names = [str(name or "").strip() for name in fields]
            while names and not names[-1]:
                names.pop()
            return self._checked_header(names)
        return self._checked_header(())

    def stage(self, duck: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> str:
        """Read once into a temporary table."""
        header = self.header()
        rows = self._rows()
        next(rows)
        checked = (
            (
                number,
                fault
                or ("has a value beyond the last column" if any(fields[len(header) :]) else None),
                [*fields[: len(header)], *[None] * (len(header) - len(fields))],
            )
            for number, fields, fault in rows
        )
        return _staged(duck, header, checked, columns)

    def _rows(self) -> Iterator[tuple[int, list[str | None], str | None]]:
        """Number, texts and fault of every row that is not empty."""
        values = open_workbook(self.path, self.shown)
        formulas = (
            open_workbook(self.path, self.shown, formulas=True)
            if _has_formulas(self.path)
            else None
        )
        try:
            rows = values[self.sheet].iter_rows()
            others = formulas[self.sheet].iter_rows() if formulas else ()
            for number, (cells, written) in enumerate(zip_longest(rows, others), start=1):
                texts = [_cell_text(cell) for cell in cells or ()]
                fault = next(filter(None, (_cell_fault(c) for c in cells or ())), None)
                for cell, formula in zip(cells or (), written or (), strict=False):
                    if formula.data_type == "f" and cell.value is None:
                        fault = (
                            f"{cell.coordinate if hasattr(cell, 'coordinate') else 'a cell'} is a "
                            "formula that was never calculated: open and save the file in Excel"
                        )
                if fault or any(texts):
                    yield number, texts, fault
        finally:
            values.close()
            if formulas:
                formulas.close()


def open_workbook(path: Path, shown: str, *, formulas: bool = False) -> Any:  # noqa: ANN401 - openpyxl's
    """The workbook, to be read from top to bottom. Raises `FileFault` if it is none."""
    from openpyxl import load_workbook  # noqa: PLC0415 - slow, and only for workbooks
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - as above

    try:
        book = load_workbook(path, read_only=True, data_only=not formulas)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what some programs write there is wrong
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, InvalidFileException) as e:
        with path.open("rb") as file:
            ole = file.read(4) == b"\xd0\xcf\x11\xe0"
        hint = (
            "It has a password, or is in Excel's old format: save it as .xlsx without one."
            if ole
            else "It may be still being copied; else save it as .xlsx again."
        )
        raise FileFault(f"{shown} is no whole Excel workbook.", hint) from e
    return book


def sheet_names(path: Path, shown: str) -> list[str]:
    """Names of a workbook's sheets."""
    book = open_workbook(path, shown)
    try:
        return [sheet.title for sheet in book.worksheets]
    finally:
        book.close()


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        return any(
            _FORMULA.search(archive.read(name))
            for name in archive.namelist()
            if name.startswith("xl/worksheets/") and name.endswith(".xml")
        )


def _cell_text(cell: Any) -> str | None:  # noqa: ANN401 - openpyxl's
    """A cell's value as text; empty cells are null."""
    value = cell.value
    match value:
        case None | "":
            return None
        case bool():
            return "true" if value else "false"
        case int() | float():
            # 15 digits are what Excel holds for certain: 0.1 + 0.2 is 0.3 there
            text = str(value) if isinstance(value, int) else f"{value:.15g}"
            shape = str(cell.number_format)
            return text.zfill(len(shape)) if _ZEROS.fullmatch(shape) and text.isdigit() else text
        case datetime():
            return value.isoformat(" ")
        case time() | timedelta():
            return str(value)
    return str(value)


def _cell_fault(cell: Any) -> str | None:  # noqa: ANN401 - openpyxl's
    return (
        f"{cell.coordinate}: {cell.value} is an error of Excel's" if cell.data_type == "e" else None
    )


def _staged(
    duck: duckdb.DuckDBPyConnection,
    header: Sequence[str],
    rows: Iterable[tuple[int, str | None, Sequence[str | None]]],
    columns: Sequence[str],
) -> str:
    """Rows in a temporary table, some thousands at a time."""
    [[number]] = duck.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE temporary AND table_name LIKE 'part%'"
    ).fetchall()
    table = f"part{number}"
    texts = ", ".join(f"c{index} VARCHAR" for index in range(len(header)))
    duck.execute(f"CREATE TEMP TABLE {table} ({PLACE} BIGINT, {FAULT} VARCHAR, {texts})")
    for chunk in _chunks(rows):
        numbers, faults, fields = zip(*chunk, strict=True)
        arrays = [pa.array(numbers, pa.int64()), pa.array(faults, pa.string())]
        for column in zip(*fields, strict=True):
            values = pa.array(column, pa.string())
            arrays.append(pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values))
        names = [PLACE, FAULT, *(f"c{index}" for index in range(len(header)))]
        duck.register("part_chunk", pa.table(arrays, names))
        duck.execute(f"INSERT INTO {table} FROM part_chunk")
        duck.unregister("part_chunk")
    where = {name: f"c{index}" for index, name in enumerate(header)}
    listed = ", ".join(f"{where.get(n, 'NULL::VARCHAR')} AS {ident(n)}" for n in columns)
    return f"SELECT {listed}, {PLACE}, {FAULT} FROM {table}"


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rows = iter(rows)
    for first in rows:
        chunk = [first]
        chunk += islice(rows, CHUNK_ROWS - 1)
        yield chunk


def _as_text(column: str, sql_type: str) -> str:
    """A Parquet value as text; doubles with the 15 digits that they hold for certain."""
    if sql_type in {"DOUBLE", "FLOAT"}:
        return f"CASE WHEN {column} IS NOT NULL THEN format('{{:.15g}}', {column}::DOUBLE) END"
    if sql_type == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({column}))::VARCHAR"
    return f"{column}::VARCHAR"
