"""How a row is hashed so that the source and the landing agree without sending it.

A fingerprint is a number: the first 60 bits of the MD5 of the fields' texts in UTF-8. Each field is
written with its length before it, so that no two rows give the same text; a NULL is a dash. Texts
are those that PostgreSQL and DuckDB share; floats are their bits, binary is hexadecimal.

A fingerprint only says where to look: what is repaired is decided on the values themselves. That
two different versions of a row share one has a chance of 1 to 2^60.

Does not belong here: how a source computes the same (`sources.readers`), what is done with the
outcome (`sources.reconcile`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sources.readers.base import ident

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sources.readers.base import SourceColumn, SourceTable

DIGITS = 15
"""Hexadecimal digits of the MD5 that make the number."""


def key_columns(table: SourceTable) -> list[SourceColumn]:
    """The key's columns in the key's order."""
    by_name = {c.name: c for c in table.columns}
    return [by_name[name] for name in table.spec.key]


def fields(texts: Iterable[str]) -> str:
    """SQL, the same for PostgreSQL and DuckDB, of all fields as one text."""
    return " || ".join(f"coalesce(length({text}) || ':' || {text}, '-')" for text in texts)


def fingerprint(columns: Iterable[SourceColumn], alias: str) -> str:
    """DuckDB's SQL of the fingerprint of landed columns."""
    text = fields(_text(f"{alias}.{ident(c.name)}", c.sql_type) for c in columns)
    return f"('0x' || substr(md5({text}), 1, {DIGITS}))::BIGINT"


def _text(value: str, sql_type: str) -> str:
    match sql_type:
        case "DOUBLE" | "FLOAT":
            return f"{value}::BIT::VARCHAR"
        case "BLOB":
            return f"hex({value})"
        case _:
            return f"{value}::VARCHAR"
