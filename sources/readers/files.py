"""A folder of CSV or Parquet files in canonical shape.

`<canonical table>.csv`, `<canonical table>.parquet`, or a folder `<canonical table>/` of them. The
headers are the contract's column names; a column that is not required may be missing. A file that
cannot be understood stops the run; a value that cannot be read puts its row aside, with file, row
and column.

Does not belong here: what the columns mean (`models.contract`).
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import json
import re
from typing import TYPE_CHECKING, Self

import duckdb

from models.contract import canonical_tables
from models.errors import SourceError
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
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from models.config import Source
    from models.contract import CanonicalTable
    from sources.spec import TableSpec

SUFFIXES = frozenset({".csv", ".parquet"})


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
        self._files: dict[str, list[Path]] = {}
        for path in sorted(self._folder.iterdir()):
            if path.is_dir() and not path.name.startswith("."):
                files = sorted(p for p in path.iterdir() if _is_data(p))
                self._add(path.name, path, files)
            elif _is_data(path):
                self._add(path.stem, path, [path])
        self._hashes = {
            name: {self._shown(p): _sha256(p) for p in files} for name, files in self._files.items()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Files are opened by each query alone."""

    def identity(self) -> Mapping[str, str]:
        """A folder may be moved; nothing identifies it."""
        return {}

    def snapshot(self) -> Mapping[str, str]:
        """Content hash of every file, by table."""
        return {name: json.dumps(hashes) for name, hashes in sorted(self._hashes.items())}

    def unchanged_since(self, snapshot: Mapping[str, str], spec: TableSpec) -> bool:
        """True where the table has the same files with the same content."""
        return snapshot.get(spec.name) == self.snapshot().get(spec.name)

    def describe(self, spec: TableSpec) -> SourceTable:
        """The contract's columns, whatever the files hold of them.

        Raises `SourceError` naming file and column if a header is unknown or a required column is
        missing.
        """
        if spec.name not in self._files:
            return absent(spec)
        for path in self._files[spec.name]:
            self._check_header(path, canonical_tables()[spec.name])
        return SourceTable(spec, tuple(SourceColumn(n, "text", t) for n, t in spec.columns.items()))

    def rows(self, table: SourceTable, since: str | None) -> Rows:  # noqa: ARG002 - a file is always read whole
        """All rows of all the table's files, parsed from text."""
        if not table.exists:
            return no_rows(table)
        contract = canonical_tables()[table.spec.name]
        parts = " UNION ALL ".join(
            self._file(path, contract) for path in self._files[table.spec.name]
        )
        asked = ", ".join(self._shown(path) for path in self._files[table.spec.name])
        return Rows(asked, checked(parts, table.columns, set(table.types), place="r._place"))

    def totals(self, table: SourceTable) -> Totals:
        """Rows of all the table's files."""
        files = self._files.get(table.spec.name, [])
        counts = [
            self._run(path, f"SELECT count(*) FROM {self._scan(path)}").fetchall()[0][0]
            for path in files
        ]
        return Totals(sum(counts), None)

    def cheap_to_count(self, table: SourceTable) -> bool:
        """A table without files has nothing to count."""
        return table.exists

    def mask(self, message: object) -> str:
        """The message with the file it is about, and without the line's content."""
        text = str(message)
        wrong = re.search("Expected Number of Columns.*", text)
        for path in (path for files in self._files.values() for path in files):
            if str(path) in text:
                line = re.search("on Line: (\\d+)", text)
                where = f"{self._shown(path)}, line {line[1]}" if line else self._shown(path)
                return f"{where}: {wrong[0] if wrong else super().mask(text)}"
        return super().mask(text)

    def _add(self, table: str, path: Path, files: list[Path]) -> None:
        if table not in canonical_tables():
            raise SourceError(
                f"{self._shown(path)} is named after no canonical table.",
                _did_you_mean(table, canonical_tables()) or "docs/canonical.md lists them.",
            )
        if files:
            self._files.setdefault(table, []).extend(files)

    def _check_header(self, path: Path, contract: CanonicalTable) -> None:
        header = self._types(path)
        for name in header:
            if name not in contract.columns:
                raise SourceError(
                    f"{self._shown(path)}: column {name!r} is not in {contract.name}.",
                    _did_you_mean(name, contract.columns) or "docs/canonical.md lists its columns.",
                )
        for name, column in contract.columns.items():
            if column.required and name not in header:
                raise SourceError(
                    f"{self._shown(path)}: the required column {name!r} is missing.",
                    "Add it to the file.",
                )

    def _file(self, path: Path, contract: CanonicalTable) -> str:
        """Every contract column of one file as text, the place of each row, and its first fault."""
        types = self._types(path)
        columns = ", ".join(
            f"{_as_text(ident(name), types[name]) if name in types else 'NULL::VARCHAR'} "
            f"AS {ident(name)}"
            for name in contract.columns
        )
        faults = []
        for name, column in contract.columns.items():
            text = f"f.{ident(name)}"
            if column.required:
                faults.append(f"WHEN {text} IS NULL THEN {literal(name + ': empty but required')}")
            if column.values:
                allowed = ", ".join(literal(v) for v in column.values)
                faults.append(
                    f"WHEN {text} NOT IN ({allowed}) THEN {literal(name + ': ')} || {text}[:60] "
                    f"|| {literal(' is none of ' + ', '.join(column.values))}"
                )
        fault = f"CASE {' '.join(faults)} END" if faults else "NULL"
        raw = ", ".join(f"{literal(n)}: f.{ident(n)}" for n in contract.columns)
        return (
            f"SELECT f.*, f._place || {fault} AS {REASON}, "
            f"CASE WHEN {fault} IS NOT NULL THEN to_json({{{raw}}})::VARCHAR END AS {ROW} FROM ("
            f"SELECT {columns}, {literal(self._shown(path) + ' row ')} || row_number() OVER () "
            f"|| ': ' AS _place FROM {self._scan(path)}) AS f"
        )

    def _types(self, path: Path) -> dict[str, str]:
        """Columns of a file and their types as DuckDB reads them."""
        rows = self._run(path, f"DESCRIBE SELECT * FROM {self._scan(path)}").fetchall()
        return {row[0]: row[1] for row in rows}

    def _scan(self, path: Path) -> str:
        """The file as a relation.

        Nothing about a CSV is guessed but its delimiter: DuckDB's own detection skips a first line
        that does not look like the others, even if it is the header.
        """
        if path.suffix == ".parquet":
            return f"read_parquet({literal(str(path))})"
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                first = file.readline()
        except (OSError, UnicodeDecodeError) as e:
            raise SourceError(
                f"{self._shown(path)} cannot be read: {e}.", "Files are text in UTF-8."
            ) from e
        delimiter = max(",;\t|", key=first.count)
        header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])]
        if not header or len(set(header)) < len(header):
            raise SourceError(
                f"{self._shown(path)} has no header, or one that names a column twice.",
                "The first line holds the columns' names.",
            )
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in header)
        return (
            f"read_csv({literal(str(path))}, auto_detect = false, header = true, "
            f"delim = {literal(delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}})"
        )

    def _run(self, path: Path, query: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._duck.execute(query)
        except duckdb.Error as e:
            reason = str(e).strip().splitlines()[0]
            raise SourceError(f"{self._shown(path)} cannot be read: {reason}") from e

    def _shown(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()


def _is_data(path: Path) -> bool:
    return path.is_file() and path.suffix in SUFFIXES and not path.name.startswith(".")


def _as_text(column: str, sql_type: str) -> str:
    """A Parquet value as text; doubles with the 15 digits that they hold for certain."""
    if sql_type in {"DOUBLE", "FLOAT"}:
        return f"CASE WHEN {column} IS NOT NULL THEN format('{{:.15g}}', {column}::DOUBLE) END"
    if sql_type == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({column}))::VARCHAR"
    return f"{column}::VARCHAR"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else ""
