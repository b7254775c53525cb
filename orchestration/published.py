"""Rows of a query on the publication.

Belongs here: what `show` and `explain` need of DuckDB. Does not belong here: opening the
publication (`exports.query`), and what a command asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

Row = dict[str, Any]


def rows(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any] | None = None
) -> list[Row]:
    """Result of a query, one dictionary a row; `$name` in the SQL is a parameter."""
    result = connection.execute(sql, parameters)
    columns = [column[0] for column in result.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
