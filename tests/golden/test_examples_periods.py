"""Examples of a fiscal year of 53 weeks and of the one after it.

Months have four, four and five weeks, and a year ends on the last Sunday of December: fiscal 2023
is from 26 December 2022 to 31 December 2023, which are 53 weeks. Today is the first day of fiscal
2025, 30 December 2024, noon.
"""

import pytest
from example_judgement import compared, on_the_scorecard
from example_plant import Plant, about, compute, names, share, since

pytestmark = pytest.mark.slow
CONFIG = """
enterprise: {code: E, name: Long year, time_zone: UTC, currency: EUR, fiscal_calendar: 4-4-5,
  as_of: 2024-12-30T12:00:00}
"""
LONG, AFTER, NEW = (("year", first) for first in ("2022-12-26", "2024-01-01", "2024-12-30"))
LAST_OF_LONG, LAST_OF_AFTER = ("month", "2023-11-20"), ("month", "2024-11-25")
"""The twelfth months: six weeks with the 53rd, and five."""
FIRST_OF_AFTER, SECOND_OF_AFTER = ("month", "2024-01-01"), ("month", "2024-01-29")


def twelve_months(first, last):
    return since("rolling_12_months", first, last)


def build():
    """Amounts on first and last days, so that a sum tells which days are in it."""
    plant = Plant()
    plant.item("P")
    plant.site("W")
    for on, amount in (
        ("2022-12-25", 1),  # last day of fiscal 2022
        ("2022-12-26", 2),
        ("2023-09-24", 32_768),  # last day of the third quarter of the long year
        ("2023-09-25", 65_536),
        ("2023-11-19", 4),  # last day of its eleventh month
        ("2023-11-20", 8),
        ("2023-12-23", 16),  # 34th day of its twelfth month, 363rd of the year
        ("2023-12-24", 32),
        ("2023-12-31", 64),
        ("2024-01-01", 128),
        ("2024-09-29", 256),  # last day of the third quarter of the year after
        ("2024-09-30", 512),
        ("2024-11-24", 1024),  # last day of its eleventh month
        ("2024-11-25", 2048),
        ("2024-12-28", 4096),  # 34th day of its twelfth month, 363rd of the year
        ("2024-12-29", 8192),
        ("2024-12-30", 16_384),
    ):
        plant.invoice(on, "W", amount)
    six_weeks, five_weeks = 8 + 16 + 32 + 64, 2048 + 4096 + 8192
    long = 2 + 32_768 + 65_536 + 4 + six_weeks
    after = 128 + 256 + 512 + 1024 + five_weeks
    for period, amount in (
        (LONG, long),
        (AFTER, after),
        (NEW, 16_384),
        (LAST_OF_LONG, six_weeks),
        (LAST_OF_AFTER, five_weeks),
        (("month", "2023-10-23"), 4),
        (("month", "2024-12-30"), 16_384),
        (("quarter", "2023-09-25"), 65_536 + 4 + six_weeks),
        (("quarter", "2024-09-30"), 512 + 1024 + five_weeks),
        # Of eleven months there is no sum of twelve.
        (twelve_months("2022-10-24", "2023-10-22"), None),
        (twelve_months("2022-11-21", "2023-11-19"), 1 + 2 + 32_768 + 65_536 + 4),
        (twelve_months("2022-12-26", "2023-12-31"), long),
        (twelve_months("2023-11-20", "2024-11-24"), six_weeks + 128 + 256 + 512 + 1024),
        (twelve_months("2024-01-01", "2024-12-29"), after),
        (twelve_months("2024-01-29", "2025-01-26"), after - 128 + 16_384),
        (since("month_to_date", "2023-11-20", "2023-12-23"), 8 + 16),
        (since("month_to_date", "2023-11-20", "2023-12-31"), six_weeks),
        (since("month_to_date", "2024-11-25", "2024-12-28"), 2048 + 4096),
        (since("quarter_to_date", "2024-09-30", "2024-12-28"), 512 + 1024 + 2048 + 4096),
        (since("year_to_date", "2024-01-01", "2024-12-28"), after - 8192),
        (since("year_to_date", "2022-12-26", "2022-12-26"), 2),
        (since("year_to_date", "2022-12-26", "2023-12-31"), long),
        (since("year_to_date", "2024-01-01", "2024-01-01"), 128),
        *(
            (since(kind, "2024-12-30", "2024-12-30"), 16_384)
            for kind in ("month_to_date", "quarter_to_date", "year_to_date")
        ),
    ):
        plant.expect("W", period, net_sales=amount)
    # One of two leaves within the 53 weeks from 20 November 2023; one left long before.
    plant.site("TU")
    plant.employee("T0", "TU", left="2022-12-01")
    plant.employee("T1", "TU", left="2024-07-01")
    plant.employee("T2", "TU")
    twelve = twelve_months("2023-11-20", "2024-11-24")
    plant.expect("TU", twelve, voluntary_turnover=share(365, 371 + 371 - 147))
    plant.expect("TU", LONG, voluntary_turnover=0)
    # 100, of which the 53rd week makes 200, and then nothing.
    plant.site("ST")
    for on, value in (("2022-12-26", 100), ("2023-12-25", 200), ("2024-01-01", 0)):
        plant.stock(on, "ST", 1, value)
    plant.expect("ST", LONG, inventory_value=(364 * 100 + 7 * 200) / 371)
    plant.expect("ST", LAST_OF_LONG, inventory_value=(35 * 100 + 7 * 200) / 42)
    plant.expect("ST", twelve, inventory_value=(35 * 100 + 7 * 200) / 371)
    plant.expect("ST", AFTER, inventory_value=0)
    # A hundred a day for six weeks; then for the four that begin with the calendar's year.
    plant.site("BU")
    plant.budget("BU", "2023-11-20", 4200)
    plant.budget("BU", "2024-01-01", 2800)
    plant.post("2023-12-29", "BU", revenue=-700)
    plant.post("2024-01-10", "BU", revenue=-1400)
    plant.expect("BU", LAST_OF_LONG, revenue_attainment=share(700, 4200))
    forty_days = since("month_to_date", "2023-11-20", "2023-12-29")
    plant.expect("BU", forty_days, revenue_attainment=share(700, 4000))
    plant.expect("BU", FIRST_OF_AFTER, revenue_attainment=50)
    plant.expect("BU", SECOND_OF_AFTER, revenue_attainment=None)
    return plant


