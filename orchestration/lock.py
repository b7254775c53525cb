"""One run at a time: the lock on the folder of state.

Belongs here: taking the lock, and telling who holds it. Does not belong here: queueing runs, which
Dagster does. The lock is the operating system's, so a run that was killed holds nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

from models.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_held: set[Path] = set()


@contextmanager
def exclusive(home: Path, what: str) -> Iterator[None]:
    """Hold `home` for this process; entering again in the same process changes nothing.

    `what` says what is being done, for the message that others see. Raises `BusyError`, which
    names the process that holds it.
    """
    path = home.resolve() / "lock"
    if path in _held:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise BusyError(
                f"{_holder(file)} is using {home}.", "Wait until it ends, or end that process."
            ) from e
        file.truncate(0)
        since = datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "seconds")
        json.dump({"pid": os.getpid(), "what": what, "since": since}, file)
        file.flush()
        _held.add(path)
        try:
            yield
        finally:
            _held.remove(path)
            file.truncate(0)


def _holder(file: IO[str]) -> str:
    file.seek(0)
    try:
        holder = json.loads(file.read())
    except ValueError:  # it took the lock an instant ago and has not written its name yet
        return "Another process"
    return f"{holder['what']} (process {holder['pid']}, since {holder['since']} UTC)"
