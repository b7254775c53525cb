"""A compacted landing says the same as before, wherever its compaction is interrupted."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from extraction_rig import make_rig

from models.errors import LandingError
from sources.landing import MANIFEST, SourceLanding, replaced_manifests, verify
from sources.upkeep import compact

REPOSITORY = Path(__file__).parent.parent.parent
BATCHES = 6
SYSTEM = """
description: A vendor
database: sqlite
tables:
  event: {key: [id], change: cursor, cursor: changed}
  stock: {key: [item], change: full}
  rare: {key: [id], change: full}
"""


@pytest.fixture
def vendor(tmp_path):
    vendor = sqlite3.connect(tmp_path / "vendor.sqlite", isolation_level=None)
    with closing(vendor):
        vendor.executescript(
            "CREATE TABLE event (id INTEGER PRIMARY KEY, qty INTEGER, changed DATETIME);"
            "CREATE TABLE stock (item TEXT, qty INTEGER);"
            "CREATE TABLE rare (id INTEGER PRIMARY KEY);"
            "WITH RECURSIVE s(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM s WHERE v < 3000)"
            " INSERT OR IGNORE INTO rare SELECT abs(random()) FROM s;"
        )
        for id_ in range(50):
            vendor.execute("INSERT INTO event VALUES (?, 0, '2026-10-01 12:00:00')", (id_,))
            vendor.execute("INSERT INTO stock VALUES (?, 0)", (f"I{id_}",))
        yield vendor


@pytest.fixture
def rig(vendor, tmp_path, monkeypatch):
    """Several batches: every one changes rows, some also delete them or put them aside."""
    rig = make_rig(monkeypatch, tmp_path, SYSTEM, path=tmp_path / "vendor.sqlite")
    rig.run()
    for step in range(1, BATCHES):
        change(vendor, step)
        rig.run()
    assert len(rig.manifests()) == BATCHES
    return rig


def change(vendor, step):
    vendor.execute(
        "UPDATE event SET qty = ?, changed = ? WHERE id % 5 = ?",
        (step, f"2026-10-01 12:{step:02d}:00", step % 5),
    )
    vendor.execute("DELETE FROM stock WHERE item = ?", (f"I{step}",))
    if step == 2:
        vendor.execute("INSERT INTO event VALUES (90, 'many', '2026-10-01 12:02:00')")
        vendor.execute("INSERT INTO event VALUES (91, 'many', '2026-10-01 12:02:00')")
    if step == 3:
        vendor.execute("ALTER TABLE event ADD COLUMN shift TEXT DEFAULT 'early'")
    if step == 4:
        vendor.execute("UPDATE event SET qty = 1 WHERE id = 91")


def everything(rig):
    """The current state, what is put aside, and the watermarks."""
    live = [rig.live(table) for table in ("event", "stock", "rare")]
    aside = [row[:-1] for row in rig.aside()]
    entries = rig.manifests()[-1].tables
    return live, aside, {name: entry.watermark for name, entry in entries.items()}


def versions(rig, table="event"):
    columns = "id, qty, _op, _seq, _extracted_at"
    return rig.query(
        f"SELECT {columns} FROM read_parquet('{rig.files(table)}', union_by_name = true,"
        " hive_partitioning = false) ORDER BY _seq"
    )


def test_compacted_batch_is_equivalent(rig, vendor):
    before, all_versions, old = everything(rig), versions(rig), rig.manifests()
    outcome = compact(rig.source, rig.config, fewest=2)
    assert (outcome.replaced, outcome.expired) == (BATCHES, 0)
    assert (everything(rig), versions(rig)) == (before, all_versions)
    [manifest] = rig.manifests()
    assert [b.batch_id for b in manifest.replaces] == [m.batch_id for m in old]
    assert manifest.batch_id > old[-1].batch_id
    quarantined = sum(m.tables["event"].quarantined for m in old)
    assert manifest.tables["event"].quarantined == quarantined > 0
    assert [e.column for e in manifest.events] == ["shift"]
    assert verify(rig.config.landing, "plant") == 1
    # the source goes on where it was
    assert rig.run().batch_id is None
    change(vendor, 7)
    assert rig.run().tables["event"].upserts == 10
    assert len(rig.manifests()) == 2


def test_compaction_of_compacted_batches_keeps_every_manifest(rig, vendor):
    ids = [m.batch_id for m in rig.manifests()]
    ids.append(compact(rig.source, rig.config, fewest=2).batch_id)
    change(vendor, 7)
    ids.append(rig.run().batch_id)
    compact(rig.source, rig.config, fewest=2)
    [folder] = SourceLanding(rig.config.landing, "plant").folders()
    assert sorted(replaced_manifests(folder)) == sorted(ids)
    assert verify(rig.config.landing, "plant") == 1


def test_a_big_batch_stays_where_it_is(rig, monkeypatch):
    first, *others = SourceLanding(rig.config.landing, "plant").folders()
    before = everything(rig)
    sizes = [sum(p.stat().st_size for p in f.iterdir()) for f in (first, *others)]
    monkeypatch.setattr("sources.upkeep.SMALL_BYTES", max(sizes[1:]))
    assert sizes[0] > max(sizes[1:])
    assert compact(rig.source, rig.config, fewest=2).replaced == len(others)
    assert rig.manifests()[0].batch_id == first.name.removeprefix("batch=")
    assert everything(rig) == before
    assert verify(rig.config.landing, "plant") == 2


def test_few_batches_are_left_alone(rig):
    assert compact(rig.source, rig.config, fewest=BATCHES + 1).batch_id is None
    assert len(rig.manifests()) == BATCHES


@pytest.mark.parametrize("consumed", range(BATCHES + 1))
def test_base_models_neither_skip_nor_count_twice(rig, consumed):
    """As `current_state` reads: batches newer than the newest it holds, latest version per key."""
    landing = SourceLanding(rig.config.landing, "plant")
    held: dict[int, tuple] = {}

    def refresh(folders):
        known = max((row[0] for row in held.values()), default="")
        for folder in folders:
            batch, file = folder.name.removeprefix("batch="), folder / "event.parquet"
            if file.exists() and batch > known:
                for id_, qty, seq in rig.query(
                    f"SELECT id, qty, _seq FROM read_parquet('{file}', hive_partitioning = false)"
                    " ORDER BY _seq"
                ):
                    held[id_] = (batch, seq, qty)

    refresh(landing.folders()[:consumed])
    compact(rig.source, rig.config, fewest=2)
    refresh(landing.folders())
    assert sorted((id_, qty) for id_, (_, _, qty) in held.items()) == rig.live("event", "id, qty")


def test_retention_keeps_the_state_at_the_cutoff_and_all_since(rig):
    before, all_versions = everything(rig), versions(rig)
    third = rig.manifests()[2]
    config = rig.config.model_copy(update={"keep_history_days": 1})
    now = third.extracted_at + timedelta(days=1)
    outcome = compact(rig.source, config, now=now)
    assert everything(rig) == before
    kept = versions(rig)
    assert set(kept) < set(all_versions)
    lost = sorted(set(all_versions) - set(kept))
    assert outcome.expired >= len(lost) > 0

    def as_of(rows, moment):
        return {row[0]: row[1] for row in rows if row[4] <= moment}

    for manifest in [third, *rig.manifests()]:
        moment = manifest.extracted_at
        assert as_of(kept, moment) == as_of(all_versions, moment)
    assert verify(config.landing, "plant") == 1
    assert compact(rig.source, config, now=now).batch_id is None


def test_landing_verify_finds_a_tampered_file_after_compaction(rig):
    compact(rig.source, rig.config, fewest=2)
    [folder] = SourceLanding(rig.config.landing, "plant").folders()
    for name, message in (
        ("event.parquet", "event.parquet is not what was landed"),
        ("_replaced.parquet", "_replaced.parquet is not what was landed"),
    ):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
        with pytest.raises(LandingError, match=message):
            verify(rig.config.landing, "plant")
        (folder / name).write_bytes(content)
    text = (folder / MANIFEST).read_text()
    replaced = rig.manifests()[0].replaces[2].manifest_sha256
    (folder / MANIFEST).write_text(text.replace(replaced, "0" * 64))
    with pytest.raises(LandingError, match="does not hold the manifest of batch"):
        verify(rig.config.landing, "plant")


RUN = """
import os, shutil, signal, sys
from pathlib import Path
from models.config import Config, Enterprise, Source
from sources import landing, upkeep
folder, point = Path(sys.argv[1]), sys.argv[2]

