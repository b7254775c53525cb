"""dbt kept in this process, for whoever computes the warehouse again and again.

A cold dbt needs seconds before it computes anything; here the project is parsed once. Does not
belong here: what has to be computed (`orchestration.warehouse`), and Dagster's record of it
(`orchestration.assets`).
"""

from __future__ import annotations

import gc
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from models.errors import BuildError
from orchestration.warehouse import (
    PROJECT,
    BuildMark,
    dbt_environment,
    prepare,
    vars_argument,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from dbt.contracts.graph.manifest import Manifest

    from models.config import Config

ECONOMY = ("--log-level", "none", "--log-level-file", "none", "--no-write-json")
"""What nobody reads is not written, nor put into words."""
OUTDATED = "outdated"
AT = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))


class ResidentBuild:
    """Builds one configuration's warehouse; raises `BuildError` in dbt's words."""

    def __init__(self, config: Config) -> None:
        """Parse the project."""
        self._config = config
        self._manifest = json.loads(prepare(config).read_text("utf-8"))
        with dbt_environment(config):
            parsed = dbtRunner().invoke(["parse", *ECONOMY, *AT, *vars_argument(config)])
        if not parsed.success:
            raise BuildError("The dbt project does not parse.", str(parsed.exception))
        self._parsed = cast("Manifest", parsed.result)
        # What is never built need not be put in order by each build.
        self._parsed.metrics.clear()
        self._parsed.semantic_models.clear()
        self._parsed.unit_tests.clear()
        self._dbt = dbtRunner(manifest=self._parsed)

    def _selector(self, chosen: AbstractSet[str]) -> list[str]:
        """Select exactly these nodes, by a tag: dbt would compare each name with every node."""
        for unique_id, node in self._parsed.nodes.items():
            node.tags = [OUTDATED] if unique_id in chosen else []
        return [f"tag:{OUTDATED}"]

    def build(self, *, full: bool = False, only: Sequence[str] = ()) -> int:
        """Bring the warehouse up to date; return how many tables and views dbt looked at.

        `only` names dbt selectors; what they leave out stays outdated.
        """
        mark = BuildMark(self._config)
        if mark.is_current and not full:
            return 0
        full = full or not mark.allows_increment
        chosen = list(only) if full else self._selector(mark.outdated(self._manifest))
        mark.begin(full=full)
        arguments = ["build", *ECONOMY, *AT]
        if full:
            arguments.append("--full-refresh")
        if chosen:
            arguments += ["--select", *chosen]
        self._config.warehouse.parent.mkdir(parents=True, exist_ok=True)
        with dbt_environment(self._config), no_garbage_collected():
            done = self._dbt.invoke([*arguments, *vars_argument(self._config)])
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        if not done.success:
            raise BuildError("dbt could not compute the warehouse.", _first_error(done))
        if not only:
            mark.complete()
        return len(done.result)  # type: ignore[arg-type]


@contextmanager
def no_garbage_collected() -> Iterator[None]:
    """Look for no garbage meanwhile: in all that is parsed, each time takes up to a second."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _first_error(done: object) -> str:
    for result in getattr(done, "result", None) or ():
        if result.status in {"error", "fail"}:
            return f"{result.node.name}: {' '.join(str(result.message).split())}"
    return str(getattr(done, "exception", ""))