PLANT = build()
COMPARED = (
    # Of a period that began today: the first day of the one before, and of that of a year ago.
    ("month", "2024-12-30", "2025-01-26", (16_384, 2048, 128)),
    ("month_to_date", "2024-12-30", "2024-12-30", (16_384, 2048, 128)),
    ("quarter", "2024-12-30", "2025-03-30", (16_384, 512, 128)),
    ("quarter_to_date", "2024-12-30", "2024-12-30", (16_384, 512, 128)),
    ("year", "2024-12-30", "2025-12-28", (16_384, 128, 128)),
    ("year_to_date", "2024-12-30", "2024-12-30", (16_384, 128, 128)),
    # Of one that has ended: the whole one before, and the six weeks of a year ago.
    ("month", "2024-11-25", "2024-12-29", (14_336, 1024, 120)),
    ("quarter", "2024-09-30", "2024-12-29", (15_872, 256, 65_660)),
    ("year", "2024-01-01", "2024-12-29", (16_256, 98_430, 98_430)),
    # As it was two days before: 34 days of five weeks, 90 of a quarter, 363 of a year.
    ("month_to_date", "2024-11-25", "2024-12-28", (6144, 1024, 24)),
    ("quarter_to_date", "2024-09-30", "2024-12-28", (7680, None, 65_564)),
    ("year_to_date", "2024-01-01", "2024-12-28", (8064, 98_334, 98_334)),
    ("rolling_12_months", "2024-01-01", "2024-12-29", (16_256, 2040, 98_430)),
    # A day: yesterday, and the Monday of 52 weeks ago.
    ("day", "2024-12-30", "2024-12-30", (16_384, 8192, 128)),
)
"""Period of W, its value, that of the period before and that of a year ago."""
SHOWN = COMPARED[:9]
"""What the scorecard shows: months, quarters and years, and what runs to date."""


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return compute(PLANT, CONFIG, tmp_path_factory.mktemp("long"))


@pytest.mark.parametrize("case", PLANT.expected, ids=names(PLANT.expected))
def test_example(published, case):
    kpi, node, period, expected = case
    assert published.value(kpi, node, *period) == about(expected)


@pytest.mark.parametrize("case", COMPARED, ids=["-".join(case[:3]) for case in COMPARED])
def test_what_a_period_is_compared_with(published, case):
    *period, values = case
    assert compared(published, "W", *period) == [values]
    assert on_the_scorecard(published, "W", *period) == ([values] if case in SHOWN else [])
