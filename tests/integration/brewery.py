"""Brewmes, the invented MES of docs/connect.md, in any database; its KPIs by other SQL than ours.

What makes it foreign: local times without a zone (one night of them is 25 hours long), grams beside
kilograms, numeric status codes, rows that are marked as void, plants that have no table.

Does not belong here: how it is connected.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ZONE = ZoneInfo("Europe/Prague")
FIRST, DAYS = date(2026, 10, 1), 40
SCHEMA = """
create table vessel (v_id integer primary key, vessel_no varchar(20) not null, title varchar(60),
    house varchar(10) not null, kg_per_hour numeric(10,3), modified timestamp not null);
create table beer (beer_id integer primary key, sku varchar(20) not null unique,
    label varchar(80), modified timestamp not null);
create table brew (brew_no varchar(20) not null primary key,
    beer_id integer not null references beer (beer_id),
    qty_target_g numeric(14,0) not null, st integer not null, due timestamp, begun timestamp,
    done timestamp, foreman varchar(40), modified timestamp not null);
create table vessel_log (log_id integer primary key,
    v_id integer not null references vessel (v_id), t_from timestamp not null, t_to timestamp,
    mode integer not null, brew_no varchar(20) references brew (brew_no),
    operator_badge varchar(20), modified timestamp not null);
create table tapping (tap_id integer primary key,
    brew_no varchar(20) not null references brew (brew_no),
    v_id integer not null references vessel (v_id), tapped timestamp not null,
    amount numeric(14,3) not null, spoiled numeric(14,3) not null, unit varchar(4) not null,
    void char(1), modified timestamp not null);
create index tapping_modified on tapping (modified);
create table schema_migrations (version varchar(20) primary key);
create table scratch (a integer, b integer);
create view open_brew as select * from brew where done is null;
"""


def rows(house: str, vessels: tuple[str, str], sku: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every row of one brewery: its table and its values, local times as texts."""
    changed = "2026-11-20 12:00:00"
    for number, (vessel, rate) in enumerate(zip(vessels, (400, 250), strict=True), start=1):
        yield "vessel", (number, vessel, f"Vessel {vessel}", house, rate, changed)
    yield "beer", (1, sku, "Lager", changed)
    log = tap = 0
    for day in range(DAYS):
        today = FIRST + timedelta(days=day)

        def at(hour: int, minute: int = 0, today: date = today) -> str:
            return f"{today + timedelta(days=hour // 24)} {hour % 24:02}:{minute:02}:00"

        brew = f"{house}-{day:03}"
        yield (
            "brew",
            (brew, 1, 3_000_000, 30, at(20), at(6), at(14), "A. Foreman", changed),
        )
        for vessel in (1, 2):
            down = 15 + (day * 7 + vessel * 11) % 40
            spans = [
                (at(6), at(11), 1),
                (at(11), at(11, 30), 2),
                (at(11, 30), at(11, 30 + down) if down < 30 else at(12, down - 30), 3),
                (at(11, 30 + down) if down < 30 else at(12, down - 30), at(14), 1),
            ]
            if today == date(2026, 10, 25):
                spans.append((at(1), at(4), 1))  # the night in which the clock goes back
            for start, end, mode in spans:
                log += 1
                yield "vessel_log", (log, vessel, start, end, mode, brew, f"B{vessel}", changed)
            for void in (None, "Y") if day % 9 == 0 else ("N",):
                tap += 1
                good = 1500 + (day * 37 + vessel * 101) % 300
                factor, unit = (1000, "g") if vessel == 1 else (1, "kg")
                values = (good * factor, (day % 5) * 10 * factor, unit, void, changed)
                yield "tapping", (tap, brew, vessel, at(13, 30), *values)


def fill(execute: Callable[[str, tuple[Any, ...]], Any], mark: str, **brewery: Any) -> None:
    """Insert all rows by the driver's `execute`; `mark` is its mark of a parameter."""
    for table, values in rows(**brewery):
        execute(f"insert into {table} values ({', '.join([mark] * len(values))})", values)


LOGS = """
select v.vessel_no, v.house, l.t_from, l.t_to, l.mode
from vessel_log l join vessel v on v.v_id = l.v_id
"""
TAPPINGS = """
select v.vessel_no, v.house, t.tapped, v.kg_per_hour,
    case t.unit when 'g' then t.amount / 1000.0 else t.amount end as good,
    case t.unit when 'g' then t.spoiled / 1000.0 else t.spoiled end as spoiled
from tapping t join vessel v on v.v_id = t.v_id
where coalesce(t.void, 'N') = 'N'
"""


@dataclass
class Parts:
    """Sums of one node and month."""

    run_s: Fraction = Fraction(0)
    busy_s: Fraction = Fraction(0)
    good: Fraction = Fraction(0)
    made: Fraction = Fraction(0)
    ideal_good_s: Fraction = Fraction(0)

    @property
    def kpis(self) -> dict[str, float]:
        """In percent."""
        return {
            "availability": float(100 * self.run_s / self.busy_s),
            "quality_ratio": float(100 * self.good / self.made),
            "oee": float(100 * self.ideal_good_s / self.busy_s),
        }


def expected(query: Callable[[str], Iterable[tuple[Any, ...]]]) -> dict[tuple[str, date], Parts]:
    """Parts by node and month, from the vendor's rows."""
    parts: dict[tuple[str, date], Parts] = defaultdict(Parts)
    for vessel, house, start, end, mode in query(LOGS):
        seconds = Fraction((_instant(end) - _instant(start)).total_seconds())
        for node in (vessel, house, "BREW"):
            found = parts[node, _moment(start).date().replace(day=1)]
            found.run_s += seconds * (mode == 1)
            found.busy_s += seconds * (mode in {1, 2, 3})
    for vessel, house, tapped, rate, good, spoiled in query(TAPPINGS):
        for node in (vessel, house, "BREW"):
            found = parts[node, _moment(tapped).date().replace(day=1)]
            found.good += Fraction(good)
            found.made += Fraction(good) + Fraction(spoiled)
            found.ideal_good_s += Fraction(good) * 3600 / Fraction(rate)
    return parts


def together(*each: dict[tuple[str, date], Parts]) -> dict[tuple[str, date], Parts]:
    """Several breweries as one enterprise."""
    parts: dict[tuple[str, date], Parts] = defaultdict(Parts)
    for one in each:
        for key, found in one.items():
            for name, value in vars(found).items():
                setattr(parts[key], name, getattr(parts[key], name) + value)
    return parts


def _moment(local: datetime | str) -> datetime:
    return datetime.fromisoformat(local) if isinstance(local, str) else local


def _instant(local: datetime | str) -> datetime:
    return _moment(local).replace(tzinfo=ZONE).astimezone(ZoneInfo("UTC"))
