"""Read-only SQL on what is published.

Belongs here: opening the published DuckDB file so that nothing can be changed and nothing outside
it can be read, and turning SQL errors into one sentence. Does not belong here: any particular
query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from exports.publication import current
from models.errors import PublishError, QueryError

if TYPE_CHECKING:
    from models.config import Config

SANDBOX: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "lock_configuration": True,
}
"""No files, no other databases, no extensions; and no way to switch that on again."""


def connect(config: Config) -> duckdb.DuckDBPyConnection:
    """Open the current publication; the caller closes the connection.

    The connection stays with the version it found, so long-lived readers connect anew to see the
    next. Raises `PublishError` if nothing is published.
    """
    path = current(config).duckdb
    try:
        return duckdb.connect(str(path), read_only=True, config=SANDBOX)
    except duckdb.Error as e:
        raise PublishError(
            f"{path} cannot be opened: {str(e).splitlines()[0]}", "Run `scorecard run`."
        ) from e


def query(config: Config, sql: str) -> pa.Table:
    """Result of the SQL on the current publication.

    Raises `QueryError` with DuckDB's own sentence if the SQL is wrong or asks for more than
    reading, `PublishError` if nothing is published.
    """
    with connect(config) as con:
        try:
            relation = con.sql(sql)
            return pa.table({}) if relation is None else relation.to_arrow_table()
        except duckdb.Error as e:
            sentence, *rest = str(e).splitlines()
            hints = [line for line in rest if line.startswith(("Did you mean", "Candidate"))]
            raise QueryError(
                sentence, " ".join(hints) or '`scorecard query "show tables"` lists the tables.'
            ) from e
