"""A folder of CSV, Parquet or Excel files in canonical shape.

`<canonical table>.csv`, `.parquet` or `.xlsx`, or a folder `<canonical table>/` of them; a workbook
may also hold several tables, each in a sheet of its name. The headers are the contract's column
names; a column that is not required may be missing. A file that cannot be understood stops its
table; a value that cannot be read puts its row aside, with file, line and column.

Several files of one table are one table. Where two of them hold the same key, the file whose name
comes later in the alphabet counts, and the manifest says how many rows it took the place of.

Does not belong here: what the columns mean (`models.contract`), the forms of files
(`sources.readers.parts`).
"""

from __future__ import annotations

import difflib
import hashlib
import json
import time
from typing import TYPE_CHECKING, Self

from models.contract import ColumnType, canonical_tables
from models.errors import FileFault, SourceError
from sources.readers.base import (
    REASON,
    ROW,
    Reader,
    Rows,
    SourceColumn,
    SourceTable,
    Totals,
    absent,
    checked,
    ident,
    literal,
    no_rows,
    parse,
)
from sources.readers.parts import (
    FAULT,
    PLACE,
    SUFFIXES,
    CsvPart,
    ParquetPart,
    SheetPart,
    sheet_names,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import duckdb

    from models.config import Source
    from models.contract import CanonicalTable, Column
    from sources.readers.parts import Part
    from sources.spec import TableSpec

SETTLING_SECONDS = 0.2
"""A file that was written just now is looked at twice, so far apart."""
RECENT_SECONDS = 2
OTHER_TABLES = frozenset({".xls", ".xlsb", ".ods", ".tsv", ".txt", ".json", ".xml"})
"""Files of other forms, which nobody must believe to be read."""
_FILE = "_file"
_NUMBERS = frozenset({ColumnType.QTY, ColumnType.MONEY, ColumnType.RATE})


class FilesReader(Reader):
    """The files of a feed as they are now; their content hashes are the snapshot."""

    def __init__(self, source: Source, duck: duckdb.DuckDBPyConnection) -> None:
        if source.path is None or not source.path.is_dir():
            raise SourceError(
                f"Source {source.name!r}: there is no folder {source.path}.",
                "Mend `path` in scorecard.yml; docs/canonical.md says what goes into it.",
            )
        self._folder = source.path
        self._duck = duck
        self._parts: dict[str, list[Part]] = {}
        self._faults: dict[str, FileFault] = {}
        self._superseded: dict[str, dict[str, int]] = {}
        self._typed: dict[str, str] = {}
        files = [*self._files()]
        self._stats = {path: _stat(path) for path, _ in files}
        self._settle()
        for path, table in files:
            try:
                self._add(path, table)
            except FileFault as e:
                if table is None:
                    raise
                self._faults.setdefault(table, e)
        self._hashes = {
            name: {part.shown: _sha256(part.path) for part in parts}
            for name, parts in self._parts.items()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Files are opened by each reading alone."""

    @property
    def tables(self) -> tuple[str, ...]:
        """Canonical tables that there are files of, readable or not."""
        return tuple(sorted({*self._parts, *self._faults}))

    def parts(self, table: str) -> tuple[str, ...]:
        """Files and sheets of a table."""
        return tuple(part.shown for part in self._parts.get(table, ()))

    def columns(self, table: str) -> tuple[str, ...]:
        """Columns that any file or sheet of a table has."""
        headers = (part.header() for part in self._parts.get(table, ()))
        return tuple(dict.fromkeys(name for header in headers for name in header))

    def identity(self) -> Mapping[str, str]:
        """A folder may be moved; nothing identifies it."""
        return {}

    def snapshot(self) -> Mapping[str, str]:
        """Content hash of every file, by table, and how many rows of it a later file replaced."""
        hashes = {name: json.dumps(hashes) for name, hashes in sorted(self._hashes.items())}
        replaced = {
            f"{name} superseded": json.dumps(rows)
            for name, rows in sorted(self._superseded.items())
        }
        return hashes | replaced

    def unchanged_since(self, snapshot: Mapping[str, str], spec: TableSpec) -> bool:
        """True where the table has the same files with the same content."""
        hashes = self._hashes.get(spec.name)
        return snapshot.get(spec.name) == (json.dumps(hashes) if hashes else None)

    def describe(self, spec: TableSpec) -> SourceTable:
        """The contract's columns, whatever the files hold of them.

        Raises `FileFault` naming file and column if a header is unknown or a required column is
        missing, or a file cannot be read at all.
        """
        if spec.name in self._faults:
            raise self._faults[spec.name]
        if spec.name not in self._parts:
            return absent(spec)
        for part in self._parts[spec.name]:
            _check_header(part, canonical_tables()[spec.name])
        return SourceTable(spec, tuple(SourceColumn(n, "text", t) for n, t in spec.columns.items()))

    def rows(self, table: SourceTable, since: str | None) -> Rows:  # noqa: ARG002 - a file is always read whole
        """All rows of all the table's files, parsed from text.

        Raises `FileFault` if a file cannot be read to its end or changes meanwhile.
        """
        if not table.exists:
            return no_rows(table)
        asked = ", ".join(part.shown for part in self._parts[table.spec.name])
        columns = ", ".join(ident(name) for name in table.types)
        return Rows(asked, f"SELECT {columns}, {REASON}, {ROW} FROM {self._read(table)}")

    def totals(self, table: SourceTable) -> Totals:
        """Rows of all the table's files, without those that a later file replaces."""
        if not table.exists:
            return Totals(0, None)
        [[count]] = self._duck.execute(f"SELECT count(*) FROM {self._read(table)}").fetchall()
        return Totals(count, None)

    def cheap_to_count(self, table: SourceTable) -> bool:
        """A table without files has nothing to count."""
        return table.exists

    def superseded(self, table: str) -> Mapping[str, int]:
        """Rows of each file that a later file of the table replaced, once the table was read."""
        return self._superseded.get(table, {})

    # --- files -----------------------------------------------------------------------------------

    def _files(self) -> Iterator[tuple[Path, str | None]]:
        """Every file that may be data, and the table that its folder or name says.

        Raises `SourceError` for a folder or file that is named after no table.
        """
        for path in sorted(self._folder.iterdir()):
            if _is_hidden(path):
                continue
            if path.is_dir():
                self._known(path.name, path)
                inside = (p for p in sorted(path.iterdir()) if p.is_file() and not _is_hidden(p))
                yield from ((p, path.name.lower()) for p in inside if _may_be_data(p))
            elif path.stem.lower() in canonical_tables() and _may_be_data(path):
                yield path, path.stem.lower()
            elif path.suffix.lower() in {".xlsx", ".xlsm"}:
                yield path, None
            elif path.suffix.lower() in SUFFIXES:
                self._known(path.stem, path)

    def _known(self, table: str, path: Path) -> None:
        if table.lower() not in canonical_tables():
            raise SourceError(
                f"{self._shown(path)} is named after no canonical table.",
                _did_you_mean(table, canonical_tables()) or "docs/canonical.md lists them.",
            )

    def _add(self, path: Path, table: str | None) -> None:
        """Take up the tables of one file. Raises `FileFault` if it cannot hold any."""
        shown, suffix = self._shown(path), path.suffix.lower()
        if suffix in OTHER_TABLES:
            raise FileFault(
                f"{shown} is of a form that is not read.",
                "Save it as .csv (UTF-8), .xlsx or .parquet.",
            )
        if path.stat().st_size == 0:
            raise FileFault(f"{shown} is empty.", "Remove it, or write it anew: header and rows.")
        if suffix == ".csv":
            self._parts.setdefault(table or "", []).append(CsvPart(path, shown))
        elif suffix == ".parquet":
            self._parts.setdefault(table or "", []).append(ParquetPart(path, shown, self._duck))
        else:
            for name, sheet in self._sheets(path, shown, table).items():
                label = shown if name == table else f"{shown} sheet {sheet}"
                self._parts.setdefault(name, []).append(SheetPart(path, label, sheet))

    def _sheets(self, path: Path, shown: str, table: str | None) -> dict[str, str]:
        """Sheet by table: those named after tables, else the first one for the file's own table."""
        sheets = sheet_names(path, shown)
        named = {s.lower(): s for s in sheets if s.lower() in canonical_tables()}
        if table is not None:
            return named if table in named else {table: sheets[0], **named}
        for sheet in sheets:
            near = _did_you_mean(sheet, canonical_tables(), cutoff=0.8)
            if near and sheet.lower() not in named:
                raise SourceError(f"{shown}: sheet {sheet!r} is named after no table.", near)
        if not named:
            raise SourceError(
                f"{shown} is named after no canonical table, and so is none of its sheets.",
                _did_you_mean(path.stem, canonical_tables()) or "docs/canonical.md lists them.",
            )
        return named

    def _settle(self) -> None:
        """Wait for files that were written just now; those still growing are not read."""
        now = time.time()
        if any(abs(now - mtime) < RECENT_SECONDS for _, mtime in self._stats.values()):
            time.sleep(SETTLING_SECONDS)
            self._refuse_changing(self._stats)

    def _refuse_changing(self, paths: Iterable[Path]) -> None:
        for path in paths:
            if _stat(path) != self._stats[path]:
                raise SourceError(
                    f"{self._shown(path)} is being written.",
                    "Run again when it is whole; copy it under another name, then rename it.",
                )

    def _shown(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    # --- rows ------------------------------------------------------------------------------------

    def _read(self, table: SourceTable) -> str:
        """A relation of the table's typed rows; a file is read once."""
        name = table.spec.name
        if name not in self._typed:
            contract = canonical_tables()[name]
            parts = self._parts[name]
            union = " UNION ALL ".join(
                self._texts(part, number, contract) for number, part in enumerate(parts)
            )
            columns = (*table.columns, SourceColumn(_FILE, "position", "INTEGER"))
            typed = checked(union, columns, set(table.types))
            self._duck.execute(f"CREATE TEMP TABLE typed_{name} AS {typed}")
            self._refuse_changing({part.path for part in parts})
            self._typed[name] = f"typed_{name}"
            if len(parts) > 1:
                self._supersede(table)
        return self._typed[name]

    def _supersede(self, table: SourceTable) -> None:
        """Where files hold the same key, keep the rows of the last one, readable or not."""
        name = table.spec.name
        key = ", ".join(ident(k) for k in table.spec.key)
        whole = " AND ".join(
            f"{ident(k)} IS NOT NULL" for k in table.spec.key if k not in table.spec.empty_key
        )
        self._duck.execute(
            f"CREATE TEMP TABLE kept_{name} AS SELECT *, {whole} "
            f"AND {_FILE} < max({_FILE}) OVER (PARTITION BY {key}) AS _replaced FROM typed_{name}"
        )
        counts = self._duck.execute(
            f"SELECT {_FILE}, count(*) FROM kept_{name} WHERE _replaced GROUP BY 1 ORDER BY 1"
        ).fetchall()
        if counts:
            parts = self._parts[name]
            self._superseded[name] = {parts[number].shown: count for number, count in counts}
        self._typed[name] = f"(SELECT * FROM kept_{name} WHERE NOT _replaced)"

    def _texts(self, part: Part, number: int, contract: CanonicalTable) -> str:
        """Every contract column of one part as text, and the first fault of each row."""
        staged = part.stage(self._duck, [*contract.columns])
        columns = ", ".join(
            f"{_number(ident(n), c, part)} AS {ident(n)}" for n, c in contract.columns.items()
        )
        faults = [f"WHEN f.{FAULT} IS NOT NULL THEN f.{FAULT}"]
        faults += [w for n, c in contract.columns.items() for w in _faults(n, c)]
        fault = f"CASE {' '.join(faults)} END"
        raw = ", ".join(f"{literal(n)}: f.{ident(n)}" for n in contract.columns)
        named = ", ".join(f"f.{ident(n)}" for n in contract.columns)
        return (
            f"SELECT {named}, {number}::INTEGER AS {_FILE}, "
            f"{part.place(f'f.{PLACE}')} || {fault} AS {REASON}, "
            f"CASE WHEN {fault} IS NOT NULL THEN to_json({{{raw}}})::VARCHAR END AS {ROW} "
            f"FROM (SELECT {columns}, {PLACE}, {FAULT} FROM ({staged})) AS f"
        )


def _number(column: str, spec: Column, part: Part) -> str:
    """A column's text with the decimal comma, where the part has one, made a point."""
    if spec.type not in _NUMBERS or not part.decimal_comma:
        return column
    pattern = literal(r"[+-]?\d*,\d+")
    return (
        f"CASE WHEN regexp_full_match({column}, {pattern}) THEN replace({column}, ',', '.') "
        f"ELSE {column} END"
    )


def _faults(name: str, column: Column) -> Iterator[str]:
    """What can be wrong with a column's text, as SQL cases, in words."""
    text = f"f.{ident(name)}"
    shown = f"{literal(name + ': ')} || {literal(chr(39))} || {text}[:60] || {literal(chr(39))}"
    if column.required:
        yield f"WHEN {text} IS NULL THEN {literal(name + ': empty but required')}"
    sql_type = column.type.sql.upper()
    _, ok = parse(text, sql_type)
    wrong = f"{text} IS NOT NULL AND NOT {ok}"
    match column.type:
        case kind if kind.is_decimal:
            digits = sql_type.partition("(")[2].rstrip(")").split(",")
            yield (
                f"WHEN {wrong} AND try_cast({text} AS DOUBLE) IS NOT NULL THEN {shown} || "
                f"{literal(f' has more than {digits[1]} decimals or {digits[0]} digits')}"
            )
            yield (
                f"WHEN {wrong} AND contains({text}, ',') THEN {shown} || "
                f"{literal(' is no number: write a point for decimals, and nothing for thousands')}"
            )
            yield f"WHEN {wrong} THEN {shown} || {literal(' is no number')}"
        case ColumnType.CODE | ColumnType.TEXT:
            if column.values:
                allowed = ", ".join(literal(v) for v in column.values)
                yield (
                    f"WHEN {text} NOT IN ({allowed}) THEN {shown} || "
                    f"{literal(' is none of ' + ', '.join(column.values))}"
                )
            if column.form:
                yield (
                    f"WHEN NOT regexp_full_match({text}, {literal(column.form)}) THEN {shown} || "
                    f"{literal(' is not written like ' + column.example)}"
                )
        case _:
            yield f"WHEN {wrong} THEN {shown} || {literal(_NO_VALUE[column.type])}"


_NO_VALUE = {
    ColumnType.INT: " is no whole number",
    ColumnType.BOOL: " is neither true nor false",
    ColumnType.DATE: " is no date such as 2026-10-31",
    ColumnType.TS: " is no time such as 2026-10-31 14:00:00 (UTC, or with its offset)",
}


def _check_header(part: Part, contract: CanonicalTable) -> None:
    header = part.header()
    for name in header:
        if not name:
            raise FileFault(f"{part.shown} has a column without a name.", "Name or remove it.")
        if name not in contract.columns:
            raise FileFault(
                f"{part.shown}: column {name!r} is not in {contract.name}.",
                _did_you_mean(name, contract.columns) or "docs/canonical.md lists its columns.",
            )
    for name, column in contract.columns.items():
        if column.required and name not in header:
            raise FileFault(
                f"{part.shown}: the required column {name!r} is missing.", "Add it to the file."
            )


def _is_hidden(path: Path) -> bool:
    """Files that programs put beside a file while it is open or being copied."""
    return path.name.startswith((".", "~$")) or path.suffix.lower() in {".part", ".tmp"}


def _may_be_data(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES | OTHER_TABLES


def _stat(path: Path) -> tuple[int, float]:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return 0, 0
    return stat.st_size, stat.st_mtime


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=cutoff)
    return f"Did you mean {near[0]!r}?" if near else ""
