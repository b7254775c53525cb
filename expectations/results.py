"""What a check found.

Belongs here: the vocabulary (category, severity, status) and the results of a run. Does not belong
here: how a check is made, and how results are kept (`expectations.evidence`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MAX_FAILING_KEYS = 20
"""An auditor needs examples, not a copy of the data."""


class Category(StrEnum):
    """What kind of promise a check guards."""

    KEY = "key"
    REQUIRED = "required"
    VALUES = "values"
    RANGE = "range"
    REFERENCE = "reference"
    CLOCK = "clock"
    COMPLETENESS = "completeness"
    FRESHNESS = "freshness"
    CONTROL_TOTAL = "control_total"
    RECONCILIATION = "reconciliation"
    QUARANTINE = "quarantine"
    PLAUSIBILITY = "plausibility"
    MART = "mart"


class Severity(StrEnum):
    """What a failure means for the publication."""

    BLOCKING = "blocking"
    WARNING = "warning"


class Status(StrEnum):
    """How a check ended. Nothing to look at is `not_applicable`, never `passed`."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check of one run."""

    check_id: str
    description: str
    category: Category
    table_name: str
    """Table looked at; for checks of the landing the name of the source."""
    column_name: str | None
    severity: Severity
    status: Status
    observed: float | None
    """In `unit`; None where nothing could be observed."""
    threshold: float | None
    """Largest `observed` that passes; None where none is set."""
    unit: str
    """`share` of the evaluated rows that violate the check, or `hours`."""
    evaluated_count: int
    unexpected_count: int
    failing_keys: tuple[Mapping[str, str | None], ...]
    """`source_system` and `source_pk` of at most MAX_FAILING_KEYS failing rows; nothing else."""
    detail: str
    """Why the check ended in an error; empty otherwise."""
    checked_at: datetime
    """UTC."""

    @property
    def blocks(self) -> bool:
        """True if nothing may be published: a blocking check failed or could not be made."""
        return self.severity is Severity.BLOCKING and self.status in {Status.FAILED, Status.ERROR}


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All results of one run, table by table."""

    run_id: str
    results: tuple[CheckResult, ...]

    @property
    def blocking_failures(self) -> tuple[CheckResult, ...]:
        """Results for which nothing may be published."""
        return tuple(r for r in self.results if r.blocks)

    @property
    def summary(self) -> str:
        """How many checks ended how, and which warn: what only warns is no failure of the run."""
        passed = sum(r.status is Status.PASSED for r in self.results)
        not_applicable = sum(r.status is Status.NOT_APPLICABLE for r in self.results)
        wrong = [r for r in self.results if r.status in {Status.FAILED, Status.ERROR}]
        blocking = sum(r.blocks for r in wrong)
        warnings = [r.check_id for r in wrong if not r.blocks]
        return ", ".join(
            filter(
                None,
                (
                    f"{passed} passed",
                    f"{not_applicable} not applicable" if not_applicable else "",
                    f"{blocking} blocking" if blocking else "",
                    f"{len(warnings)} warn ({', '.join(warnings)})" if warnings else "",
                ),
            )
        )
