"""Any sequence of increments ends with the rows of one computation of everything.

What was computed once can be computed again.

Batches are landed directly, with dbt kept in process; the tables that never change are computed
once. What a person types is in `test_pipeline`.
"""

import shutil
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from models.config import Config, Enterprise, Source
from models.contract import canonical_tables
from models.strategy import strategy
from orchestration.resident import ResidentBuild
from sources.definitions import write_definitions

pytestmark = pytest.mark.slow

START = datetime.fromisoformat("2026-03-02T05:00:00")  # 06:00 in Berlin
MACHINES = ("M1", "M2")
SHIFT_H = 8
HANDOVER = time(18)
DAYS = 12
STATES = ("RUN", "STOP", "SETUP", "IDLE", "PLANNED")
INTERNAL = {"touched_slice", "arrived_batch", "read_batch"}


class Plant:
    """A landing whose batches a test writes, and the warehouse computed from it."""

    def __init__(self, home, zone="Europe/Berlin"):
        self.config = Config(
            enterprise=Enterprise(code="E", name="E", time_zone=zone, currency="EUR"),
            sources=(Source(name="plant", system="files", path=home / "feed"),),
            home=home,
        )
        self.batches = 0
        self.sequence = 0

    def land(self, at, rows, *, everything=False):
        """Land one batch: by table, rows with their key, or (key, None) for a deletion."""
        self.batches += 1
        folder = self.config.landing / f"plant/batch={at:%Y%m%dT%H%M%S}.{self.batches:06}Z"
        folder.mkdir(parents=True)
        for name, table in canonical_tables().items():
            if not rows.get(name) and not everything:
                continue
            schema = table.arrow_schema
            out = []
            for row, operation in rows.get(name, ()):
                self.sequence += 1
                out.append(
                    {c: row.get(c) for c in schema.names}
                    | {"_op": operation, "_seq": self.sequence, "_extracted_at": at}
                )
            schema = pa.schema([pa.field(f.name, f.type) for f in schema]).append(
                pa.field("_op", pa.string())
            )
            schema = schema.append(pa.field("_seq", pa.int64()))
            schema = schema.append(pa.field("_extracted_at", pa.timestamp("us")))
            pq.write_table(pa.Table.from_pylist(out, schema=schema), folder / f"{name}.parquet")

    def rows(self, sql):
        with duckdb.connect(str(self.config.warehouse), read_only=True) as con:
            return con.execute(sql).fetchall()


