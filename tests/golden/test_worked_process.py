"""Worked examples of the shop floor, as rows of a file feed through the whole pipeline.

Published examples keep their numbers: W1 is oee.com's, W17 the NIST handbook's. Each has a site, a
line and machines of its own in one feed, so one run serves all. `ISO` is one order on two machines
with every element of ISO 22400-2, worked out by hand.

Values are compared exactly, not rounded.
"""

from datetime import datetime, timedelta

import pytest
from feed import Feed, numbers, run

MONDAY = datetime.fromisoformat("2026-03-02T06:00:00")
MIDNIGHT = MONDAY.replace(hour=0)
DAY, WEEK, MONTH = ("day", "2026-03-02"), ("week", "2026-03-02"), ("month", "2026-03-01")
YEAR = ("year", "2026-01-01")
BATCHES = (49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1)
CONFIG = """
enterprise: {{code: E, name: Examples, time_zone: UTC, currency: EUR, as_of: data{more}}}
sources: [{{name: feed, system: files, path: feed}}]
"""


def minutes(number):
    return timedelta(minutes=number)


class Plant(Feed):
    """A feed with the words of the examples."""

    def __init__(self):
        super().__init__()
        self.number = numbers("n")
        for item, unit in (("PART", "PCE"), ("RAW", "KG")):
            self.add("erp_item", item_code=item, name=item, base_uom=unit)

    def node(self, code, level, parent="", rate=""):
        self.add(
            "mes_equipment",
            equipment_code=code,
            name=code,
            level=level,
            parent_code=parent,
            ideal_rate_per_h=rate,
        )

    def example(self, name, machines=1, rate=""):
        """Site NAME-S with line NAME-L and machines NAME-M1, NAME-M2 ..."""
        self.node(f"{name}-S", "site")
        self.node(f"{name}-L", "line", f"{name}-S")
        for number in range(1, machines + 1):
            self.node(f"{name}-M{number}", "machine", f"{name}-L", rate)

    def states(self, machine, *states, start=MONDAY, order=""):
        """States one after the other, each so many minutes."""
        for state, length in states:
            self.add(
                "mes_equipment_state",
                equipment_code=machine,
                start_ts=start,
                end_ts=start + minutes(length),
                state=state,
                order_no=order,
            )
            start += minutes(length)

    def shift(self, machine, length, start=MONDAY, planned_break=0):
        self.add(
            "mes_shift",
            equipment_code=machine,
            start_ts=start,
            end_ts=start + minutes(length),
            shift_code="A",
            production_date=start.date(),
            planned_break_min=planned_break,
        )

    def count(self, machine, total, good, *, rework=0, **columns):
        """A count; on Monday if not given. What is neither good nor rework is scrap."""
        self.add(
            "mes_production_count",
            count_id=next(self.number),
            **{"is_final_op": "true", "item_code": "PART", "counted_at": MONDAY} | columns,
            equipment_code=machine,
            qty_total=total,
            qty_good=good,
            qty_scrap=total - good - rework,
            qty_rework=rework,
        )

    def measured(self, machine, *values, **limits):
        """Values of a characteristic, one an hour; taking them inspects no parts."""
        for hour, value in enumerate(values):
            self.inspection(
                *(machine, 0, 0, 0),
                **{"inspected_at": MONDAY + timedelta(hours=hour), "value": value} | limits,
                characteristic="diameter",
            )

    def inspection(self, machine, inspected, rejected, reworked, **columns):
        self.add(
            "mes_quality_inspection",
            inspection_id=next(self.number),
            equipment_code=machine,
            item_code="PART",
            **{"inspected_at": MONDAY} | columns,
            qty_inspected=inspected,
            qty_rejected=rejected,
            qty_reworked=reworked,
        )

    def maintenance(self, machine, kind, start, hours):
        self.add(
            "mes_maintenance_order",
            maint_id=next(self.number),
            equipment_code=machine,
            type=kind,
            requested_at=start,
            started_at=start,
            completed_at=start + timedelta(hours=hours),
        )


