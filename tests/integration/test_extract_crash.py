"""A run that dies at any moment leaves the whole batch or nothing, and the next one catches up."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from extraction_rig import make_rig

from models.errors import BusyError, LandingError, SourceError
from sources import extract
from sources.landing import SourceLanding

if TYPE_CHECKING:
    from extraction_rig import Rig

REPOSITORY = Path(__file__).parent.parent.parent
ROWS = 20_000
SYSTEM = """
description: A vendor
database: sqlite
tables:
  first: {key: [id], change: cursor, cursor: changed}
  second: {key: [id], change: cursor, cursor: changed}
  third: {key: [id], change: full}
"""
RUN = """
import os, signal, sys
from pathlib import Path
from models.config import Config, Enterprise, Source
from sources import extract, landing, spec
from sources.readers import sqlite
folder, point = Path(sys.argv[1]), sys.argv[2]
sqlite.BATCH_ROWS = 5_000

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def die_before(owner, name):
    setattr(owner, name, die)

def die_after(owner, name, calls=1):
    original, seen = getattr(owner, name), []
    def run(*arguments, **options):
        result = original(*arguments, **options)
        seen.append(1)
        return die() if len(seen) == calls else result
    setattr(owner, name, run)

progress = None
if len(sys.argv) > 3:
    extract.FIRST_LOAD_ROWS = int(sys.argv[3])
if point == "amid the first table":
    die_after(sqlite, "_batch")
elif point == "amid the second table":
    die_after(sqlite, "_batch", calls=6)
elif point == "between two tables":
    progress = die
elif point == "before the manifest":
    die_before(landing.Batch, "commit")
elif point == "while flushing":
    die_after(landing, "_flush", calls=2)
elif point == "before the rename":
    die_before(Path, "rename")
elif point == "after the rename":
    die_after(Path, "rename")
