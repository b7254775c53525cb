"""One run of the whole pipeline in this process, recorded in Dagster.

Belongs here: Dagster's instance, and executing the job for the command line. Does not belong here:
what the command prints (`orchestration.cli`, `orchestration.terminal`).
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dagster as dg

from models.errors import ScorecardError
from orchestration.automation import JOB
from orchestration.definitions import build_defs
from orchestration.lock import exclusive
from orchestration.settings import end_orphans
from orchestration.warehouse import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.config import Config
    from orchestration.progress import Progress

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Dagster's own log stays in the run's record; the terminal shows our progress."""


LOG = "newest_run.log"
"""In DAGSTER_HOME: what Dagster, dbt and every library printed in the newest run."""


def dagster_home(config: Config) -> Path:
    """DAGSTER_HOME with our `dagster.yaml` in it."""
    home = config.home / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    ours = (ROOT / "dagster.yaml").read_text("utf-8")
    theirs = home / "dagster.yaml"
    if not theirs.exists() or theirs.read_text("utf-8") != ours:
        theirs.write_text(ours, "utf-8")
    return home


def open_instance(config: Config) -> dg.DagsterInstance:
    """Dagster's record of all runs."""
    return dg.DagsterInstance.from_config(str(dagster_home(config)))


@contextmanager
def _diverted(log: Path) -> Iterator[None]:
    """Send whatever this process and its children print to `log`.

    Dagster copies what a step prints to the terminal, where our progress belongs. It does so below
    Python, so the file descriptors themselves are diverted.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    terminal = [os.dup(1), os.dup(2)]
    try:
        with log.open("w", encoding="utf-8") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for target, saved in enumerate(terminal, start=1):
            os.dup2(saved, target)
            os.close(saved)


def run_pipeline(config: Config, *, full: bool, progress: Progress) -> str:
    """Run everything once and return Dagster's run id.

    Raises `BusyError` while another run holds the state, and otherwise the error of the step that
    failed. An error that is not ours comes as it is.
    """
    with (
        exclusive(config.home, "`scorecard run`"),
        open_instance(config) as instance,
        _diverted(dagster_home(config) / LOG),
    ):
        with progress.step("preparing") as step:
            end_orphans(instance)
            definitions = build_defs(config, progress=progress, retries=0)
            step.summary = f"{len(config.sources)} sources"
        settings = {"home": str(config.home), "full": full}
        try:
            result = definitions.resolve_job_def(JOB).execute_in_process(
                run_config=QUIET | {"resources": {"run": {"config": settings}}},
                instance=instance,
            )
        except dg.Failure as e:
            if isinstance(e.__cause__, ScorecardError):
                raise e.__cause__ from None
            raise
        return result.run_id
