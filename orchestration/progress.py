"""How a run tells what it is doing: one line per step.

Belongs here: the interface that assets report to, and its form in Dagster's log. Does not belong
here: the terminal (`orchestration.terminal`), which must not import dagster.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from logging import Logger


class Step(Protocol):
    """A step that is running."""

    summary: str
    """What came out; shown when the step ends."""
    failed: bool
    """True if what came out is a refusal; an exception needs no flag."""

    def update(self, text: str) -> None:
        """Say what the step is at just now."""


class Progress(Protocol):
    """Somebody who watches a run."""

    def step(self, title: str) -> AbstractContextManager[Step]:
        """Announce a step; leaving the context ends it, an exception fails it."""


class _LoggedStep:
    def __init__(self, log: Logger) -> None:
        self.summary = ""
        self.failed = False
        self._log = log

    def update(self, text: str) -> None:
        self._log.debug(text)


class LogProgress:
    """Progress in a log, for runs that nobody watches in a terminal."""

    def __init__(self, log: Logger) -> None:
        self._log = log

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Log the title, then the summary."""
        step = _LoggedStep(self._log)
        self._log.info("%s ...", title)
        yield step
        self._log.info("%s: %s", title, step.summary)
