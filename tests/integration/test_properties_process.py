"""Machine time as the warehouse computes it, against a simulation minute by minute.

Plants are generated: states that overlap, leave gaps, last or lie outside of shifts; shifts across
midnight, breaks that no state shows, machines without any shift, without counts, without planned
run time for some or all of their output, and output outside of planned time. The SQL is the
project's own, compiled once by dbt and run on tables in memory.
"""

from collections import Counter, defaultdict
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations

import duckdb
import pytest
from dbt_command import dbt_command
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from models.config import Config, Conventions, Enterprise, Source

FACTORS = ("oee_availability", "effectiveness", "oee_quality")
MODELS = (
    *(
        "clock_date",
        "state_day",
        "observed_node",
        "calendar_slot",
        "calendar_hour",
        "state_piece",
        "unseen_break",
        "fct_state_time",
        "fct_calendar_time",
    ),
    *("order_operation", "later_operation", "fct_production", "unrated_day"),
    *("kpi_oee", "kpi_oee_coverage"),
    *(f"kpi_{factor}" for factor in FACTORS),
)
START = datetime.fromisoformat("2026-03-02T00:00:00")
DAYS = 3
STEP = 10
"""Minutes; every instant that is generated is a multiple."""
STEPS = DAYS * 24 * 60 // STEP
SERIOUS = ("STOP", "SETUP", "PLANNED", "RUN", "IDLE", "OFF", "NODATA")
"""Which state wins where several overlap."""
ELEMENTS = ("apt", "aust", "adet", "idle", "planned_down", "no_data", "pbt", "duration")
INPUTS = f"""
attach ':memory:' as {{catalog}};
use {{catalog}};
create table clock as select timestamp '{START + timedelta(days=DAYS)}' as as_of,
    date '{(START + timedelta(days=DAYS)).date()}' as as_of_date;
create table dim_date as
    select cast(day as date) as date_day from generate_series(date '{START.date()}',
    date '{(START + timedelta(days=DAYS - 1)).date()}', interval 1 day) as days (day);
create table dim_organization as
    select node_id, 'machine' as node_level, 'UTC' as time_zone, ideal_rate_per_h
    from (values ('M', null), ('N', 60), ('W', null)) as node (node_id, ideal_rate_per_h);
create table organization_closure as
    select node_id as ancestor_id, node_id as descendant_id from dim_organization;
create table mes_equipment as
    select node_id as equipment_code, 's' as source_system, node_id as source_pk, 'b' as batch_id
    from dim_organization;
create table dim_item as
    select * from (values ('RATED', 30, 0), ('UNRATED', null, 0))
    as item (item_code, pri_s, std_cost_current);
create table standard_cost (item_code varchar, valid_from date, valid_to date, unit_cost double);
create table mes_operation (order_no varchar, op_seq bigint, equipment_code varchar, pri_s double,
    is_deleted boolean, source_system varchar);
create table production_order (order_no varchar, equipment_code varchar, source_system varchar);
create table mes_production_count (equipment_code varchar, item_code varchar, counted_at timestamp,
    order_no varchar, op_seq bigint, pri_s double, qty_total decimal(18, 6),
    qty_good decimal(18, 6), qty_scrap decimal(18, 6), qty_rework decimal(18, 6),
    reason_code varchar, is_final_op boolean, is_deleted boolean, source_system varchar,
    source_pk varchar, batch_id varchar);
create table mes_equipment_state (equipment_code varchar, start_ts timestamp, end_ts timestamp,
    state varchar, reason_code varchar, order_no varchar, is_deleted boolean, source_system varchar,
    source_pk varchar, batch_id varchar);
create table dim_shift (shift_id varchar, node_id varchar, start_ts timestamp, end_ts timestamp,
    production_date date, planned_break_s decimal(18, 6), source_system varchar,
    source_pk varchar, batch_id varchar);
"""


@contextmanager
def compiled_plant(home, **conventions):
    """A connection with empty inputs, and the models over them as views."""
    config = Config(
        enterprise=Enterprise(
            code="E",
            name="E",
            time_zone="UTC",
            currency="EUR",
            conventions=Conventions(**conventions),
        ),
        sources=(Source(name="feed", system="files", path=home / "feed"),),
        home=home,
    )
    config.warehouse.parent.mkdir(parents=True)
    dbt_command(config, "compile", "--select", *MODELS, "--target-path", home / "target")
    with duckdb.connect() as connection:
        connection.execute(INPUTS.format(catalog=config.warehouse.stem))
        for model in MODELS:
            (path,) = (home / "target/compiled").rglob(f"{model}.sql")
            connection.execute(f"create view {model} as {path.read_text('utf-8')}")
        yield connection


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    with compiled_plant(tmp_path_factory.mktemp("standard")) as connection:
        yield connection


