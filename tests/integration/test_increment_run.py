"""`scorecard run` after late rows: what it restates, and what a run killed meanwhile leaves."""

import os
import signal
import subprocess
import time
from datetime import datetime, timedelta

import duckdb
import pytest
from feed import SCORECARD, Feed, Published, command, run
from test_pipeline import fingerprints

pytestmark = pytest.mark.slow

SHIFT = datetime.fromisoformat("2026-03-02T06:00:00")
DAYS = 3
CONFIG = """
enterprise: {code: E, name: E, time_zone: UTC, currency: EUR, as_of: data}
sources: [{name: feed, system: files, path: feed}]
"""
LOG = {"touched_slice", "arrived_batch", "read_batch"}


def plant(*, late=0):
    """Two machines, three shifts; with `late` pieces that were forgotten on the first day."""
    feed = Feed()
    feed.add("erp_item", item_code="P", name="P", type="finished", base_uom="PCE")
    feed.add("mes_equipment", equipment_code="S", name="S", level="site")
    for machine in ("M1", "M2"):
        feed.add(
            "mes_equipment", equipment_code=machine, name=machine, level="machine", parent_code="S"
        )
        for day in range(DAYS):
            start = SHIFT + timedelta(days=day)
            feed.add(
                "mes_shift",
                equipment_code=machine,
                start_ts=start,
                end_ts=start + timedelta(hours=8),
                shift_code="E",
                production_date=start.date(),
            )
            feed.add(
                "mes_equipment_state",
                equipment_code=machine,
                start_ts=start,
                end_ts=start + timedelta(hours=8),
                state="RUN",
            )
            good = 100 + (late if (machine, day) == ("M1", 0) else 0)
            feed.add(
                "mes_production_count",
                count_id=f"{machine}-{day}",
                is_final_op="true",
                equipment_code=machine,
                item_code="P",
                counted_at=start + timedelta(hours=7),
                qty_total=good,
                qty_good=good,
                qty_scrap=0,
                pri_s=144,
            )
    return feed


def kill_while(home, config, phase):
    """Start a run and kill it as soon as it says that it is in this phase."""
    with subprocess.Popen(
        [SCORECARD, "run", "--config", config],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"SCORECARD_HOME": str(home)},
    ) as process:
        for line in process.stderr:
            if phase in line:
                break
        deadline = time.monotonic() + 300
        while process.poll() is None and time.monotonic() < deadline and not touched(home):
            time.sleep(0.1)
        process.send_signal(signal.SIGKILL)


def touched(home):
    """True once the build has noted that something changed."""
    try:
        with duckdb.connect(str(home / "warehouse/warehouse.duckdb"), read_only=True) as con:
            return con.execute("select count(*) from touched_slice").fetchone() != (0,)
    except duckdb.Error:  # the build holds the file
        return (home / "warehouse/warehouse.duckdb.wal").exists()


@pytest.fixture(scope="module")
def corrected(tmp_path_factory):
    """Published, then corrected by a run that was killed and another one: home, both states."""
    folder = tmp_path_factory.mktemp("corrected")
    config, home = folder / "scorecard.yml", folder / "home"
    config.write_text(CONFIG, "utf-8")
    plant().write(folder / "feed")
    version = run(config, home).folder.name
    for path in (folder / "feed").iterdir():
        path.unlink()
    (folder / "feed").rmdir()
    plant(late=50).write(folder / "feed")
    kill_while(home, config, "computing")
    published = run(config, home)
    incremental = fingerprints(home / "warehouse/warehouse.duckdb")
    restated = published.rows(
        "select * exclude (version) from restatement order by node_id, period_type, kpi_id"
    )
    names = [c for (c, *_) in published.rows("describe restatement") if c != "version"]
    command(config, home, "run", "--full")
    return (
        Published((home / "published/current").resolve()),
        version,
        [dict(zip(names, row, strict=True)) for row in restated],
        (incremental, fingerprints(home / "warehouse/warehouse.duckdb")),
    )


def test_a_run_that_was_killed_is_gone_on_with_and_equals_a_rebuild(corrected):
    *_, (incremental, rebuilt) = corrected
    assert {n for n in rebuilt if n not in LOG and rebuilt[n] != incremental.get(n)} == set()


def test_exactly_the_closed_periods_of_the_late_row_are_restated(corrected):
    _, version, restated, _ = corrected
    oee = [r for r in restated if r["kpi_id"] == "oee"]
    assert {r["node_id"] for r in oee} == {"E", "S", "M1"}
    assert {r["published_version"] for r in restated} == {version}
    assert {
        (r["period_start"].isoformat(), r["period_end"].isoformat())
        for r in oee
        if r["period_type"] == "day"
    } == {("2026-03-02", "2026-03-02")}
    (machine,) = [r for r in oee if r["node_id"] == "M1" and r["period_type"] == "day"]
    # 100 and 150 pieces of 144 s in 8 hours of 3600 s
    assert (machine["published_value"], machine["value"]) == (50.0, 75.0)
    assert machine["facts"] == "fct_production"
    assert machine["batches"].startswith("feed/")


def test_a_rebuild_keeps_the_record(corrected):
    published, _, restated, _ = corrected
    assert published.rows("select count(*) from restatement") == [(len(restated),)]
