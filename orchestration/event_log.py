"""Dagster's record of events in SQLite, with connections that stay open.

Dagster opens and closes a database for every statement, and each time forgets how it compiled it:
a run of 300 assets then spends half a minute on its own record. Kept open, it takes a quarter of
that. Tables and files are Dagster's own, so `dagster.yaml` may name either class at any time.

Does not belong here: what is recorded.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import create_engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dagster._serdes import ConfigurableClassData
    from sqlalchemy import Connection, Engine

KEPT_OPEN = 8
"""Databases: the index of all runs, and those of the runs looked at most recently."""
BUSY_SECONDS = 30


class OpenEventLog(SqliteEventLogStorage):
    """Event log in `$DAGSTER_HOME/history/runs`, where Dagster's default is too.

    Without DAGSTER_HOME an instance is temporary, and so is its log.
    """

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._known_tables: set[str] = set()
        home = os.environ.get("DAGSTER_HOME")
        self._temporary = None if home else TemporaryDirectory(prefix="dagster-")
        folder = self._temporary.name if self._temporary else str(home)
        super().__init__(str(Path(folder, "history", "runs")), inst_data)

    @classmethod
    def config_type(cls) -> Mapping[str, Any]:
        """Nothing to say in `dagster.yaml`."""
        return {}

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData | None,
        config_value: Mapping[str, Any],  # noqa: ARG003 - empty
    ) -> OpenEventLog:
        """From `dagster.yaml`."""
        return cls(inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> Engine:
        engine = self._engines.pop(shard, None) or create_engine(
            self.conn_string_for_shard(shard), connect_args={"timeout": BUSY_SECONDS}
        )
        self._engines[shard] = engine  # last in the order, so the first is the one longest unused
        if len(self._engines) > KEPT_OPEN:
            self._engines.pop(next(iter(self._engines))).dispose()
        return engine

    def has_table(self, table_name: str) -> bool:
        """True if the index has the table; a table that is there once stays."""
        if table_name not in self._known_tables and super().has_table(table_name):
            self._known_tables.add(table_name)
        return table_name in self._known_tables

    def dispose(self) -> None:
        """Close everything."""
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