def contents(warehouse):
    """Every row of every table, whatever the order."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        names = [n for (n,) in con.execute("select table_name from duckdb_tables()").fetchall()]
        return {
            name: con.execute(f'select count(*), sum(hash(t)::hugeint) from "{name}" t').fetchone()
            for name in names
            if name not in INTERNAL
        }


def upserts(*rows):
    return [(row, "upsert") for row in rows]


def master():
    """Organization, shifts, items: what the events refer to."""
    shifts = [
        {
            "equipment_code": "S",
            "start_ts": START + timedelta(hours=SHIFT_H * i),
            "end_ts": START + timedelta(hours=SHIFT_H * (i + 1)),
            "shift_code": "ABC"[i % 3],
            "production_date": (START + timedelta(hours=SHIFT_H * i + 1)).date(),
            "planned_break_min": 30,
        }
        for i in range(3 * (DAYS + 4))
    ]
    return {
        "mes_equipment": upserts(
            {"equipment_code": "S", "name": "S", "level": "site"},
            *(
                {"equipment_code": m, "name": m, "level": "machine", "parent_code": "S"}
                for m in MACHINES
            ),
        ),
        "mes_shift": upserts(*shifts),
        "erp_item": upserts(
            {"item_code": "P", "name": "P", "base_uom": "PCE", "pri_s": 30, "std_cost_current": 2},
            {"item_code": "U", "name": "Without planned run time", "base_uom": "PCE"},
        ),
        "mes_downtime_reason": upserts({"reason_code": "R", "name": "R", "kind": "loss"}),
    }


def state(machine, minute, minutes, kind):
    start = START + timedelta(minutes=minute)
    end = None if minutes is None else start + timedelta(minutes=minutes)
    return {
        "equipment_code": machine,
        "start_ts": start,
        "end_ts": end,
        "state": kind,
        "reason_code": "R" if kind == "STOP" else None,
    }


def pattern(weekdays, start="10:00", end="18:00"):
    """Shifts of the second machine, which has those of the site without."""
    return {
        "equipment_code": "M2",
        "shift_code": "P",
        "valid_from": START.date() + timedelta(days=2),
        "weekdays": weekdays,
        "start_time": start,
        "end_time": end,
    }


def closed(day, shift=None):
    """A day of the site without patterned shifts."""
    return {
        "equipment_code": "S",
        "exception_date": START.date() + timedelta(days=day),
        "shift_code": shift,
    }


def count(number, minute, good, operation=(None, None), machine="M1"):
    order, op_seq = operation
    return {
        "count_id": f"C{number}",
        "is_final_op": True,
        "equipment_code": machine,
        "item_code": "P",
        "order_no": order,
        "op_seq": op_seq,
        "counted_at": START + timedelta(minutes=minute),
        "qty_total": good + 1,
        "qty_good": good,
        "qty_scrap": 1,
    }


def history():
    """A week of alternating states and hourly counts."""
    states, counts = [], []
    for m, machine in enumerate(MACHINES):
        for i in range(7 * 12):
            kind = STATES[(i + m) % len(STATES)]
            states += [state(machine, 120 * i, 110 + 7 * m, kind)]
        counts += [count(1000 * m + i, 60 * i + 5, 20 + i % 7, machine=machine) for i in range(168)]
    return {"mes_equipment_state": upserts(*states), "mes_production_count": upserts(*counts)}


def first_week(plant, tables):
    """The plant after its first week, computed; the dbt that does it; and where that is kept."""
    write_definitions(plant.config, strategy(), folder=plant.config.definitions)
    plant.land(START + timedelta(days=7), tables | history(), everything=True)
    resident = ResidentBuild(plant.config)
    resident.build()
    saved = plant.config.home.with_name("saved")
    shutil.copytree(plant.config.home, saved)
    return plant, resident, saved


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return first_week(Plant(tmp_path_factory.mktemp("plant") / "home"), master())


@pytest.fixture(scope="module", params=["Pacific/Honolulu", "Pacific/Kiritimati"])
def far_away(request, tmp_path_factory):
    """A plant whose days are not those of UTC; its one shift is booked to the evening it begins."""
    zone = ZoneInfo(request.param)
    evening = datetime.combine(START.date() - timedelta(days=2), HANDOVER, zone)
    shifts = [
        {
            "equipment_code": "S",
            "start_ts": (evening + timedelta(days=i)).astimezone(UTC).replace(tzinfo=None),
            "end_ts": (evening + timedelta(days=i + 1)).astimezone(UTC).replace(tzinfo=None),
            "shift_code": "A",
            "production_date": evening.date() + timedelta(days=i),
            "planned_break_min": 60,
        }
        for i in range(DAYS + 4)
    ]
    plant = Plant(tmp_path_factory.mktemp("far") / "home", request.param)
    return first_week(plant, master() | {"mes_shift": upserts(*shifts)})


def restored(plant, saved):
    """The plant as it was after its first week."""
    for name in ("landing", "warehouse"):
        shutil.rmtree(plant.config.home / name)
        shutil.copytree(saved / name, plant.config.home / name)
    plant.batches = 1
    return plant


def unlike_a_rebuild(plant, resident, changed):
    """Names of the tables that differ from what they are when computed whole from the same landing.

    `changed`: the landed tables from which anything can differ.
    """
    increments = contents(plant.config.warehouse)
    tables = [f"base_files__{table}" for table in changed]
    resident.build(
        full=True, only=[*tables, *(f"{t}+,config.materialized:tracked" for t in tables)]
    )
    rebuilt = contents(plant.config.warehouse)
    return {
        name
        for name in rebuilt.keys() | increments.keys()
        if rebuilt.get(name) != increments.get(name)
    }


STATE = st.builds(
    lambda m, at, long, kind, op: (
        "mes_equipment_state",
        (state(m, at, long, kind), op),
    ),
    st.sampled_from(MACHINES),
    # every 120 minutes is the beginning of a state of the first week: a correction
    st.one_of(st.integers(0, 84).map(lambda i: 120 * i), st.integers(0, 60 * 24 * DAYS)),
    st.one_of(st.none(), st.integers(1, 4000)),
    st.sampled_from(STATES),
    st.sampled_from(["upsert", "upsert", "upsert", "delete"]),
)
EVENT = st.one_of(
    STATE,
    st.builds(
        lambda number, at, good, operation, op: (
            "mes_production_count",
            (count(number, at, good, operation), op),
        ),
        st.integers(0, 300),
        st.integers(0, 60 * 24 * DAYS),
        st.integers(0, 500),
        st.sampled_from([(None, None), ("W1", 1), ("W1", 1), ("W1", 2)]),
        st.sampled_from(["upsert", "upsert", "upsert", "delete"]),
    ),
    st.builds(
        lambda pri: (
            "mes_operation",
            ({"order_no": "W1", "op_seq": 1, "pri_s": pri, "equipment_code": "M2"}, "upsert"),
        ),
        st.integers(1, 90),
    ),
    st.builds(
        lambda pri: (
            "erp_item",
            ({"item_code": "P", "name": "P", "base_uom": "PCE", "pri_s": pri}, "upsert"),
        ),
        st.integers(1, 90),
    ),
    st.builds(
        lambda weekdays, op: ("mes_shift_pattern", (pattern(weekdays), op)),
        st.sampled_from(["12345", "1234567"]),
        st.sampled_from(["upsert", "delete"]),
    ),
    st.builds(
        lambda day, op: ("mes_calendar_exception", (closed(day), op)),
        st.integers(0, DAYS),
        st.sampled_from(["upsert", "delete"]),
    ),
    st.builds(
        lambda number, at: (
            "mes_production_count",
            (count(number, at, 5, machine="M2") | {"item_code": "U"}, "upsert"),
        ),
        st.integers(0, 300),
        st.integers(0, 60 * 24 * DAYS),
    ),
)


def known_as(code, machine):
    """The mapping of a code that the organization does not know."""
    return {"entity": "mes_equipment", "source_code": code, "conformed_code": machine}


UNRATED = count(999, 60 * 24 * 8, 5, machine="M2") | {"item_code": "U"}


@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # an example costs seconds: it is not made smaller
    suppress_health_check=list(HealthCheck),
)
@given(batches=st.lists(st.lists(EVENT, min_size=1, max_size=8), min_size=2, max_size=3))
@example(  # shifts by pattern come, have a holiday, and go; output without planned run time, too
    batches=[
        [
            ("mes_shift_pattern", (pattern("1234567"), "upsert")),
            ("mes_production_count", (UNRATED, "upsert")),
        ],
        [
            ("mes_calendar_exception", (closed(8), "upsert")),
            ("mes_production_count", (UNRATED | {"item_code": "P"}, "upsert")),
        ],
        [("mes_shift_pattern", (pattern("1234567"), "delete"))],
    ]
)
@example(  # an order turns out to have begun with another operation; then that count is taken back
    batches=[
        [
            ("mes_production_count", (count(990 + day, 60 * 24 * day, 7, ("W1", 1)), "upsert"))
            for day in (1, 4, 6)
        ],
        [("mes_production_count", (count(997, 60 * 24 * 8, 9, ("W1", 0)), "upsert"))],
        [("mes_production_count", (count(997, 60 * 24 * 8, 9, ("W1", 0)), "delete"))],
    ]
)
@example(  # rows are refused, then mapped, and meet those that are there; then both are corrected
    batches=[
        [
            ("mes_equipment_state", (state("X", 0, 50, "STOP"), "upsert")),
            ("mes_production_count", (count(998, 300, 7, machine="X"), "upsert")),
        ],
        [("xref_code", (known_as("X", "M1"), "upsert"))],
        [
            ("mes_equipment_state", (state("X", 0, 40, "IDLE"), "upsert")),
            ("mes_equipment_state", (state("X", 120, 40, "STOP"), "upsert")),
            ("mes_production_count", (count(998, 400, 7, machine="Y"), "upsert")),
        ],
        [("mes_equipment_state", (state("M1", 120, 30, "SETUP"), "upsert"))],
    ]
)
def test_increments_equal_a_rebuild(base, batches):
    plant, resident, saved = base
    restored(plant, saved)
    changed = set()
    for day, events in enumerate(batches):
        rows = {}
        for table, event in events:
            rows.setdefault(table, []).append(event)
        changed |= rows.keys()
        plant.land(START + timedelta(days=7, hours=20 * (day + 1)), rows)
        resident.build()
    assert unlike_a_rebuild(plant, resident, sorted(changed)) == set()


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(
    corrections=st.lists(
        st.builds(
            state,
            st.sampled_from(MACHINES),
            st.integers(0, 83).map(lambda i: 120 * i),
            st.one_of(st.none(), st.integers(1, 4000)),
            st.sampled_from(STATES),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_corrections_reach_every_day_that_they_are_booked_to(far_away, corrections):
    plant, resident, saved = far_away
    restored(plant, saved)
    plant.land(START + timedelta(days=8), {"mes_equipment_state": upserts(*corrections)})
    resident.build()
    assert unlike_a_rebuild(plant, resident, ["mes_equipment_state"]) == set()


@pytest.mark.parametrize("at_once", [1, 30])
@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(events=st.lists(STATE, max_size=40))
@example(  # open states at the end of a slice and before silence; one that lasts over many slices
    events=[
        ("mes_equipment_state", (state("M1", 120 * i, None, "RUN"), "upsert")) for i in range(84)
    ]
    + [
        ("mes_equipment_state", (state("M2", 120, 60 * 24 * 20, "OFF"), "upsert")),
        ("mes_equipment_state", (state("M1", 60 * 24 * 11, None, "STOP"), "upsert")),
    ]
)
def test_slices_of_time_give_what_all_at_once_gives(base, monkeypatch, at_once, events):
    plant, resident, saved = base
    restored(plant, saved)
    rows = [row for _, row in events] or upserts(state("M1", 0, 50, "STOP"))
    plant.land(START + timedelta(days=13), {"mes_equipment_state": rows})
    resident.build(full=True, only=["+fct_state_time"])
    whole = contents(plant.config.warehouse)
    monkeypatch.setenv("SCORECARD_STATES_AT_ONCE", str(at_once))
    resident.build(full=True, only=["state_piece"])
    sliced = contents(plant.config.warehouse)
    assert "state_piece__scope" in sliced
    assert sliced["state_piece"] == whole["state_piece"]


def test_kpi_reproduce(base):
    """What was computed before rows were corrected comes again, exactly, from what had landed."""
    plant, resident, saved = base
    restored(plant, saved)
    before = contents(saved / "warehouse" / plant.config.warehouse.name)
    known = set(plant.config.landing.glob("plant/batch=*"))
    plant.land(START + timedelta(days=8), {"mes_production_count": upserts(count(3, 185, 500))})
    resident.build()
    assert contents(plant.config.warehouse)["kpi_value"] != before["kpi_value"]
    for batch in set(plant.config.landing.glob("plant/batch=*")) - known:
        shutil.rmtree(batch)
    resident.build()
    assert contents(plant.config.warehouse) == before
