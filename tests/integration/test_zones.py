"""Two sites in two zones and two currencies, over the days on which their clocks change.

New York has shift patterns only: around the clock, the night shift from 23:00 to 07:00; its clock
goes forward on 8 March and back on 1 November 2026. Berlin has no shifts, and changes on 29 March
and 25 October. The whole pipeline runs on a file feed whose times carry their offsets.

Does not belong here: patterns and exceptions one by one (dbt unit tests of `mes_shift_expanded`).
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from feed import Feed, command, numbers, run

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")
CONFIG = """
enterprise: {code: E, name: Two zones, time_zone: Europe/Berlin, currency: EUR, as_of: data}
sources: [{name: feed, system: files, path: feed}]
"""
HOUR = 3600
HOLIDAY = "2026-11-02"
SHIFTS = """
    select shift_code, cast(production_date as varchar), cast(start_ts as varchar),
        date_diff('hour', start_ts, end_ts)
    from dim_shift where node_id = 'NY-M'
"""


def moment(zone, text, fold=0):
    """An instant on the clock of a zone, with its offset; `fold` 1 is the second of two."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).isoformat(" ")


def two_zones():
    feed, number = Feed(), numbers("c")
    for site, zone in (("NY", NEW_YORK), ("BER", BERLIN)):
        feed.add("mes_equipment", equipment_code=site, name=site, level="site", time_zone=zone.key)
        feed.add(
            "mes_equipment",
            equipment_code=f"{site}-M",
            name=f"{site}-M",
            level="machine",
            parent_code=site,
            ideal_rate_per_h=60,
        )
        for first, last in (("2026-03-06", "2026-03-31"), ("2026-10-20", "2026-11-05")):
            feed.add(
                "mes_equipment_state",
                equipment_code=f"{site}-M",
                start_ts=moment(zone, f"{first} 07:00"),
                end_ts=moment(zone, f"{last} 07:00"),
                state="RUN",
            )
    feed.add("erp_item", item_code="P", name="P", base_uom="pcs", category="PARTS")
    for node, when, good in (
        ("NY-M", moment(NEW_YORK, "2026-11-01 01:30"), 1),
        ("NY-M", moment(NEW_YORK, "2026-11-01 01:30", fold=1), 2),
        ("NY-M", moment(NEW_YORK, "2026-11-01 07:00"), 4),
        ("NY-M", moment(NEW_YORK, "2026-10-31 06:59:59"), 8),
        ("BER-M", moment(BERLIN, "2026-10-31 23:59:59"), 16),
        ("BER-M", moment(BERLIN, "2026-11-01 00:00"), 32),
        ("BER-M", moment(BERLIN, "2026-03-06 08:00"), 64),
    ):
        feed.add(
            "mes_production_count",
            count_id=next(number),
            equipment_code=node,
            item_code="P",
            counted_at=when,
            qty_total=good,
            qty_good=good,
            qty_scrap=0,
            is_final_op="true",
        )
    for shift, start, end in (
        ("D", "07:00", "15:00"),
        ("L", "15:00", "23:00"),
        ("N", "23:00", "07:00"),
    ):
        feed.add(
            "mes_shift_pattern",
            equipment_code="NY",
            shift_code=shift,
            valid_from="2020-01-01",
            weekdays="1234567",
            start_time=start,
            end_time=end,
        )
    feed.add("mes_calendar_exception", equipment_code="NY", exception_date=HOLIDAY)
    feed.add("erp_party", party_code="C", name="C", is_customer="true", is_supplier="false")
    for currency, since, rate in (
        ("USD", "2026-01-01", 0.9),
        ("USD", "2026-11-01", 0.8),
        ("GBP", "2026-11-15", 1.1),
    ):
        feed.add("erp_exchange_rate", currency=currency, valid_from=since, rate=rate)
    for currency, posted in (
        ("USD", "2026-10-31"),
        ("USD", "2026-11-01"),
        ("EUR", "2026-11-01"),
        ("GBP", "2026-11-01"),
        ("CHF", "2026-10-31"),
    ):
        feed.add(
            "erp_invoice_line",
            invoice_no=next(number),
            line_no=1,
            type="invoice",
            customer_code="C",
            net_amount=100,
            currency=currency,
            posted_date=posted,
        )
    return feed


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zones")
    (folder / "scorecard.yml").write_text(CONFIG, encoding="utf-8")
    two_zones().write(folder / "feed")
    return folder


@pytest.fixture(scope="module")
def published(folder):
    return run(folder / "scorecard.yml", folder / "var")


def part(published, kpi, node, day, which):
    ((found,),) = published.rows(
        f"select {which} from kpi_value where kpi_id = ? and node_id = ? "
        "and period_type = 'day' and period_start = ?",
        *(kpi, node, day),
    )
    return found


