"""What every run holds and may be told: the lock on the state, and whether to start afresh.

Belongs here: the one Dagster resource. Does not belong here: how the lock works
(`orchestration.lock`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import dagster as dg

from orchestration.lock import exclusive


class RunSettings(dg.ConfigurableResource[Any]):
    """Settings of one run; the run holds the lock on `home` from its first step to its last."""

    home: str
    full: bool = False
    """Read every source and compute every model from the beginning."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Self]:
        """Hold the lock; raises `BusyError` while another process has it."""
        run_id = context.run.run_id if context.run else ""
        with exclusive(Path(self.home), f"Run {run_id[:8]}"):
            if context.instance:
                end_orphans(context.instance, run_id)
            yield self


def end_orphans(instance: dg.DagsterInstance, mine: str = "") -> None:
    """Mark runs as failed whose process was killed; call it while holding the lock.

    A run that is executing holds the lock, so any other one that Dagster believes to be executing
    is dead. Left alone it would keep its place in the pool and hold up every queued run.
    """
    started = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])
    for run in instance.get_runs(started):
        if run.run_id != mine:
            instance.report_run_failed(run, "The process of this run was killed.")
