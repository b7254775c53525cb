"""Fingerprints that a server computes itself, of whatever dialect.

Does not belong here: what a fingerprint is (`sources.fingerprint`), and how a dialect writes it.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from sources.fingerprint import key_columns
from sources.readers.base import Fingerprints

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sources.readers.base import Rows, SourceColumn, SourceTable


class ServerFingerprints(Fingerprints):
    """Only numbers travel; the table stands in the SQL as `t`."""

    text: str
    """SQL of a number `{n}` as text."""

    def __init__(self, table: SourceTable, relation: str) -> None:
        self._table = table
        self._key = self._number(key_columns(table))
        self._all = (
            f"SELECT {self._key} AS key_print, {self._number(table.columns)} AS row_print "
            f"FROM {relation}"
        )

    def buckets(self, count: int) -> str:
        """One pass over the table."""
        total = self.text.format(n="SUM(row_print)")
        return self._answer(
            f"SELECT key_print % {count} AS bucket, COUNT(*) AS row_count, {total} AS total "
            f"FROM ({self._all}) AS p GROUP BY 1",
            {"bucket": "BIGINT", "row_count": "BIGINT", "total": "VARCHAR"},
        )

    def rows(self, count: int, buckets: Collection[int]) -> str:
        """A second pass; only what is in those buckets travels."""
        wanted = ", ".join(map(str, buckets))
        return self._answer(
            f"SELECT * FROM ({self._all}) AS p WHERE key_print % {count} IN ({wanted})",
            {"key_print": "BIGINT", "row_print": "BIGINT"},
        )

    def reread(self, parts: Collection[int], modulo: int | None) -> Rows:
        """As `Reader.rows`, by fingerprint."""
        part = self._key if modulo is None else f"{self._key} % {modulo}"
        return self._read_where(f" WHERE {part} IN ({', '.join(map(str, parts))})")

    @abstractmethod
    def _number(self, columns: Iterable[SourceColumn]) -> str:
        """The server's SQL of what `sources.fingerprint` computes in DuckDB."""

    @abstractmethod
    def _answer(self, query: str, types: Mapping[str, str]) -> str:
        """DuckDB's query of what the server answers, with those types."""

    @abstractmethod
    def _read_where(self, where: str) -> Rows:
        """The table's rows that the condition holds for."""
