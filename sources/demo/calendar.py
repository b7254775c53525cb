"""Time in the simulated plant: instants, local clock readings and shifts.

An instant is an integer: milliseconds since 1970 in UTC. Belongs here: conversions to what vendors
store, and the shift calendar. Does not belong here: what machines or people do with their time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_CLOCK = [f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}" for s in range(86_400)]
_DATES: dict[int, str] = {}


def _reading(t: int) -> tuple[str, str, int]:
    """Date, clock and milliseconds of an instant read as UTC; formatting is on the hot path."""
    seconds, ms = divmod(t, SECOND)
    day, second = divmod(seconds, 86_400)
    text = _DATES.get(day)
    if text is None:
        text = _DATES[day] = (date(1970, 1, 1) + timedelta(days=day)).isoformat()
    return text, _CLOCK[second], ms


def utc_text(t: int) -> str:
    """`YYYY-MM-DD HH:MM:SS` in UTC."""
    day, clock, _ = _reading(t)
    return f"{day} {clock}"


def instant(moment: datetime) -> int:
    """Instant of an aware datetime."""
    return round(moment.timestamp() * SECOND)


@dataclass(frozen=True)
class Zone:
    """A time zone and the readings of its clocks."""

    name: str
    _offsets: dict[int, int] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def _info(self) -> ZoneInfo:
        return ZoneInfo(self.name)

    def offset(self, t: int) -> int:
        """Minutes ahead of UTC. Zones change at full hours, so one answer per hour is kept."""
        hour = t // HOUR
        offset = self._offsets.get(hour)
        if offset is None:
            delta = datetime.fromtimestamp(hour * 3600, UTC).astimezone(self._info).utcoffset()
            offset = self._offsets[hour] = int((delta or timedelta()).total_seconds()) // 60
        return offset

    def reading(self, t: int) -> tuple[str, int]:
        """Local reading `YYYY-MM-DD HH:MM:SS.mmm` and the offset that makes it unambiguous."""
        offset = self.offset(t)
        day, clock, ms = _reading(t + offset * MINUTE)
        return f"{day} {clock}.{ms:03}", offset

    def text(self, t: int) -> str:
        """Local reading alone; ambiguous in the hour that autumn repeats."""
        return self.reading(t)[0]

    def day(self, t: int) -> date:
        """Local date."""
        return date.fromisoformat(_reading(t + self.offset(t) * MINUTE)[0])

    def at(self, day: date, hour: float = 0) -> int:
        """Instant at which local clocks show `hour` of `day`."""
        moment = datetime.combine(day, time(), self._info) + timedelta(hours=hour)
        return instant(moment)


HEADQUARTERS = Zone("Europe/Berlin")
"""The zone whose local days the simulation goes through."""


@dataclass(frozen=True)
class Shift:
    """One shift instance; half-open."""

    code: str
    start: int
    end: int
    work_day: date


class Kind(Enum):
    """What a machine is expected to do in a window."""

    WORK = "work"
    BREAK = "break"
    OFF = "off"


@dataclass(frozen=True)
class Window:
    """A stretch of the calendar with one expectation; half-open."""

    start: int
    end: int
    kind: Kind
    shift: Shift | None = None


BREAK = 30 * MINUTE
_BREAK_AFTER = 4 * HOUR


@dataclass(frozen=True)
class ShiftPlan:
    """When a line works: shifts (code, first hour, hours) on the weekdays given (0 = Monday)."""

    zone: Zone
    shifts: tuple[tuple[str, int, int], ...]
    weekdays: frozenset[int]

    def of(self, day: date) -> list[Shift]:
        """Shifts that start on a local day; one in which clocks change is longer or shorter."""
        if day.weekday() not in self.weekdays:
            return []
        return [
            Shift(code, self.zone.at(day, first), self.zone.at(day, first + hours), day)
            for code, first, hours in self.shifts
        ]

    def windows(self, start: int, end: int) -> Iterator[Window]:
        """Windows from start to end, in order and without gaps."""
        now = start
        day = self.zone.day(start) - timedelta(days=1)
        while now < end:
            for shift in self.of(day):
                pause = shift.start + _BREAK_AFTER
                for last, kind, owner in (
                    (shift.start, Kind.OFF, None),
                    (pause, Kind.WORK, shift),
                    (pause + BREAK, Kind.BREAK, shift),
                    (shift.end, Kind.WORK, shift),
                ):
                    if now < min(last, end):
                        yield Window(now, min(last, end), kind, owner)
                        now = min(last, end)
            day += timedelta(days=1)

    def finish(self, start: int, work: int) -> int:
        """Instant at which `work` milliseconds of working time after `start` are over."""
        for window in self.windows(start, start + 10 * work + 30 * DAY):
            if window.kind is Kind.WORK:
                length = window.end - window.start
                if work <= length:
                    return window.start + work
                work -= length
        raise ValueError("the line has no shifts")
