"""Improvement: the skill matrix, corrective actions, and what quality costs.

Belongs here: one day of the feeds that the quality and personnel departments keep in files. Does
not belong here: training and suggestions (`people`), cost of orders (`office`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sources.demo.calendar import DAY, HEADQUARTERS, HOUR
from sources.demo.company import LINES, SITES, badge, rng

if TYPE_CHECKING:
    from datetime import date

    from sources.demo.company import Line
    from sources.demo.journal import Journal
    from sources.demo.state import Employee, State
    from sources.demo.today import Today

_MONDAY, _FRIDAY = 0, 4
_APPRENTICE_DAYS = 60
"""Days until a new employee is qualified."""

_SKILLS = {"OPERATE": (0.75, 0.7), "SETUP": (0.4, 0.3), "INSPECT": (0.3, 0.2)}
"""Skill of a line: probability that one of its people has it, share of them that must."""

_QUALITY_COST = {
    "prevention": ("training", 900),
    "appraisal": ("inspection", 2600),
    "internal_failure": ("rework", 2200),
    "external_failure": ("warranty", 1500),
}
"""Category: its element, and its usual cost in a week and plant (EUR)."""

_ACTION = 0.45
"""Probability per site and week."""
_CLOSED_ON_TIME, _CLOSED = 0.8, 0.93
_ACTION_KPIS = ("oee", "scrap_ratio", "otif", "complaint_rate", "setup_ratio", "absenteeism")


class Improvement:
    """One day of the improvement office."""

    def __init__(self, journal: Journal, state: State, today: Today) -> None:
        self.journal, self.state, self.today = journal, state, today
        self.day = today.day
        self.random = rng(today.seed, self.day, "improvement")

    def open(self) -> None:
        """The skill matrix of the first day."""
        for line in LINES:
            for skill, (_, share) in _SKILLS.items():
                row = (line.code, f"{line.code}-{skill}", self.day.isoformat())
                people = max(1, round(line.people * share))
                self.journal.write("hr_skill_requirement", self.today.start, *row, None, people)
        for employee in self.state.employees:
            self._qualify(employee, self.day)

    def work(self) -> None:
        """Simulate the day."""
        beginner = (self.day - timedelta(days=_APPRENTICE_DAYS)).isoformat()
        first = self.today.first_day.isoformat()
        for employee in self.state.employees:
            if employee.hired == beginner and employee.hired > first:
                self._qualify(employee, self.day)
        if self.day.weekday() == _FRIDAY:
            self._quality_cost()
        if self.day.weekday() == _MONDAY:
            for site in SITES:
                if self.random.random() < _ACTION:
                    self._act(self.random.choice([n for n in LINES if n.site is site]))

    def _qualify(self, employee: Employee, day: date) -> None:
        line = next((line for line in LINES if line.code == employee.department), None)
        if line is None:
            return
        random = rng(self.today.seed, employee.number, "skill")
        for skill, (chance, _) in _SKILLS.items():
            if random.random() < chance:
                row = (badge(employee.number), f"{line.code}-{skill}", day.isoformat(), None)
                self.journal.write("hr_employee_skill", HEADQUARTERS.at(day, 7), *row)

    def _quality_cost(self) -> None:
        at = HEADQUARTERS.at(self.day, 16)
        for site in SITES:
            for category, (element, usual) in _QUALITY_COST.items():
                cents = round(usual * 100 * self.random.uniform(0.6, 1.4))
                self.journal.write(
                    "erp_quality_cost",
                    at,
                    f"QC-{self.state.number('quality cost'):05}",
                    self.day.isoformat(),
                    category,
                    element,
                    site.werks,
                    f"{cents / 100:.2f}",
                )

    def _act(self, line: Line) -> None:
        """An action is decided, and mostly closed in time."""
        random, at = self.random, HEADQUARTERS.at(self.day, 10)
        due = self.day + timedelta(days=random.randint(14, 42))
        head = (
            f"CA-{self.state.number('action'):04}",
            random.choice(_ACTION_KPIS),
            line.code,
            "Plant manager",
            self.day.isoformat(),
            due.isoformat(),
        )
        self.journal.write("corrective_action", at, *head, None)
        late = random.random()
        if late < _CLOSED:
            days = random.randint(3, 14) if late > _CLOSED_ON_TIME else -random.randint(0, 7)
            closed = due + timedelta(days=days)
            moment = HEADQUARTERS.at(closed) + 15 * HOUR
            self.journal.write(
                "corrective_action", max(moment, at + DAY), *head, closed.isoformat()
            )
