"""Fiscal calendars against published ones, and what must hold of any."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from models.config import Enterprise
from models.fiscal import fiscal_periods

WEEKLY = {
    "retail": {
        "fiscal_year_start_month": 2,
        "fiscal_calendar": "4-5-4",
        "fiscal_week_start": "sunday",
        "fiscal_year_end": "nearest",
    },
    "last_saturday_of_september": {
        "fiscal_year_start_month": 10,
        "fiscal_calendar": "5-4-4",
        "fiscal_week_start": "sunday",
        "fiscal_year_end": "last",
    },
    "april_by_month": {"fiscal_year_start_month": 4},
}


def periods(kind, name):
    enterprise = Enterprise(
        code="E", name="E", time_zone="UTC", currency="EUR", **WEEKLY.get(name, {})
    )
    return [period for period in fiscal_periods(enterprise) if period.period_type == kind]


@pytest.mark.parametrize(
    ("name", "year", "start", "end"),
    [
        # The retail calendar of the National Retail Federation, which calls it by its first year.
        ("retail", 2024, date(2023, 1, 29), date(2024, 2, 3)),
        ("retail", 2025, date(2024, 2, 4), date(2025, 2, 1)),
        ("last_saturday_of_september", 2023, date(2022, 9, 25), date(2023, 9, 30)),
        ("last_saturday_of_september", 2024, date(2023, 10, 1), date(2024, 9, 28)),
        ("april_by_month", 2026, date(2025, 4, 1), date(2026, 3, 31)),
        ("calendar", 2026, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_year_is_as_published(name, year, start, end):
    (found,) = [p for p in periods("year", name) if p.fiscal_year == year]
    assert (found.period_start, found.period_end, found.label) == (start, end, str(year))


@pytest.mark.parametrize("name", [*WEEKLY, "calendar"])
@pytest.mark.parametrize("kind", ["month", "quarter", "year"])
def test_periods_follow_each_other_without_gap(name, kind):
    for before, after in pairwise(periods(kind, name)):
        assert after.period_start == before.period_end + timedelta(days=1)
        assert after.number == before.number + 1


def test_the_53rd_week_belongs_to_the_last_month():
    lengths = [
        ((p.period_end - p.period_start).days + 1) // 7
        for p in periods("month", "retail")
        if p.fiscal_year == 2024
    ]
    assert lengths == [4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 5]


def test_a_month_of_weeks_is_called_by_its_number_and_a_calendar_month_by_the_calendar():
    assert next(p.label for p in periods("month", "retail") if p.fiscal_year == 2024) == "2024-01"
    april = [p for p in periods("month", "april_by_month") if p.period_start == date(2025, 4, 1)]
    assert [(p.label, p.fiscal_year) for p in april] == [("2025-04", 2026)]
