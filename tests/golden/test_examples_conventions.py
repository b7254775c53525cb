"""Examples of four enterprises that differ in their conventions, each value worked out by hand.

The sites of the shop floor are the same. The enterprise `planned` has areas, process industries,
clocks that change at the end of a month, and several systems besides.
"""

import example_conventions
import example_systems
import pytest
from example_plant import MONDAY, Plant, about, names, share
from feed import run

CONFIG = """
enterprise: {{code: E, name: Conventions, time_zone: UTC, currency: EUR,
  as_of: {as_of}, conventions: {{{conventions}}}}}
tolerance: {{order_mismatch_share: 1}}
sources:
"""
SOURCE = "  - {{name: {name}, system: files, path: {name}{site}}}\n"
CONVENTIONS = {
    "stops": "minor_stops: performance, minor_stop_below_s: 120, scrap_cost: posted, "
    "failure_intervals: failures_plus_one, payables_basis: material, effectiveness_shown_max: 100, "
    "under_delivery_tolerance: 0.1",
    "set_up": "set_up: planned, zero_production: zero",
    "planned": "planned_downtime: availability",
    "every": "minor_stops: performance, set_up: planned, planned_downtime: availability, "
    "zero_production: zero",
}


def build(enterprise):
    """The feed of an enterprise with what must come of it, and its other sources with sites."""

    def pick(standard, **others):
        return others.get(enterprise, standard)

    plant = Plant()
    for example in example_conventions.EXAMPLES:
        example(plant, pick)
    if enterprise != "planned":
        return plant, {}
    for example in example_systems.EXAMPLES:
        example(plant)
    return plant, example_systems.north_and_south(plant)


def compute(enterprise, folder):
    """The version that the pipeline publishes of an enterprise."""
    plant, others = PLANTS[enterprise]
    as_of = "2026-11-06T12:00:00" if others else "2026-04-10T12:00:00"
    config = CONFIG.format(as_of=as_of, conventions=CONVENTIONS[enterprise])
    for name, (source, site) in ({"feed": (plant, "")} | others).items():
        source.write(folder / name)
        config += SOURCE.format(name=name, site=site and f", site: {site}")
    (folder / "scorecard.yml").write_text(config, "utf-8")
    return run(folder / "scorecard.yml", folder / "home")


PLANTS = {enterprise: build(enterprise) for enterprise in CONVENTIONS}
SLOW = "stops", "set_up", "every"
"""Enterprises of which `make test-slow` computes the examples."""


def of(enterprise, *case, name):
    marks = pytest.mark.slow if enterprise in SLOW else ()
    return pytest.param(enterprise, case, id=f"{enterprise}-{name}", marks=marks)


CASES = [
    of(enterprise, *case, name=name)
    for enterprise, (plant, _) in PLANTS.items()
    for case, name in zip(plant.expected, names(plant.expected), strict=True)
]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Gives the version of an enterprise; computes it when it is first asked for."""
    versions = {}

    def version(enterprise):
        if enterprise not in versions:
            versions[enterprise] = compute(enterprise, tmp_path_factory.mktemp(enterprise))
        return versions[enterprise]

    return version


def of_shift(version, kpi, node, on, code):
    ((value,),) = version.rows(
        "select value from kpi_value where kpi_id = ? and node_id = ? and period_type = 'shift' "
        "and period_start = ? and shift_code = ?",
        *(kpi, node, on, code),
    )
    return value


@pytest.mark.parametrize(("enterprise", "case"), CASES)
def test_example(published, enterprise, case):
    kpi, node, period, expected = case
    assert published(enterprise).value(kpi, node, *period) == about(expected)


@pytest.mark.parametrize(
    ("enterprise", "case"),
    [
        of(enterprise, *case, name="-".join(case[:3]))
        for enterprise in CONVENTIONS
        for case in example_conventions.SHIFTS
    ],
)
def test_a_stop_is_judged_as_a_whole_in_the_shifts_that_it_crosses(published, enterprise, case):
    kpi, node, code, (standard, stops, every) = case
    seconds = {"stops": stops, "every": every}.get(enterprise, standard)
    scheduled = 28800 * (2 if node == "CR-L1" else 1)
    value = of_shift(published(enterprise), kpi, node, MONDAY, code)
    assert value == about(share(seconds, scheduled))


@pytest.mark.parametrize("case", example_systems.NIGHTS)
def test_a_night_in_which_the_clock_changes(published, case):
    *shift, expected = case
    assert of_shift(published("planned"), *shift) == about(expected)
