"""Fixtures that several test modules share: real PostgreSQL and MariaDB servers, real databases.

Does not belong here: anything that one module alone needs.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import settings
from servers import NoServerError, mariadb_server, postgres_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from servers import MariadbServer, PostgresServer

REPOSITORY = Path(__file__).parent.parent
DUMPS_VARIABLE = "SCORECARD_DUMPS"
"""Folder of database dumps named `<name>.sql.gz`."""
S = TypeVar("S")
LONGEST = (
    *("test_examples_months", "test_pipeline", "test_examples_weeks", "test_star"),
    *("test_examples_conventions", "test_examples_segments", "test_examples_targets"),
    *("test_openmes", "test_odoo", "test_tryton", "test_zones"),
    *("test_worked_process", "test_worked_business", "test_refused_rows", "test_scorecard_marts"),
    *("test_site_readiness", "test_site_of_source", "test_connect", "test_effective_formulas"),
    "test_examples_periods",
)
"""Modules that take a minute and more, because they compute a warehouse, the longest first."""

# The same examples every time, and no limit of time: a busy machine is no defect.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left with it while the others idle."""
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A fresh PostgreSQL server that lives as long as the test session."""
    yield from _or_skip(postgres_server())


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariadbServer]:
    """A fresh MariaDB server that lives as long as the test session."""
    yield from _or_skip(mariadb_server())


def _or_skip(server: AbstractContextManager[S]) -> Iterator[S]:
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(server)
        except NoServerError as e:
            pytest.skip(str(e))
        yield running


@pytest.fixture(scope="session")
def real_dump(postgres: PostgresServer) -> Callable[[str], str]:
    """Restores a dump once per session; returns the database's URL, or skips if it is absent."""
    restored: dict[str, str] = {}

    def restore(name: str) -> str:
        if name in restored:
            return restored[name]
        folder = Path(os.environ.get(DUMPS_VARIABLE, REPOSITORY.parent / "shared" / "data"))
        dump = folder / f"{name}.sql.gz"
        if not dump.is_file():
            pytest.skip(f"no dump {dump}; name its folder in {DUMPS_VARIABLE}")
        url = postgres.create_database(name)
        with gzip.open(dump) as script:
            subprocess.run(
                [postgres.binaries / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, url],
                input=script.read(),
                check=True,
                capture_output=True,
            )
        restored[name] = url
        return url

    return restore
