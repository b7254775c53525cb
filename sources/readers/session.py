"""Opens the reader that fits a source.

Belongs here: which reader serves which database. Does not belong here: how any of them reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import ConfigError
from sources.readers.arrow import oracle, sql_server
from sources.readers.files import FilesReader
from sources.readers.mariadb import MariadbReader
from sources.readers.postgresql import PostgresReader
from sources.readers.sqlite import SqliteReader

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

    from models.config import Source
    from sources.readers.base import Reader
    from sources.spec import SystemSpec

_READERS: dict[str, Callable[[Source, duckdb.DuckDBPyConnection], Reader]] = {
    "files": FilesReader,
    "mariadb": MariadbReader,
    "mssql": sql_server,
    "oracle": oracle,
    "postgresql": PostgresReader,
    "sqlite": SqliteReader,
}
_WITH_PATH = frozenset({"files", "sqlite"})


def open_reader(source: Source, system: SystemSpec, duck: duckdb.DuckDBPyConnection) -> Reader:
    """Take a snapshot of the source; use it as a context.

    Raises `ConfigError` if the source is given as a path where its system needs a URL or the other
    way round, `SourceError` if it cannot be reached.
    """
    needs_url = system.database not in _WITH_PATH
    if needs_url != (source.url_env is not None):
        needed = "url_env" if needs_url else "path"
        raise ConfigError(
            f"Source {source.name!r} of system {system.name} needs `{needed}`.",
            "Mend it in scorecard.yml.",
        )
    return _READERS[system.database](source, duck)
