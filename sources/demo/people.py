"""People: working time, absence, training, suggestions, safety; and what customers answer.

Belongs here: one day of the ERP's personnel tables and of the feeds about people and opinions. Does
not belong here: wages (`office`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sources.demo.calendar import DAY, HEADQUARTERS, HOUR, utc_text
from sources.demo.company import (
    CUSTOMERS,
    DEPARTMENTS,
    EMPTY_DATE,
    LINES,
    ROTORS,
    SITES,
    badge,
    rng,
)
from sources.demo.state import Employee
from sources.demo.today import SATURDAY

if TYPE_CHECKING:
    from datetime import date
    from random import Random

    from sources.demo.company import (
        Site,
    )
    from sources.demo.journal import Journal
    from sources.demo.state import State
    from sources.demo.today import Today

_DAY_MINUTES = 450
_FULL_TIME = 100

# Probabilities per person and working day, unless said otherwise.
_ABSENCE = 0.0115
_TRAINING = 0.0115
_SUGGESTION = 0.0016
_LEAVING = 0.00035
_RECORDABLE = 0.00024
_FIRST_AID = 0.00025
_NEAR_MISS = 0.0007
_SURVEY = 0.06
"""Per customer and weekday."""

_CLOCK_MENDED = 0.01
_SICKNESS = 0.85
_ASKED_TO_RECOMMEND = 0.7
"""Share of answers to "would you recommend us"; the others rate satisfaction, 1 to 5."""

_AREA_LINES = {line.code: line for line in LINES}


class People:
    """One day of everybody."""

    def __init__(self, journal: Journal, state: State, today: Today) -> None:
        self.journal, self.state, self.today = journal, state, today
        self.day, self.story = today.day, today.story
        self.random = rng(today.seed, self.day, "people")

    def open(self) -> None:
        """The staff of the first day."""
        for department, (_, size) in DEPARTMENTS.items():
            for _ in range(size):
                hired = self.day - timedelta(days=self.random.randint(60, 7000))
                self._hire(department, hired, self.today.start)

    def work(self) -> None:
        """Simulate the day."""
        for employee in list(self.state.employees):
            if employee.hired <= self.day.isoformat() and self._on_duty(employee):
                self._person(employee)
        if not self.today.is_weekend:
            self._survey()

    def _on_duty(self, employee: Employee) -> bool:
        """Five days a week; crews of lines that never rest have other days off."""
        if employee.department == ROTORS.code:
            return (self.day.toordinal() + int(employee.number[1:])) % 7 < SATURDAY
        return not self.today.is_weekend

    def _hire(self, department: str, hired: date, at: int) -> None:
        number = f"P{1000 + self.state.number('employee')}"
        fte = self.random.choices((_FULL_TIME, 75, 50), (88, 7, 5))[0]
        employee = Employee(number, department, hired.isoformat(), fte)
        self.state.employees.append(employee)
        self._row(employee, at)

    def _row(self, employee: Employee, at: int, left: str = EMPTY_DATE, why: str = "") -> None:
        site, _ = DEPARTMENTS[employee.department]
        self.journal.write(
            "EMP",
            at,
            employee.number,
            employee.department,
            site.werks,
            employee.hired,
            left,
            why,
            employee.fte,
        )

    def _person(self, employee: Employee) -> None:
        random, site = self.random, DEPARTMENTS[employee.department][0]
        today = self.day.isoformat()
        scheduled = _DAY_MINUTES * employee.fte // _FULL_TIME
        away = employee.absent_until >= today
        if not away and random.random() < _ABSENCE:
            self._fall_ill(employee, site)
            away = True
        worked = 0 if away else scheduled + random.choice((0, 0, 0, 0, 15, 30, -15))
        # The time clock is read at the end of the shift; one in a hundred is mended days later.
        at = site.zone.at(self.day, 18)
        if random.random() < _CLOCK_MENDED:
            at += random.randint(1, 3) * DAY
        self.journal.write(
            "EMP_TIME", at, self.state.number("time"), employee.number, today, scheduled, worked
        )
        if not away:
            self._good_day(employee, site)
        if random.random() < _LEAVING:
            self._leave(employee)

    def _fall_ill(self, employee: Employee, site: Site) -> None:
        random = self.random
        days = 1 + min(25, int(random.expovariate(1 / 3.2)))
        last, working = self.day, 1
        while working < days:
            last += timedelta(days=1)
            working += last.weekday() < SATURDAY
        employee.absent_until = last.isoformat()
        kind = "S" if random.random() < _SICKNESS else "O"
        self.journal.write(
            "EMP_ABS",
            site.zone.at(self.day, 9),
            self.state.number("absence"),
            employee.number,
            self.day.isoformat(),
            last.isoformat(),
            days,
            kind,
        )

    def _good_day(self, employee: Employee, site: Site) -> None:
        random, story = self.random, self.story
        noon = site.zone.at(self.day, 12)
        today = self.day.isoformat()
        if random.random() < _TRAINING * story.training(employee.department):
            minutes = random.choice((240, 480, 480))
            topic = random.choice(("SAFETY", "QUALITY", "LEAN", "MACHINE", "IT"))
            self.journal.write(
                "EMP_TRAIN",
                noon + 4 * HOUR,
                self.state.number("training"),
                employee.number,
                today,
                minutes,
                topic,
            )
        if random.random() < _SUGGESTION * story.ideas(employee.department):
            self._suggest(employee, noon)
        if employee.department in _AREA_LINES:
            self._safety(site, noon, random)

    def _suggest(self, employee: Employee, at: int) -> None:
        random = self.random
        number = f"IDEA-{self.state.number('idea'):05}"
        head = (number, badge(employee.number), None, self.day.isoformat())
        self.journal.write("hr_suggestion", at, *head, None, "open", None)
        decided = at + random.randint(7, 30) * DAY
        fate = random.choices(("implemented", "accepted", "rejected"), (5, 2, 3))[0]
        put_to_work = HEADQUARTERS.day(decided).isoformat() if fate == "implemented" else None
        benefit = None if fate == "rejected" else f"{random.randrange(5, 240) * 100}.0000"
        self.journal.write("hr_suggestion", decided, *head, put_to_work, fate, benefit)

    def _safety(self, site: Site, at: int, random: Random) -> None:
        draw = random.random()
        if draw < _RECORDABLE:
            severity = random.choice(("medical_treatment", "restricted_work", "lost_time"))
        elif draw < _RECORDABLE + _FIRST_AID:
            severity = "first_aid"
        elif draw < _RECORDABLE + _FIRST_AID + _NEAR_MISS:
            severity = "near_miss"
        else:
            return
        lost = random.randint(2, 12) if severity == "lost_time" else 0
        self.journal.write(
            "ehs_incident",
            at,
            f"EHS-{self.state.number('incident'):05}",
            site.werks,
            self.day.isoformat(),
            severity,
            f"{lost}.000000",
        )

    def _leave(self, employee: Employee) -> None:
        """Somebody leaves today for good, and somebody else starts a month later."""
        why = self.random.choices(("V", "I", "P"), (6, 2, 2))[0]
        self.state.employees.remove(employee)
        tomorrow = self.day + timedelta(days=1)
        self._row(employee, HEADQUARTERS.at(self.day, 20), tomorrow.isoformat(), why)
        start = self.day + timedelta(days=30)
        self._hire(employee.department, start, HEADQUARTERS.at(start, 8))

    def _survey(self) -> None:
        random = self.random
        for customer in CUSTOMERS:
            if random.random() >= _SURVEY:
                continue
            mood = random.gauss(self.story.score(customer), 1.3)
            recommend = random.random() < _ASKED_TO_RECOMMEND
            top = 10 if recommend else 5
            score = min(top, max(0 if recommend else 1, round(mood if recommend else mood / 2)))
            site = SITES[0] if customer.country not in {"US", "CA", "MX"} else SITES[1]
            at = HEADQUARTERS.at(self.day, 8) + random.randrange(10 * HOUR)
            self.journal.write(
                "erp_survey_response",
                at,
                f"SV-{self.state.number('survey'):05}",
                customer.code,
                site.werks,
                utc_text(at),
                f"{score}.000000",
                f"{top}.000000",
                random.choice(("email", "phone")),
            )
