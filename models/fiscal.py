"""The fiscal calendar: months, quarters and years of an enterprise.

Belongs here: where they begin and end, for calendar months and for years of whole weeks (4-4-5 and
its kin). Does not belong here: ISO weeks and days (`dim_date`), shifts, which periods have data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.config import Enterprise

FIRST_YEAR, LAST_YEAR = 1970, 2100
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)
_MONTHS, _QUARTERS = 12, 4
_WEEKS_OF_LONG_YEAR = 53


@dataclass(frozen=True)
class FiscalPeriod:
    """A month, quarter or year."""

    period_type: str
    number: int
    """Counts periods of a type without gap: the one before has number - 1, and that of a year ago
    number - per_year."""
    per_year: int
    period_start: date
    period_end: date
    label: str
    """2026-10, 2026-Q4, 2026."""
    fiscal_year: int
    """Calendar year in which the fiscal year ends by its nominal months."""


def fiscal_periods(enterprise: Enterprise) -> Iterator[FiscalPeriod]:
    """Every period from FIRST_YEAR to LAST_YEAR.

    A calendar month is called by the calendar; a month of 4 or 5 weeks by its number in the fiscal
    year.
    """
    by_week = enterprise.fiscal_calendar != "months"
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        starts = _weekly_starts(enterprise, year) if by_week else _calendar_starts(enterprise, year)
        for month in range(_MONTHS):
            start, end = starts[month], starts[month + 1] - _DAY
            label = f"{year}-{month + 1:02d}" if by_week else f"{start:%Y-%m}"
            number = year * _MONTHS + month
            yield FiscalPeriod("month", number, _MONTHS, start, end, label, year)
        for quarter in range(_QUARTERS):
            start, end = starts[3 * quarter], starts[3 * quarter + 3] - _DAY
            label = f"{year}-Q{quarter + 1}"
            number = year * _QUARTERS + quarter
            yield FiscalPeriod("quarter", number, _QUARTERS, start, end, label, year)
        yield FiscalPeriod("year", year, 1, starts[0], starts[-1] - _DAY, str(year), year)


def _calendar_starts(enterprise: Enterprise, year: int) -> list[date]:
    """First days of the months of a fiscal year, and of the year after it."""
    first = _nominal_start(enterprise, year)
    months = [first.year * _MONTHS + first.month - 1 + n for n in range(_MONTHS + 1)]
    return [date(month // _MONTHS, month % _MONTHS + 1, 1) for month in months]


def _weekly_starts(enterprise: Enterprise, year: int) -> list[date]:
    """As `_calendar_starts`, in whole weeks; the 53rd week belongs to the last month."""
    first, following = _week_year_start(enterprise, year), _week_year_start(enterprise, year + 1)
    lengths = [int(weeks) for weeks in enterprise.fiscal_calendar.split("-")] * _QUARTERS
    if (following - first) // _WEEK == _WEEKS_OF_LONG_YEAR:
        lengths[-1] += 1
    starts = [first]
    for weeks in lengths:
        starts.append(starts[-1] + weeks * _WEEK)
    return starts


def _week_year_start(enterprise: Enterprise, year: int) -> date:
    """The day after the last week of the year before has ended, by the year end rule."""
    nominal_end = _nominal_start(enterprise, year) - _DAY
    last_weekday = (WEEKDAYS.index(enterprise.fiscal_week_start) - 1) % 7
    back = (nominal_end.weekday() - last_weekday) % 7
    if enterprise.fiscal_year_end == "nearest" and back > _WEEK.days // 2:
        back -= _WEEK.days
    return nominal_end - back * _DAY + _DAY


def _nominal_start(enterprise: Enterprise, year: int) -> date:
    month = enterprise.fiscal_year_start_month
    return date(year if month == 1 else year - 1, month, 1)
