"""The terminal: colours, the progress of a run, and how an error looks.

Belongs here: what is common to all commands. Does not belong here: any single command's output.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.status import Status

    from models.errors import ScorecardError

TITLE_WIDTH = 36


class TerminalStep:
    """A line that changes while the step runs."""

    def __init__(self, title: str, status: Status | None) -> None:
        self.summary = ""
        self.failed = False
        self._title = title
        self._status = status

    def update(self, text: str) -> None:
        """Show what the step is at; where output is not a terminal, nothing."""
        if self._status:
            self._status.update(f"{escape(self._title)} [dim]… {escape(text)}[/]")


class TerminalProgress:
    """One line per step on standard error: what was done, what came out, how long it took.

    The lines go to a copy of standard error, because a run diverts the stream itself to a log.
    """

    def __init__(self) -> None:
        self._console = Console(file=os.fdopen(os.dup(2), "w", encoding="utf-8"), highlight=False)

    @contextmanager
    def step(self, title: str) -> Iterator[TerminalStep]:
        """Show the step while it runs and its outcome when it ends."""
        console = self._console
        start = time.monotonic()
        status = console.status(escape(title)) if console.is_terminal else None
        if status:
            status.start()
        else:
            console.print(f"  {escape(title)} ...")
        step = TerminalStep(title, status)
        mark = "[red]✗[/]"
        try:
            yield step
            mark = mark if step.failed else "[green]✓[/]"
        finally:
            if status:
                status.stop()
            seconds = time.monotonic() - start
            console.print(
                f"{mark} {escape(title):<{TITLE_WIDTH}} {escape(step.summary)}"
                f" [dim]{seconds:.1f} s[/]",
                soft_wrap=True,
            )


def print_error(error: ScorecardError) -> None:
    """One sentence in red and the hint below it."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[red]✗ {escape(error.message)}[/]")
    if error.hint:
        console.print(f"  {escape(error.hint)}")
