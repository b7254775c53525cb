"""How a row is hashed so that the source and the landing agree without sending it.

A fingerprint is a number: the first 60 bits of the MD5 of the fields' texts in UTF-8. Each field is
written with its length before it, so that no two rows give the same text; a NULL is a dash. Texts
are DuckDB's, which a server is made to write as well, and binary is hexadecimal; only of a float
each server has its own (`Floats`).

A fingerprint only says where to look: what is repaired is decided on the values themselves. That
two different versions of a row share one has a chance of 1 to 2^60.

Does not belong here: how a source computes the same (`sources.readers`), what is done with the
outcome (`sources.reconcile`).
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from sources.readers.base import ident

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from sources.readers.base import SourceColumn, SourceTable

DIGITS = 15
"""Hexadecimal digits of the MD5 that make the number."""
_MOST_PLACES = 15
"""MariaDB writes a double with an exponent where its point would stand further out than this."""


class Floats(Enum):
    """The text of a float, which must be one that the server can write."""

    BITS = "bits"
    """Its bits, as PostgreSQL sends them."""
    SHORTEST = "shortest"
    """The fewest digits that give the double, in MariaDB's notation."""


def prepare(duck: duckdb.DuckDBPyConnection) -> None:
    """Teach DuckDB how MariaDB writes a double: the digits are the same, the point is not.

    Of the digits `d`, of which none leads or trails as a zero, `p` stand before the point.
    """
    for macro in (
        "whole(t) AS split_part(split_part(t, 'e', 1), '.', 1)",
        "digits(t) AS whole(t) || split_part(split_part(t, 'e', 1), '.', 2)",
        (
            "places(t) AS length(whole(t)) - length(digits(t)) + length(ltrim(digits(t), '0')) "
            "+ coalesce(try_cast(split_part(t, 'e', 2) AS INTEGER), 0)"
        ),
        (
            "placed(d, p) AS CASE WHEN d = '' THEN '0' "
            f"WHEN p NOT BETWEEN {1 - _MOST_PLACES} AND {_MOST_PLACES} "
            "THEN d[1] || CASE WHEN length(d) > 1 THEN '.' ELSE '' END || d[2:] || 'e' || (p - 1) "
            "WHEN p <= 0 THEN '0.' || repeat('0', -p) || d "
            "WHEN p >= length(d) THEN d || repeat('0', p - length(d)) "
            "ELSE d[:p] || '.' || d[p + 1:] END"
        ),
        (
            "shortest(v) AS CASE WHEN v < 0 THEN '-' ELSE '' END "
            "|| placed(trim(digits(abs(v)::VARCHAR), '0'), places(abs(v)::VARCHAR))"
        ),
    ):
        duck.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")


def key_columns(table: SourceTable) -> list[SourceColumn]:
    """The key's columns in the key's order."""
    by_name = {c.name: c for c in table.columns}
    return [by_name[name] for name in table.spec.key]


def fields(texts: Iterable[str]) -> str:
    """SQL, the same for PostgreSQL and DuckDB, of all fields as one text."""
    return " || ".join(f"coalesce(length({text}) || ':' || {text}, '-')" for text in texts)


def fingerprint(columns: Iterable[SourceColumn], alias: str, floats: Floats) -> str:
    """DuckDB's SQL of the fingerprint of landed columns."""
    text = fields(_text(f"{alias}.{ident(c.name)}", c.sql_type, floats) for c in columns)
    return f"('0x' || substr(md5({text}), 1, {DIGITS}))::BIGINT"


def _text(value: str, sql_type: str, floats: Floats) -> str:
    match sql_type:
        case "DOUBLE" | "FLOAT":
            return (
                f"{value}::BIT::VARCHAR" if floats is Floats.BITS else f"shortest({value}::DOUBLE)"
            )
        case "BLOB":
            return f"hex({value})"
        case _:
            return f"{value}::VARCHAR"