spec.SYSTEMS_DIR = folder / "systems"
source = Source(name="plant", system="vendor", path=folder / "vendor.sqlite")
enterprise = Enterprise(code="E", name="E", time_zone="Europe/Berlin", currency="EUR")
print("ready", flush=True)
extract.extract(
    source,
    Config(enterprise=enterprise, sources=(source,), home=folder / "home"),
    progress=progress,
)
"""


@pytest.fixture
def vendor(tmp_path) -> sqlite3.Connection:
    vendor = sqlite3.connect(tmp_path / "vendor.sqlite", isolation_level=None)
    vendor.execute("PRAGMA synchronous = off")
    for table in ("first", "second", "third"):
        vendor.execute(
            f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, n INTEGER, changed DATETIME)"
        )
        vendor.execute(
            "WITH RECURSIVE s(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM s "
            f"WHERE v < {ROWS}) INSERT INTO {table} "
            "SELECT v, v * 7, datetime(1790000000 + v, 'unixepoch') FROM s"
        )
    yield vendor
    vendor.close()


@pytest.fixture
def rig(vendor, tmp_path, monkeypatch) -> Rig:  # noqa: ARG001 - the vendor fills the file
    return make_rig(monkeypatch, tmp_path, SYSTEM, path=tmp_path / "vendor.sqlite")


def start(folder: Path, point: str, *options: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder), point, *options],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def change(vendor: sqlite3.Connection, seed: int) -> None:
    """Something new, something changed, something deleted."""
    moment = f"2027-01-01 00:00:{seed:02d}"
    for table in ("first", "second", "third"):
        vendor.execute(f"INSERT INTO {table} VALUES (?, 1, ?)", (10**6 + seed, moment))
        vendor.execute(
            f"UPDATE {table} SET n = -?, changed = ? WHERE id % 977 = ?", (seed, moment, seed)
        )
    vendor.execute("DELETE FROM third WHERE id % 991 = ?", (seed,))


def assert_equal_to_source(rig: Rig, vendor: sqlite3.Connection) -> None:
    for table in ("first", "second", "third"):
        source = set(vendor.execute(f"SELECT id, n FROM {table}").fetchall())
        landed = set(rig.live(table, "id, n"))
        assert (source - landed, landed - source) == (set(), set())
    assert not list(rig.folder().glob(".tmp-*"))


@pytest.mark.parametrize(
    "point",
    [
        "amid the first table",
        "amid the second table",
        "between two tables",
        "before the manifest",
        "while flushing",
    ],
)
def test_kill9_mid_load(rig, vendor, tmp_path, point):
    with start(tmp_path, point) as process:
        assert process.wait() == -signal.SIGKILL
    assert rig.manifests() == []
    change(vendor, 1)
    rig.run()
    assert_equal_to_source(rig, vendor)
    assert rig.run().batch_id is None


@pytest.mark.parametrize("point", ["before the rename", "after the rename"])
def test_crash_between_load_and_state(rig, vendor, tmp_path, point):
    """Rows and watermark land in one step: both are there, or neither is."""
    with start(tmp_path, point) as process:
        assert process.wait() == -signal.SIGKILL
    landed = rig.manifests()
    assert len(landed) == (1 if point == "after the rename" else 0)
    # what has landed is not read again, what has not is read whole
    assert (rig.run().batch_id is None) == bool(landed)
    [manifest] = rig.manifests()
    assert {entry.rows for entry in manifest.tables.values()} == {ROWS}
    assert_equal_to_source(rig, vendor)
    change(vendor, 1)
    rig.run()
    assert_equal_to_source(rig, vendor)


def test_an_interrupted_first_load_goes_on_from_its_last_batch(rig, vendor, tmp_path, monkeypatch):
    with start(tmp_path, "amid the second table", "10000") as process:
        assert process.wait() == -signal.SIGKILL
    [manifest] = rig.manifests()
    assert list(manifest.tables) == ["first"]
    assert rig.has_new_data()
    change(vendor, 1)
    monkeypatch.setattr(extract, "FIRST_LOAD_ROWS", 10_000)
    report = rig.run()
    changed = len(vendor.execute("SELECT * FROM first WHERE n < 0 OR id > 100000").fetchall())
    assert report.tables["first"].rows == changed < ROWS / 10
    assert report.tables["second"].rows == ROWS + 1
    assert_equal_to_source(rig, vendor)
    assert len(rig.manifests()) == 2
    assert rig.run().batch_id is None


def test_a_first_load_of_several_batches_is_one_snapshot(rig, vendor, monkeypatch):
    monkeypatch.setattr(extract, "FIRST_LOAD_ROWS", 10_000)
    vendor.execute("UPDATE first SET n = 'many' WHERE id = 5")
    report = rig.run()
    first, second, third = rig.manifests()
    assert [list(m.tables) for m in rig.manifests()] == [
        ["first"],
        ["first", "second"],
        ["first", "second", "third"],
    ]
    assert first.extracted_at == second.extracted_at == third.extracted_at
    assert report.batch_id == third.batch_id
    assert [m.quarantine_sha256 is not None for m in rig.manifests()] == [True, False, False]
    assert rig.run().batch_id is None


def test_kill9_at_random_moments(rig, vendor, tmp_path):
    choose = random.Random(7)
    rig.run()
    for seed in range(1, 5):
        change(vendor, seed)
        with start(tmp_path, "never") as process:
            process.stdout.readline()
            time.sleep(choose.random() * 0.6)
            process.kill()
        if seed % 2 == 0:
            rig.run()
            assert_equal_to_source(rig, vendor)


def test_disk_full(rig, vendor, tmp_path):
    change(vendor, 1)
    limit = 2_000

    def no_space() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    process = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path), "never"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=no_space,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert process.returncode == 1
    assert LandingError.__name__ in process.stderr
    assert "disk is full" in process.stderr or "cannot be written" in process.stderr
    assert rig.manifests() == []
    rig.run()
    assert_equal_to_source(rig, vendor)


def test_oom(rig, vendor):
    """With little memory a comparison spills; with next to none it ends in one sentence."""
    vendor.execute(f"INSERT INTO third SELECT id + {ROWS}, n, changed FROM first")
    little = replace(rig, config=rig.config.model_copy(update={"extraction_memory_mb": 64}))
    little.run()
    change(vendor, 1)
    none = replace(rig, config=rig.config.model_copy(update={"extraction_memory_mb": 1}))
    with pytest.raises(SourceError, match="1 MB of memory are not enough for table") as caught:
        none.run()
    assert "extraction_memory_mb" in caught.value.hint
    assert len(rig.manifests()) == 1
    little.run()
    assert_equal_to_source(rig, vendor)


def test_two_runs_same_table(rig, vendor):  # noqa: ARG001 - the vendor fills the file
    with (
        SourceLanding(rig.config.landing, "plant").locked(),
        pytest.raises(BusyError, match="Another run is extracting source 'plant'"),
    ):
        rig.run()
    rig.run()
