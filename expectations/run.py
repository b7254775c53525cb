"""Running all checks of the catalogue on the warehouse.

Belongs here: the order of the work. Does not belong here: what is checked (`catalogue`), how one
check is made (`suites`), keeping the results (`evidence`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from expectations.catalogue import catalogue
from expectations.landing import landing_relations
from expectations.results import CheckReport
from models.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from expectations.check import Check
    from models.config import Config


def run_checks(
    config: Config,
    *,
    run_id: str,
    warehouse: Path,
    progress: Callable[[str], None] | None = None,
    now: datetime | None = None,
) -> CheckReport:
    """Make every check of the catalogue, reading only; nothing is stored.

    `now` (naive UTC, default: the present) is what freshness is measured against. A check that
    cannot be made has status `error`. Raises `BuildError` if there is no warehouse; no other
    process may be writing to it.
    """
    if not warehouse.exists():
        raise BuildError(f"There is no warehouse at {warehouse}.", "Run the pipeline first.")
    now = now or datetime.now(UTC).replace(tzinfo=None)
    if progress:
        progress("Loading Great Expectations")
    from expectations.suites import open_warehouse  # noqa: PLC0415 - takes seconds to import

    by_table: dict[str, list[Check]] = {}
    for check in catalogue(config):
        by_table.setdefault(check.table, []).append(check)
    results = []
    with open_warehouse(warehouse, landing_relations(config, now=now)) as data:
        for table, checks in by_table.items():
            if progress:
                progress(f"Checking {table} ({len(checks)} checks)")
            results += data.validate(table, checks, checked_at=now)
    return CheckReport(run_id, tuple(results))