def oee_family(plant):
    # W1: shift of 480 min, breaks of 60, stops of 47; 1.0 s a piece; 19,271 made, 423 rejected. The
    # count comes in seven reports, which must change nothing.
    plant.example("W1")
    plant.shift("W1-M1", 480, planned_break=60)
    plant.states("W1-M1", ("RUN", 373), ("STOP", 47), ("PLANNED", 60))
    for part in range(7):
        made, good = (number // 7 + (part < number % 7) for number in (19271, 18848))
        plant.count("W1-M1", made, good, pri_s=1, counted_at=MONDAY + minutes(part))
    # W1b: all of W1's times tripled, so that its 480 min are a day of 24 h.
    plant.example("W1b")
    plant.shift("W1b-M1", 1440, MIDNIGHT, planned_break=180)
    plant.states("W1b-M1", ("RUN", 1119), ("STOP", 141), ("PLANNED", 180), start=MIDNIGHT)
    plant.count("W1b-M1", 19271, 18848, pri_s=3)
    # W4: planned 100 and 300 min, run 90 and 150; one a minute; 80 of 80 and 135 of 150 good.
    plant.example("W4", machines=2)
    plant.states("W4-M1", ("RUN", 90), ("STOP", 10))
    plant.count("W4-M1", 80, 80, pri_s=60)
    plant.states("W4-M2", ("RUN", 150), ("STOP", 150))
    plant.count("W4-M2", 150, 135, pri_s=60)
    # W5: 9,000 good bottles of 28,800 that 480 min at one a second would make.
    plant.example("W5")
    plant.states("W5-M1", ("RUN", 480))
    plant.count("W5-M1", 9000, 9000, pri_s=1)
    # W6 and W7: OEE of 60 % in 24 h or 11 h on six days of the week.
    for name, hours in (("W6", 24), ("W7", 11)):
        plant.example(name)
        for day in range(6):
            start = MIDNIGHT + timedelta(days=day)
            plant.shift(f"{name}-M1", 60 * hours, start)
            plant.states(f"{name}-M1", ("RUN", 60 * hours), start=start)
            plant.count(f"{name}-M1", 36 * hours, 36 * hours, pri_s=60, counted_at=start)
    # W8: 420 of 480 min; one a minute; 400 made, 380 good.
    plant.example("W8")
    plant.states("W8-M1", ("RUN", 420), ("STOP", 60))
    plant.count("W8-M1", 400, 380, pri_s=60)
    # W9: five machines, equally long.
    plant.example("W9", machines=5)
    for machine, good in enumerate((82, 78, 85, 71, 88), 1):
        plant.states(f"W9-M{machine}", ("RUN", 100))
        plant.count(f"W9-M{machine}", good, good, pri_s=60)


def ratio_of_sums(plant):
    # W11: 1/2 and 1/4, on two machines and on two days.
    plant.example("W11", machines=2)
    plant.count("W11-M1", 2, 1)
    plant.count("W11-M2", 4, 1)
    plant.example("W11d")
    plant.count("W11d-M1", 2, 1)
    plant.count("W11d-M1", 4, 1, counted_at=MONDAY + timedelta(days=1))


def quality(plant):
    # W13: yields of .95, .84 and .88 in three steps.
    plant.example("W13")
    for step, rejected in enumerate((5, 16, 12), 1):
        plant.inspection("W13-M1", 100, rejected, 0, op_seq=10 * step)
    # W17: limits 8 and 20, mean 16, deviation 2: by moving range (2 * 1.128) on the first machine,
    # with one limit only on the next two, of the sample on the last.
    plant.example("W17", machines=4)
    plant.measured("W17-M1", 14.872, 17.128, lsl=8, usl=20)
    plant.measured("W17-M2", 14.872, 17.128, usl=20)
    plant.measured("W17-M3", 14.872, 17.128, lsl=8)
    plant.measured("W17-M4", 14, 16, 18, lsl=8, usl=20)
    # W18: ten batches, with their control limits as limits.
    plant.example("W18")
    plant.measured("W18-M1", *BATCHES, lsl=45.8159, usl=55.8041)
    # W15: 100 in, 10 scrap, 5 rework.
    plant.example("W15")
    plant.inspection("W15-M1", 100, 10, 5)
    # W16: 110 and 45 defects of 120,000, 25 of 1,000, in parts per million.
    for number, (defects, parts) in enumerate(((110, 120_000), (45, 120_000), (25, 1000))):
        plant.example(f"W16-{number}")
        plant.count(f"W16-{number}-M1", parts, parts - defects)


def maintenance(plant):
    # W33: 1,000 h of operation, five failures, 50 h of repair.
    plant.example("W33")
    start = MIDNIGHT
    for _ in range(5):
        plant.states("W33-M1", ("RUN", 60 * 200), ("STOP", 600), start=start)
        plant.maintenance("W33-M1", "corrective", start + timedelta(hours=200), 10)
        start += timedelta(hours=210)
    # W34: 8 h down in two failures.
    plant.example("W34")
    plant.maintenance("W34-M1", "corrective", MONDAY, 3)
    plant.maintenance("W34-M1", "corrective", MONDAY + timedelta(hours=4), 5)


def iso(plant):
    """One order of two operations; times in minutes, see `ISO` for what comes of them."""
    plant.example("ISO", machines=2, rate=120)
    plant.shift("ISO-M1", 480)
    plant.states("ISO-M1", ("SETUP", 30), ("RUN", 240), ("STOP", 30), ("RUN", 60), order="O1")
    plant.states("ISO-M1", ("IDLE", 90), ("PLANNED", 30), start=MONDAY + minutes(360))
    plant.states("ISO-M2", ("RUN", 180), start=MONDAY + minutes(420), order="O1")
    plant.count(
        *("ISO-M1", 500, 480), rework=5, pri_s=30, order_no="O1", op_seq=10, is_final_op="false"
    )
    plant.count("ISO-M2", 480, 470, order_no="O1", op_seq=20)
    plant.add(
        "mes_work_order",
        order_no="O1",
        equipment_code="ISO-L",
        item_code="PART",
        qty_planned=480,
        status="finished",
        released_at=MONDAY,
        due_at=MONDAY + minutes(700),
        started_at=MONDAY,
        finished_at=MONDAY + minutes(600),
    )
    plant.add("mes_scrap_plan", order_no="O1", item_code="PART", qty_scrap_planned=20)
    plant.inspection("ISO-M2", 200, 6, 4)
    plant.add("mes_energy", meter="E1", equipment_code="ISO-L", start_ts=MONDAY, kwh=240)
    plant.add(
        "mes_material_consumption",
        consumption_id="1",
        order_no="O1",
        item_code="RAW",
        qty=1000,
        consumed_at=MONDAY,
    )
    for kind, qty in {
        "integrated_goods": 900,
        "production_loss": 60,
        "storage_transport_loss": 30,
        "other_loss": 10,
    }.items():
        plant.add(
            "mes_material_balance",
            balance_id=kind,
            order_no="O1",
            item_code="RAW",
            kind=kind,
            qty=qty,
            booked_at=MONDAY,
        )
    for length in (300, 90):
        plant.add(
            "mes_labor_time",
            labor_id=next(plant.number),
            equipment_code="ISO-M1",
            order_no="O1",
            started_at=MONDAY,
            finished_at=MONDAY + minutes(length),
        )
    plant.add(
        "hr_work_time", work_time_id="1", site_code="ISO-S", work_date="2026-03-02", hours_worked=8
    )
    plant.maintenance("ISO-M1", "corrective", MONDAY + minutes(270), 0.5)
    plant.maintenance("ISO-M1", "preventive", MONDAY + minutes(390), 1.5)
    plant.add(
        "erp_inventory_balance",
        item_code="PART",
        location_code="ISO-W",
        site_code="ISO-S",
        as_of_date="2026-03-02",
        qty=100,
        value=1000,
    )
    plant.add(
        "erp_goods_movement",
        movement_id="1",
        posting_date="2026-03-02",
        type="GI_SO",
        item_code="PART",
        qty=-20,
        location_code="ISO-W",
    )
    for number, counted in enumerate((100, 98, 103, 100)):
        plant.add(
            "erp_inventory_count",
            count_id=number,
            item_code="PART",
            location_code=f"ISO-W{number}",
            site_code="ISO-S",
            counted_on="2026-03-02",
            qty_book=100,
            qty_counted=counted,
            qty_tolerance=2,
        )


@pytest.fixture(scope="module")
def feed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    plant = Plant()
    for part in (oee_family, ratio_of_sums, quality, maintenance, iso):
        part(plant)
    plant.write(folder / "feed")
    return folder


@pytest.fixture(scope="module")
def published(feed):
    """The examples, computed as a plant's that has more states than fit into memory at once."""
    config = feed / "scorecard.yml"
    config.write_text(CONFIG.format(more=""), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCORECARD_STATES_AT_ONCE", "20")
        return run(config, feed / "home")


def to_twelve(value):
    """Values that are computed from members are kept with 12 decimals."""
    return pytest.approx(value, abs=1e-10)


def percent(numerator, denominator):
    return 100 * numerator / denominator


EXAMPLES = [
    *(
        (f"W1 {kpi}", kpi, node, DAY, exact)
        for node in ("W1-M1", "W1-L")
        for kpi, exact in {
            "availability": percent(373, 420),
            "effectiveness": percent(19271, 373 * 60),
            "oee_quality": percent(18848, 19271),
            "oee": percent(18848, 420 * 60),
        }.items()
    ),
    ("W1b", "teep", "W1b-M1", DAY, percent(18848, 480 * 60)),
    ("W4 first", "oee", "W4-M1", DAY, 80.0),
    ("W4 second", "oee", "W4-M2", DAY, 45.0),
    ("W4", "oee", "W4-L", DAY, 53.75),
    ("W5", "oee", "W5-M1", DAY, 31.25),
    ("W6", "teep", "W6-M1", WEEK, percent(36 * 24 * 6 * 60, 168 * 3600)),
    ("W7 utilization", "utilization", "W7-M1", WEEK, percent(11 * 6, 168)),
    ("W7", "teep", "W7-M1", WEEK, percent(36 * 11 * 6 * 60, 168 * 3600)),
    ("W8", "oee", "W8-M1", DAY, percent(380, 480)),
    *(
        (f"W9 {good}", "oee", f"W9-M{machine}", DAY, float(good))
        for machine, good in enumerate((82, 78, 85, 71, 88), 1)
    ),
    ("W9", "oee", "W9-L", DAY, 80.8),
    ("W11 of machines", "quality_ratio", "W11-L", DAY, percent(1, 3)),
    ("W11 of days", "quality_ratio", "W11d-M1", MONTH, percent(1, 3)),
    ("W13", "rolled_throughput_yield", "W13-L", DAY, to_twelve(70.224)),
    ("W17 Cp", "cp", "W17-M1", DAY, 1.0),
    ("W17 Cpk", "cpk", "W17-M1", DAY, to_twelve(2 / 3)),
    ("W17 Cpu", "cpk", "W17-M2", DAY, to_twelve(2 / 3)),
    ("W17 Cpl", "cpk", "W17-M3", DAY, to_twelve(4 / 3)),
    ("W17 Cm", "cm", "W17-M4", DAY, 1.0),
    ("W17 Cmk", "cmk", "W17-M4", DAY, to_twelve(2 / 3)),
    ("W18", "cp", "W18-M1", DAY, pytest.approx(1, abs=1e-5)),
    ("W18 worst side", "cpk", "W18-M1", DAY, pytest.approx(1, abs=1e-5)),
    ("W15", "first_pass_yield", "W15-M1", DAY, 85.0),
    *(
        (
            f"W16 {defects} of {parts}",
            "scrap_ratio",
            f"W16-{number}-L",
            DAY,
            percent(defects, parts),
        )
        for number, (defects, parts) in enumerate(((110, 120_000), (45, 120_000), (25, 1000)))
    ),
    ("W33 MTBF", "mtbf", "W33-M1", YEAR, 200.0),
    ("W33 MTTR", "mttr", "W33-M1", YEAR, 10.0),
    ("W33 availability", "inherent_availability", "W33-M1", YEAR, percent(1000, 1050)),
    ("W34", "mttr", "W34-M1", DAY, 4.0),
]

ISO = {
    1: ("worker_efficiency", "ISO-S", percent(6.5, 8)),
    2: ("allocation_ratio", "ISO-L", percent(360 + 180, 600)),
    3: ("throughput_rate", "ISO-L", 48.0),
    4: ("allocation_efficiency", "ISO-M1", percent(360, 450)),
    5: ("utilization_efficiency", "ISO-M1", percent(300, 360)),
    6: ("oee", "ISO-M1", percent(480 * 0.5, 450)),
    7: ("nee", "ISO-M1", to_twelve(percent(330 * 480 * 0.5, 450 * 300))),
    8: ("availability", "ISO-M1", percent(300, 450)),
    9: ("effectiveness", "ISO-M1", percent(500 * 0.5, 300)),
    10: ("quality_ratio", "ISO-M1", percent(480, 500)),
    11: ("setup_ratio", "ISO-M1", percent(30, 330)),
    12: ("technical_efficiency", "ISO-M1", percent(300, 330)),
    13: ("production_process_ratio", "ISO-L", percent(300 + 180, 600)),
    14: ("actual_to_planned_scrap_ratio", "ISO-L", percent(15 + 10, 20)),
    15: ("first_pass_yield", "ISO-M2", percent(190, 200)),
    16: ("scrap_ratio", "ISO-L", percent(25, 480 + 15)),
    17: ("rework_ratio", "ISO-M1", percent(5, 500)),
    18: ("fall_off_ratio", "ISO-L", percent(25, 500)),
    19: ("cm", "W17-M4", 1.0),
    20: ("cmk", "W17-M4", to_twelve(2 / 3)),
    21: ("cp", "W17-M1", 1.0),
    22: ("cpk", "W17-M1", to_twelve(2 / 3)),
    23: ("comprehensive_energy_consumption", "ISO-L", 0.5),
    24: ("inventory_turns_quantity", "ISO-S", 365 * 20 / 100),
    25: ("finished_goods_ratio", "ISO-L", percent(470, 1000)),
    26: ("integrated_goods_ratio", "ISO-L", 90.0),
    27: ("production_loss_ratio", "ISO-L", 6.0),
    28: ("storage_transportation_loss_ratio", "ISO-L", 3.0),
    29: ("other_loss_ratio", "ISO-L", 1.0),
    30: ("equipment_load_ratio", "ISO-M1", percent(500, 960)),
    31: ("mtbf", "ISO-M1", 5.5),
    32: ("mttf", "ISO-M1", 5.0),
    33: ("mttr", "ISO-M1", 0.5),
    34: ("corrective_maintenance_ratio", "ISO-M1", percent(0.5, 2)),
}
"""KPI of ISO 22400-2 by its number there: our id, node and value of the day."""

OTHERS = {
    "teep": ("ISO-M1", percent(480 * 30, 86400)),
    "utilization": ("ISO-M1", percent(450, 1440)),
    "net_availability": ("ISO-M1", percent(330, 450)),
    "cycle_time": ("ISO-M1", 36.0),
    "energy_per_good_unit": ("ISO-L", 240 / 470),
    "schedule_attainment": ("ISO-L", percent(470, 480)),
    "orders_on_time": ("ISO-L", 100.0),
    "manufacturing_lead_time": ("ISO-L", 10.0),
    "inherent_availability": ("ISO-M1", percent(5.5, 6)),
    "inventory_record_accuracy": ("ISO-S", 75.0),
}
"""KPIs beyond the standard of the same order: node and value of the day."""


@pytest.mark.parametrize(
    ("kpi", "node", "period", "exact"),
    [case[1:] for case in EXAMPLES],
    ids=[case[0] for case in EXAMPLES],
)
def test_worked_example(published, kpi, node, period, exact):
    assert published.value(kpi, node, *period) == exact


@pytest.mark.parametrize("number", ISO, ids=lambda number: f"KPI {number} {ISO[number][0]}")
def test_iso_22400(published, number):
    kpi, node, exact = ISO[number]
    assert published.value(kpi, node, *DAY) == exact


@pytest.mark.parametrize("kpi", OTHERS)
def test_beyond_the_standard(published, kpi):
    node, exact = OTHERS[kpi]
    assert published.value(kpi, node, *DAY) == exact


def test_the_examples_cover_every_kpi_of_the_standard():
    assert set(ISO) == set(range(1, 35))


def test_of_several_processes_the_worst_stands_for_all(published):
    """W17's four machines: 2/3, 2/3, 4/3, and (14, 16, 18) with 4 / (3 x 2 / 1.128) = 0.752."""
    assert published.value("cpk", "W17-L", *DAY) == to_twelve(2 / 3)
    assert published.value("capable_processes", "W17-L", *DAY) == 25.0


def side_by_side(published, *kpis):
    """Values of several KPIs at every node and period that has them all."""
    columns = ", ".join(f"max(value) filter (where kpi_id = '{kpi}')" for kpi in kpis)
    found = published.rows(
        f"select {columns} from kpi_value where kpi_id in {kpis} "
        "group by node_id, period_type, period_start, period_end "
        f"having count(value) = {len(kpis)}"
    )
    assert len(found) > 20
    return found


def test_oee_is_the_product_of_its_factors_at_every_node_and_period(published):
    factors = ("oee_availability", "effectiveness", "oee_quality")
    for oee, *parts in side_by_side(published, "oee", *factors):
        assert oee == pytest.approx(parts[0] * parts[1] * parts[2] / 1e4, rel=1e-12)


def test_nee_is_the_product_of_its_factors_at_every_node_and_period(published):
    factors = ("net_availability", "effectiveness", "oee_quality")
    for nee, *parts in side_by_side(published, "nee", *factors):
        assert nee == pytest.approx(parts[0] * parts[1] * parts[2] / 1e4, rel=1e-9)


def test_goods_and_losses_are_what_was_consumed_at_every_node_and_period(published):
    ratios = ("integrated_goods_ratio", "production_loss_ratio", "other_loss_ratio")
    for parts in side_by_side(published, *ratios, "storage_transportation_loss_ratio"):
        assert sum(parts) == pytest.approx(100, rel=1e-12)


def test_what_was_not_reported_is_no_data_not_zero(published):
    statuses = dict(
        published.rows(
            "select kpi_id, status from scorecard where node_id = 'E' "
            "and period_type = 'month' and period_start = '2026-03-01'"
        )
    )
    assert statuses["otif"] == "no_data"
    assert statuses["oee"] != "no_data"
    assert published.value("otif", "E", *MONTH) is None


@pytest.fixture(scope="module")
def otherwise(feed, published):
    """The version after the enterprise has changed its mind about every convention."""
    choice = (
        ", conventions: {minor_stops: performance, minor_stop_below_s: 1801, set_up: planned, "
        "planned_downtime: availability, failure_intervals: failures_plus_one, "
        "zero_production: zero}"
    )
    config = feed / "scorecard.yml"
    config.write_text(CONFIG.format(more=choice), "utf-8")
    version = run(config, feed / "home")
    assert version != published
    return version


class TestConventions:
    """The same feed under the other choice of every convention."""

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("kpi", "node", "exact"),
        [
            # 300 min production and the stop of 30; busy 450 + 30 planned - 30 set-up
            ("availability", "ISO-M1", percent(330, 450)),
            ("effectiveness", "ISO-M1", percent(250, 330)),
            ("oee", "ISO-M1", percent(240, 450)),
            ("utilization", "ISO-M1", percent(450, 1440)),
            ("net_availability", "ISO-M1", percent(360, 480)),
            ("allocation_efficiency", "ISO-M1", percent(360, 480)),
            # 5.5 h with one failure, of which 0.5 h repair
            ("mtbf", "ISO-M1", 2.75),
            ("mttf", "ISO-M1", 2.5),
            ("mttr", "ISO-M1", 0.5),
            # a machine that ran and counted nothing
            ("quality_ratio", "W33-M1", 0.0),
            ("oee_quality", "W33-M1", 0.0),
            ("effectiveness", "W33-M1", 0.0),
            ("oee", "W33-M1", 0.0),
        ],
    )
    def test_values(self, otherwise, kpi, node, exact):
        assert otherwise.value(kpi, node, *DAY) == exact

    def test_no_production_is_no_data_by_default(self, published):
        for kpi in ("quality_ratio", "oee_quality"):
            assert published.value(kpi, "W33-M1", *DAY) is None
        assert published.value("oee", "W33-M1", *DAY) == 0.0

    @pytest.mark.slow
    def test_nothing_else_changes(self, published, otherwise):
        columns = "kpi_id, node_id, period_type, period_start, period_end, value"
        one, other = (
            set(version.rows(f"select {columns} from kpi_value"))
            for version in (published, otherwise)
        )
        assert {row[0] for row in one ^ other} == {
            "allocation_efficiency",
            "availability",
            "effectiveness",
            "mtbf",
            "mttf",
            "nee",
            "net_availability",
            "oee",
            "oee_availability",
            "oee_quality",
            "quality_ratio",
            "utilization",
        }
