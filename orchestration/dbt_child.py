"""The `dbt` command that Dagster starts: dbt itself, but it never outlives whoever started it.

A run that is killed leaves its child processes behind, and an orphaned dbt would go on writing to
the warehouse while the next run has begun. So this one ends as soon as its parent is gone; DuckDB
then rolls the open transaction back.

Does not belong here: arguments, variables and environment of dbt (`orchestration.warehouse`).
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from importlib.metadata import version

POLL_SECONDS = 0.2


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os._exit(1)


def main() -> None:
    """Run dbt with this process's arguments."""
    if sys.argv[1:] == ["--version"]:  # dbt's own asks a package index for the newest version
        sys.stdout.write(f"installed: {version('dbt-core')}\n")
        return
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    # What dbt has parsed lives as long as it does; looking for garbage in it is a fifth of parsing.
    gc.disable()
    from dbt.cli.main import cli  # noqa: PLC0415 - takes seconds; the watch starts first

    cli()