@pytest.mark.parametrize(
    ("day", "starts", "hours"),
    [
        ("2026-03-06", "2026-03-07 04:00:00", 8),
        ("2026-03-07", "2026-03-08 04:00:00", 7),
        ("2026-03-08", "2026-03-09 03:00:00", 8),
        ("2026-10-30", "2026-10-31 03:00:00", 8),
        ("2026-10-31", "2026-11-01 03:00:00", 9),
        ("2026-11-01", "2026-11-02 04:00:00", 8),
    ],
)
def test_a_night_shift_is_as_long_as_its_night(published, day, starts, hours):
    assert published.rows(f"{SHIFTS} and shift_code = 'N' and production_date = ?", day) == [
        ("N", day, starts, hours)
    ]
    assert published.rows(
        "select denominator from kpi_value where kpi_id = 'availability' and node_id = 'NY-M' "
        "and period_type = 'shift' and shift_code = 'N' and period_start = ?",
        day,
    ) == [(hours * HOUR,)]


@pytest.mark.parametrize(
    ("node", "day", "hours"),
    [
        ("NY-M", "2026-03-07", 23),  # its night shift ends on the 8th
        ("NY-M", "2026-10-31", 25),
        ("NY-M", "2026-10-30", 24),
        ("BER-M", "2026-03-29", 23),
        ("BER-M", "2026-10-25", 25),
        ("BER-M", "2026-10-26", 24),
        ("E", "2026-10-31", 24 + 25),
    ],
)
def test_the_day_of_the_change_has_23_or_25_hours(published, node, day, hours):
    for kpi in ("utilization", "teep"):
        assert part(published, kpi, node, day, "denominator") == hours * HOUR
    assert part(published, "utilization", node, day, "value") == 100
    assert part(published, "availability", node, day, "denominator") == hours * HOUR


def test_the_production_date_is_that_of_the_start_of_the_shift_in_the_zone_of_the_site(published):
    def good(node, day):
        return part(published, "quality_ratio", node, day, "numerator")

    assert good("NY-M", "2026-10-31") == 1 + 2
    assert good("NY-M", "2026-11-01") == 4
    assert good("NY-M", "2026-10-30") == 8
    assert good("BER-M", "2026-10-31") == 16
    assert good("BER-M", "2026-11-01") == 32
    assert good("E", "2026-10-31") == 1 + 2 + 16


def test_amounts_are_converted_at_the_rate_of_their_day(published):
    assert published.value("net_sales", "E", "day", "2026-10-31") == 90
    assert published.value("net_sales", "E", "day", "2026-11-01") == 80 + 100


def test_an_amount_without_a_rate_is_left_out_and_said_to_be_missing(published):
    assert published.rows(
        "select code, cast(needed_on as varchar) from unmapped_code "
        "where canonical_table = 'erp_invoice_line' and column_name = 'currency' order by 1"
    ) == [("CHF", "2026-10-31"), ("GBP", "2026-11-01")]
    assert part(published, "net_sales", "E", "2026-10-31", "completeness") == pytest.approx(3 / 5)
    assert published.rows(
        "select status, severity from check_result where check_id = 'unmapped_code__none' "
        "order by run_id desc limit 1"
    ) == [("failed", "warning")]


@pytest.mark.parametrize(
    ("kpi", "node", "period", "sums"),
    [
        ("availability", "NY", "2026-10-31/N", (9 * HOUR, 9 * HOUR)),
        ("quality_ratio", "E", "2026-10-31/N", (3, 3)),
        ("quality_ratio", "E", "2026-10-31", (19, 19)),
        ("scrap_ratio", "item_group:PARTS", "2026-10-31/N", (0, 3)),
        ("scrap_ratio", "item_group:PARTS", "2026-11", (0, 36)),
    ],
)
def test_a_shift_and_a_segment_are_explained_by_their_own_rows(published, kpi, node, period, sums):
    (found,) = published.behind(
        kpi, node, period, "select sum(numerator) as n, sum(denominator) as d from behind"
    )
    assert (found["n"], found["d"]) == sums


def test_the_command_explains_a_shift_of_a_segment(folder, published):
    assert published
    out = command(
        *(folder / "scorecard.yml", folder / "var"),
        *("explain", "scrap_ratio", "--node", "item_group:PARTS", "--period", "2026-10-31/N"),
    )
    assert "100 * 0.00 / 3.00" in out
    assert "fct_production" in out


@pytest.mark.slow
def test_a_plant_may_take_a_holiday_back(folder, published):
    """The second run expands the same patterns: nothing but the holiday's shifts is new."""
    before = published.rows(SHIFTS)
    assert not [shift for shift in before if shift[1] == HOLIDAY]
    (folder / "feed/mes_calendar_exception.csv").write_text(
        f"equipment_code,exception_date,shift_code\nNY,{HOLIDAY},D\n", encoding="utf-8"
    )
    after = run(folder / "scorecard.yml", folder / "var").rows(SHIFTS)
    assert len({shift[2] for shift in after}) == len(after)
    assert sorted({*after} - {*before}) == [
        ("L", HOLIDAY, "2026-11-02 20:00:00", 8),
        ("N", HOLIDAY, "2026-11-03 04:00:00", 8),
    ]
    assert not {*before} - {*after}
    last = datetime.fromisoformat(max(shift[2] for shift in after))
    assert last > datetime.fromisoformat("2027-01-01") - timedelta(hours=1)