def dying(owner, name, when, calls=1):
    original, seen = getattr(owner, name), []
    def run(*arguments, **options):
        seen.append(1)
        if when == "before" and len(seen) == calls:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **options)
        if when == "after" and len(seen) == calls:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, run)

owner, name, when, calls = {
    "amid the files": (upkeep._Compacting, "_write", "after", 1),
    "before the commit": (landing.Batch, "commit", "before", 1),
    "before the rename": (Path, "rename", "before", 1),
    "after the rename": (Path, "rename", "after", 1),
    "before the first removal": (Path, "rename", "before", 2),
    "amid the removals": (Path, "rename", "after", 3),
    "before a folder is deleted": (shutil, "rmtree", "before", 1),
    "after a folder is deleted": (shutil, "rmtree", "after", 1),
}[point]
dying(owner, name, when, calls)
source = Source(name="plant", system="vendor", path=folder / "vendor.sqlite")
enterprise = Enterprise(code="E", name="E", time_zone="Europe/Berlin", currency="EUR")
upkeep.compact(
    source, Config(enterprise=enterprise, sources=(source,), home=folder / "home"), fewest=2
)
"""


@pytest.mark.parametrize(
    ("point", "committed"),
    [
        ("amid the files", False),
        ("before the commit", False),
        ("before the rename", False),
        ("after the rename", True),
        ("before the first removal", True),
        ("amid the removals", True),
        ("before a folder is deleted", True),
        ("after a folder is deleted", True),
    ],
)
def test_kill9_mid_compaction(rig, vendor, tmp_path, point, committed):
    before, all_versions = everything(rig), versions(rig)
    process = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path), point], cwd=REPOSITORY, check=False
    )
    assert process.returncode == -signal.SIGKILL
    # readers that know nothing of it, and the check of the chain, while it lies there
    assert everything(rig) == before
    assert set(versions(rig)) == set(all_versions)
    verify(rig.config.landing, "plant")
    # whoever is next ends it
    change(vendor, 7)
    rig.run()
    assert len(rig.manifests()) == (2 if committed else BATCHES + 1)
    assert verify(rig.config.landing, "plant") == len(rig.manifests())
    assert not list(rig.folder().glob(".tmp-*"))
    assert (
        rig.live("event", "count(*)")
        == vendor.execute("SELECT count(*) FROM event WHERE typeof(qty) = 'integer'").fetchall()
    )