@pytest.fixture(scope="module")
def plant_of_dialects(tmp_path_factory):
    """Where every choice that moves time between the factors of OEE differs from the standard's."""
    with compiled_plant(
        tmp_path_factory.mktemp("dialects"),
        minor_stops="performance",
        minor_stop_below_s=5 * STEP * 60,
        set_up="planned",
        planned_downtime="availability",
        zero_production="zero",
    ) as connection:
        yield connection


states = st.lists(
    st.tuples(
        st.integers(0, STEPS - 1),
        st.one_of(st.none(), st.integers(1, STEPS // 2)),
        st.sampled_from(SERIOUS),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda state: state[0],
)
shifts = st.lists(
    st.tuples(st.sampled_from(range(36, STEPS, 48)), st.integers(12, 48), st.sampled_from((0, 3))),
    max_size=6,
    unique_by=lambda shift: shift[0],
)


def at(step):
    return START + timedelta(minutes=STEP * step)


def simulated(states, shifts):
    """Seconds of each element per day, one step after the other."""
    ordered = sorted(states)
    covers = []
    for number, (start, length, state) in enumerate(ordered):
        following = ordered[number + 1][0] if number + 1 < len(ordered) else STEPS
        covers.append((start, following if length is None else min(start + length, STEPS), state))
    days = defaultdict(Counter)
    busy = defaultdict(Counter)
    for step in range(ordered[0][0], STEPS):
        shift = next((s for s in shifts if s[0] <= step < s[0] + s[1]), None)
        scheduled = shift is not None or not shifts
        day = at(shift[0] if shift else step).date()
        seen = [state for start, end, state in covers if start <= step < end]
        if not seen and not shift:
            continue
        state = min(seen, key=SERIOUS.index) if seen else "NODATA"
        element = {
            "RUN": "apt",
            "SETUP": "aust",
            "PLANNED": "planned_down",
            "NODATA": "no_data",
        }.get(state) or ({"STOP": "adet", "IDLE": "idle"}.get(state) if scheduled else None)
        counted = days[day]
        counted["duration"] += STEP * 60
        if element:
            counted[element] += STEP * 60
        if element in {"apt", "aust", "adet", "idle"}:
            counted["pbt"] += STEP * 60
            busy[shift][element] += STEP * 60
    for shift in shifts:
        start, length, pause = shift
        unseen = busy[shift].total() + STEP * 60 * (pause - length) if pause else 0
        for element in ("apt", "idle", "adet", "aust"):
            hidden = min(unseen, busy[shift][element])
            if hidden > 0:
                unseen -= hidden
                counted = days[at(start).date()]
                counted[element] -= hidden
                counted["pbt"] -= hidden
                counted["planned_down"] += hidden
    return days


counts = st.lists(
    st.tuples(
        st.integers(0, STEPS - 1),
        st.sampled_from(("RATED", "RATED", "UNRATED")),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    max_size=6,
)
"""When, of what, how many, and how many of them at most are good."""
machines = st.fixed_dictionaries(
    {node: st.tuples(states | st.just([]), shifts, counts) for node in ("M", "N", "W")}
)
"""M has planned run times of items only, N a rated speed for the others, W's items have none."""


def load(plant, states, shifts):
    load_plant(plant, {"M": (states, shifts, [])})


def load_plant(plant, machines):
    plant.execute(
        "delete from mes_equipment_state; delete from dim_shift; delete from mes_production_count"
    )
    for node, (states, shifts, counts) in machines.items():
        for number, (start, length, state) in enumerate(states):
            plant.execute(
                "insert into mes_equipment_state "
                "values (?, ?, ?, ?, null, null, false, 's', ?, 'b')",
                [
                    *(node, at(start), None if length is None else at(start + length), state),
                    f"{number:03}",
                ],
            )
        for start, length, pause in shifts:
            plant.execute(
                "insert into dim_shift values (?, ?, ?, ?, ?, ?, 's', 'k', 'b')",
                [
                    *(f"{node}@{start}", node, at(start), at(start + length), at(start).date()),
                    Decimal(STEP * 60 * pause),
                ],
            )
        for step, item, total, good in counts:
            plant.execute(
                "insert into mes_production_count values "
                "(?, ?, ?, null, null, null, ?, ?, 0, 0, null, true, false, 's', 'k', 'b')",
                [node, item, at(step), total, min(total, good)],
            )


def by_day(plant, table, columns):
    return {
        day: dict(zip(columns, sums, strict=True))
        for day, *sums in plant.execute(
            f"select date_day, {', '.join(f'sum({name}_s)' for name in columns)} "
            f"from {table} group by date_day"
        ).fetchall()
    }


generated = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@generated
@given(states=states, shifts=shifts)
def test_time_elements_equal_a_simulation_minute_by_minute(plant, states, shifts):
    load(plant, states, shifts)
    computed = by_day(plant, "fct_state_time", ELEMENTS)
    expected = {
        day: {name: Decimal(counted[name]) for name in ELEMENTS}
        for day, counted in simulated(states, shifts).items()
    }
    assert {d: v for d, v in computed.items() if any(v.values())} == expected


@generated
@given(states=states, shifts=shifts)
def test_state_times_sum_to_calendar_time(plant, states, shifts):
    """From the first whole day on, where some state is known all the time."""
    known = [(0, STEPS, "OFF"), *((s, n, state) for s, n, state in states if s > 0)]
    load(plant, known, shifts)
    computed = by_day(plant, "fct_state_time", ("duration",))
    calendar = by_day(plant, "fct_calendar_time", ("calendar",))
    assert {day: v["duration"] for day, v in computed.items()} == {
        day: v["calendar"] for day, v in calendar.items()
    }
    assert sum(v["calendar"] for v in calendar.values()) == DAYS * 86400


def parts(plant, kpi):
    """Numerator and denominator of each node and day."""
    return {
        (node, day): (Fraction(numerator), Fraction(denominator))
        for node, day, numerator, denominator in plant.execute(
            f"select node_id, date_day, sum(numerator), sum(denominator) from kpi_{kpi} "
            "group by node_id, date_day"
        ).fetchall()
    }


def measured(machines):
    """Good ideal and busy time of each machine-day that OEE counts, and busy time of all."""
    counted, busy = {}, {}
    for node, (states, shifts, counts) in machines.items():
        speed = {"RATED": 30, "UNRATED": 60 if node == "N" else None}
        rates = [(speed[item], total) for _, item, total, _ in counts]
        times = {d: v["pbt"] for d, v in simulated(states, shifts).items()} if states else {}
        busy |= {(node, day): Fraction(seconds) for day, seconds in times.items()}
        if rates and all(rate is None for rate, _ in rates):
            continue
        good, unknown = Counter(), set()
        for step, item, total, most in counts:
            shift = next((s for s in shifts if s[0] <= step < s[0] + s[1]), None)
            day = at(shift[0] if shift else step).date()
            good[day] += (speed[item] or 0) * min(total, most)
            if speed[item] is None and total:
                unknown.add(day)
        for day in ({*times} | {*good}) - unknown:
            counted[node, day] = Fraction(good[day]), Fraction(times.get(day, 0))
    return counted, busy


def total(parts, cells):
    """Sums of numerators and denominators over cells."""
    found = [parts[cell] for cell in cells if cell in parts]
    return sum((n for n, _ in found), Fraction()), sum((d for _, d in found), Fraction())


def assert_oee_is_the_product(plant):
    """Whatever machines and days are summed."""
    oee, *factors = (parts(plant, kpi) for kpi in ("oee", *FACTORS))
    days = sorted({day for _, day in oee})
    nodes = chain.from_iterable(combinations("MNW", size) for size in (1, 2, 3))
    for some in nodes:
        for first, last in combinations([*days, START.date() + timedelta(days=DAYS)], 2):
            cells = [(node, day) for node in some for day in days if first <= day < last]
            good, planned = total(oee, cells)
            run, made = total(factors[0], cells)[0], total(factors[1], cells)[0]
            if not (planned and run and made):
                continue
            product = Fraction(1)
            for factor in factors:
                numerator, denominator = total(factor, cells)
                product *= numerator / denominator
            assert product == good / planned


UNSEEN_BREAK = ([(36, 48, "RUN")], [(36, 48, 3)], [(40, "RATED", 9, 9)])
NOTHING_MADE = ([], [], [(1, "RATED", 9, 9), (200, "UNRATED", 0, 0)])


@generated
@given(machines=machines)
@example(machines={"M": UNSEEN_BREAK, "N": NOTHING_MADE, "W": ([], [], [])})
@example(machines={"M": NOTHING_MADE, "N": UNSEEN_BREAK, "W": UNSEEN_BREAK})
def test_oee_is_the_product_of_its_factors_over_the_machine_days_that_are_rated(plant, machines):
    load_plant(plant, machines)
    counted, busy = measured(machines)
    assert {cell: part for cell, part in parts(plant, "oee").items() if any(part)} == {
        cell: part for cell, part in counted.items() if any(part)
    }
    assert total(parts(plant, "oee_coverage"), busy) == (
        sum((busy_s for _, busy_s in counted.values()), Fraction()),
        sum(busy.values(), Fraction()),
    )
    assert_oee_is_the_product(plant)


@generated
@given(machines=machines)
@example(machines={"M": UNSEEN_BREAK, "N": NOTHING_MADE, "W": ([], [], [])})
def test_oee_is_the_product_of_its_factors_in_every_dialect(plant_of_dialects, machines):
    load_plant(plant_of_dialects, machines)
    assert_oee_is_the_product(plant_of_dialects)
