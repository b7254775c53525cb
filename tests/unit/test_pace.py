"""The rate limit, against a clock that only its own waiting moves."""

from __future__ import annotations

import duckdb
import pytest

from models.config import Source
from sources.pace import Pace
from sources.readers.base import Rows


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


def paced(clock, rate):
    return Pace(rate, clock, clock.sleep)


def test_so_many_rows_take_so_long(clock):
    pace = paced(clock, 1_000)
    for rows in (500, 1_500, 1, 999):
        pace.take(rows)
    assert clock.now == pytest.approx(3.0)


def test_time_that_was_not_used_is_not_made_up_for(clock):
    pace = paced(clock, 1_000)
    pace.take(1_000)
    clock.now += 100
    pace.take(2_000)
    assert clock.now == pytest.approx(103.0)


def test_without_a_limit_nothing_waits(clock):
    pace = paced(clock, None)
    pace.take(10**9)
    rows = Rows("asked", "SELECT 1")
    assert pace.slowed(rows) is rows
    assert clock.now == 0


def test_duckdb_takes_every_row_at_that_pace(clock):
    """Also where it would rather not look at a column, or filters, or works with two threads."""
    pace = paced(clock, 10_000)
    with duckdb.connect() as duck:
        duck.execute("SET threads = 2")
        pace.prepare(duck)
        rows = pace.slowed(Rows("", "SELECT range AS i, NULL AS _reason FROM range(100000)"))
        found = duck.execute(f"SELECT count(*) FROM ({rows.relation}) WHERE i % 2 = 0").fetchone()
    assert found == (50_000,)
    assert 5.0 <= clock.now <= 10.01  # the filter may come first


@pytest.mark.parametrize("setting", ["max_rows_per_second", "max_statement_minutes"])
def test_the_limits_are_settings_of_a_source(setting):
    with pytest.raises(ValueError, match="greater than"):
        Source(name="mes", system="files", path="feed", **{setting: 0})
