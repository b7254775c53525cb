"""A plain read-only connection to a source's database, for looking at it: catalogue, grants, clock.

Belongs here: from a source's URL or path to an SQLAlchemy engine. Does not belong here: reading
rows that are to land (`sources.readers`).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import sqlalchemy as sa

from models.errors import ConfigError, SourceError
from sources.readers.base import masked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.config import Source

DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mssql": "mssql+pyodbc",
    "oracle": "oracle+oracledb",
}
"""Driver by what the URL calls the database."""
DATABASES = {
    "postgresql": "postgresql",
    "mysql": "mariadb",
    "mariadb": "mariadb",
    "mssql": "mssql",
    "oracle": "oracle",
    "sqlite": "sqlite",
}
"""SQLAlchemy's name of a dialect, and `database` of a system's YAML."""
CONNECT_SECONDS = 10


def engine_of(source: Source) -> sa.Engine:
    """An engine on the source's database; nothing is connected yet.

    Raises `ConfigError` if the variable is not set, is no URL, or its driver is not installed;
    `SourceError` if the file of a path is not there.
    """
    if source.path is not None:
        if not source.path.is_file():
            raise SourceError(f"There is no file {source.path}.", "Mend `path` in scorecard.yml.")
        file = quote(str(source.path.resolve()))
        return sa.create_engine(
            f"sqlite:///file:{file}?mode=ro&uri=true", poolclass=sa.NullPool, hide_parameters=True
        )
    try:
        url = sa.make_url(source.url())
        backend = url.get_backend_name()
        if backend not in DRIVERS:
            raise ConfigError(
                f"The URL in {source.url_env} is of {backend!r}.",
                f"It begins with one of {', '.join(sorted(DRIVERS))}; for SQLite give a path.",
            )
        options = {"connect_timeout": CONNECT_SECONDS} if backend in {*DRIVERS} - _SLOW else {}
        return sa.create_engine(
            url.set(drivername=DRIVERS[backend]),
            poolclass=sa.NullPool,
            hide_parameters=True,
            connect_args=options,
        )
    except sa.exc.ArgumentError:
        raise ConfigError(
            f"The variable {source.url_env} does not hold the URL of a database.",
            "It looks like postgresql://user:password@host:5432/database; percent-encode what is "
            "special in the password.",
        ) from None
    except ModuleNotFoundError as e:
        raise ConfigError(
            f"Source {source.name!r} needs the package {e.name}.",
            f"Install it with `pip install {e.name}`.",
        ) from e


@contextmanager
def connected(source: Source) -> Iterator[sa.Connection]:
    """A connection in a transaction that is rolled back.

    Raises `SourceError` without the password if the database cannot be reached or asked.
    """
    engine = engine_of(source)
    try:
        with engine.connect() as connection:
            yield connection
    except sa.exc.SQLAlchemyError as e:
        url = source.url() if source.url_env else None
        reason = masked(getattr(e, "orig", None) or e, url).strip().splitlines()[0]
        raise SourceError(
            f"Source {source.name!r} cannot be read: {reason}.",
            "Check host, port, database, user and password in the URL, and whether a firewall "
            "lets this machine in.",
        ) from None
    finally:
        engine.dispose()


_SLOW = frozenset({"mssql", "oracle"})
"""Whose drivers call the limit otherwise."""
