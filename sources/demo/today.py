"""The day at hand.

Belongs here: what every part of the simulation must know of the day it simulates. Does not belong
here: what happens in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sources.demo.calendar import HEADQUARTERS
from sources.demo.company import Story

if TYPE_CHECKING:
    from datetime import date

_DAYS_PER_MONTH = 30.4
SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True)
class Today:
    """One local day of the headquarters in the plant that `seed` and `scale` describe."""

    seed: int
    scale: float
    day: date
    index: int
    """Days since the plant's first."""

    @property
    def first_day(self) -> date:
        """The plant's first day."""
        return self.day - timedelta(days=self.index)

    @property
    def start(self) -> int:
        """First instant."""
        return HEADQUARTERS.at(self.day)

    @property
    def end(self) -> int:
        """First instant after."""
        return HEADQUARTERS.at(self.day + timedelta(days=1))

    @property
    def is_weekend(self) -> bool:
        """Whether offices are closed."""
        return self.day.weekday() >= SATURDAY

    @property
    def story(self) -> Story:
        """Where the story stands."""
        return Story(self.index / _DAYS_PER_MONTH)
