"""What a source may do to its schema, what never lands in plain, and what is put aside."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from contextlib import closing

import pytest
from extraction_rig import make_rig

from models.errors import ConfigError

SYSTEM = """
description: A vendor
database: sqlite
tables:
  event: {key: [id], change: cursor, cursor: changed}
  staff: {key: [badge], change: full}
"""
PERSONAL = SYSTEM.replace("staff: {key: [badge]", "staff: {key: [badge], hash: [badge, name]")
KEY = "0123456789abcdef0123456789abcdef"
NAME = "Ivan Petrov"


@pytest.fixture
def vendor(tmp_path):
    vendor = sqlite3.connect(tmp_path / "vendor.sqlite", isolation_level=None)
    with closing(vendor):
        vendor.executescript(
            "CREATE TABLE event (id INTEGER PRIMARY KEY, machine TEXT, qty INTEGER,"
            " changed DATETIME);"
            "CREATE TABLE staff (badge INTEGER, name TEXT, hours INTEGER);"
            "INSERT INTO event VALUES (1, 'M1', 5, '2026-10-01 12:01:00'),"
            " (2, 'M1', 6, '2026-10-01 12:02:00');"
            f"INSERT INTO staff VALUES (17, '{NAME}', 8), (18, NULL, 7);"
        )
        yield vendor


@pytest.fixture
def make(vendor, tmp_path, monkeypatch):  # noqa: ARG001 - the vendor fills the file
    def make(system=SYSTEM, **source):
        return make_rig(monkeypatch, tmp_path, system, path=tmp_path / "vendor.sqlite", **source)

    return make


def add_column(vendor):
    vendor.execute("ALTER TABLE event ADD COLUMN shift TEXT DEFAULT 'early'")
    vendor.execute("UPDATE staff SET hours = 9 WHERE badge = 17")


def events(rig):
    return [(e.table, e.column, e.what, e.after) for e in rig.manifests()[-1].events]


def test_schema_added_col_evolve(make, vendor):
    rig = make()
    rig.run()
    add_column(vendor)
    assert rig.run().tables["event"].upserts == 2
    assert events(rig) == [("event", "shift", "added", "VARCHAR")]
    assert rig.run().batch_id is None


def test_schema_added_col_evolve_of_an_empty_column_is_recorded_once(make, vendor):
    rig = make()
    rig.run()
    vendor.execute("ALTER TABLE event ADD COLUMN shift TEXT")
    assert rig.run().tables["event"].rows == 0
    assert events(rig) == [("event", "shift", "added", "VARCHAR")]
    assert rig.run().batch_id is None
    vendor.execute("INSERT INTO event VALUES (3, 'M1', 1, '2026-10-01 12:03:00', 'late')")
    assert rig.run().tables["event"].upserts == 1
    assert rig.live("event", "shift") == [("late",), (None,), (None,)]


def test_schema_added_col_freeze(make, vendor):
    rig = make(on_new_column="freeze")
    rig.run()
    add_column(vendor)
    report = rig.run()
    assert "table event has a new column 'shift' (VARCHAR), and is frozen" in str(report.failure)
    assert "shift" not in rig.types("event")
    assert rig.live("staff", "max(hours)") == [(9,)]
    assert rig.run(full=True).failure is None
    assert rig.live("event", "DISTINCT shift") == [("early",)]
    assert events(rig) == [("event", "shift", "added", "VARCHAR")]
    assert rig.run().failure is None


def test_schema_added_col_discard(make, vendor):
    rig = make(on_new_column="discard")
    rig.run()
    add_column(vendor)
    report = rig.run()
    assert (report.failure, report.tables["event"].rows) == (None, 0)
    assert events(rig) == [("event", "shift", "discarded", "VARCHAR")]
    assert "shift" not in rig.manifests()[-1].tables["event"].columns
    # told once, also when the table itself changes
    vendor.execute("UPDATE event SET qty = 7, changed = '2026-10-01 12:05:00' WHERE id = 1")
    assert rig.run().tables["event"].upserts == 1
    assert events(rig) == []
    # another contract takes the column up, whole
    rig = make(on_new_column="evolve")
    assert rig.run().tables["event"].upserts == 2
    assert events(rig) == [("event", "shift", "added", "VARCHAR")]


def test_drift_mid_run(make, vendor, monkeypatch):
    """What the vendor alters while a run is at work belongs to the next one."""
    from sources.readers.sqlite import SqliteReader  # noqa: PLC0415 - only here

    vendor.execute("PRAGMA journal_mode = wal")
    rig = make()
    rig.run()
    rows = SqliteReader.rows

    def alter_in_between(self, table, since):
        if table.spec.name == "event":
            vendor.execute("ALTER TABLE event DROP COLUMN machine")
        return rows(self, table, since)

    with monkeypatch.context() as patch:
        patch.setattr(SqliteReader, "rows", alter_in_between)
        vendor.execute("UPDATE event SET qty = 9, changed = '2026-10-01 12:05:00' WHERE id = 2")
        assert rig.run().failure is None
    assert rig.live("event", "id, machine, qty") == [(1, "M1", 5), (2, "M1", 9)]
    assert "'machine' of table event (VARCHAR) is gone" in str(rig.run().failure)


def test_pii_canary(make, vendor, monkeypatch):
    """A name lands nowhere: not as a value, not among rows put aside, not in a message."""
    monkeypatch.setenv("SCORECARD_HASH_KEY", KEY)
    rig = make(PERSONAL)
    vendor.execute("INSERT INTO staff VALUES (19, ?, 'many')", (NAME,))
    vendor.execute("INSERT INTO staff VALUES (20, ?, 1)", (b"\xff" + NAME.encode(),))
    vendor.execute("INSERT INTO staff VALUES (21, ?, 1), (21, ?, 1)", (NAME, NAME))
    report = rig.run()
    assert report.tables["staff"].quarantined == 4
    assert rig.quarantine() == [
        ("staff", "badge: the key is not unique"),
        ("staff", "badge: the key is not unique"),
        ("staff", "hours: text 'many' is no BIGINT"),
        ("staff", "name: cannot be read, and is personal"),
    ]
    assert NAME not in rig.text()

    def expected(text):
        return hmac.new(KEY.encode(), text.encode(), hashlib.sha256).hexdigest()

    assert rig.live("staff") == sorted(
        [(expected("17"), expected(NAME), 8), (expected("18"), None, 7)]
    )
    assert rig.manifests()[-1].tables["staff"].hashed == ("badge", "name")
    assert rig.run().batch_id is None


def test_without_the_key_nothing_is_read(make, monkeypatch):
    rig = make(PERSONAL)
    for value in (None, "short"):
        if value:
            monkeypatch.setenv("SCORECARD_HASH_KEY", value)
        with pytest.raises(ConfigError, match="Table staff has personal columns"):
            rig.run()
    assert rig.manifests() == []


def test_another_key_is_refused(make, monkeypatch):
    monkeypatch.setenv("SCORECARD_HASH_KEY", KEY)
    rig = make(PERSONAL)
    rig.run()
    monkeypatch.setenv("SCORECARD_HASH_KEY", KEY[::-1])
    with pytest.raises(ConfigError, match="is not the key"):
        rig.run()
    assert rig.run(full=True).tables["staff"].upserts == 2
    assert KEY not in rig.text()


def test_a_column_that_becomes_personal_lands_again(make, monkeypatch):
    rig = make()
    rig.run()
    assert NAME in rig.text()
    monkeypatch.setenv("SCORECARD_HASH_KEY", KEY)
    rig = make(SYSTEM.replace("staff: {key: [badge]", "staff: {key: [badge], hash: [name]"))
    assert rig.run().tables["staff"].upserts == 1
    assert NAME not in {name for (name,) in rig.live("staff", "name")}


def test_a_row_put_aside_comes_back_when_its_cause_is_gone(make, vendor):
    rig = make()
    vendor.execute("INSERT INTO event VALUES (3, 'M1', 'many', '2026-10-01 10:00:00')")
    vendor.execute("INSERT INTO event VALUES (4, 'M1', 'lots', '2026-10-01 10:00:00')")
    assert rig.run().tables["event"].quarantined == 2
    vendor.execute("UPDATE event SET qty = 6, changed = '2026-10-01 12:30:00' WHERE id = 2")
    assert rig.run().tables["event"].upserts == 1
    # mended without touching the cursor, long before the overlap
    vendor.execute("UPDATE event SET qty = 1 WHERE id = 3")
    vendor.execute("DELETE FROM event WHERE id = 4")
    assert rig.has_new_data()
    assert rig.run().tables["event"].upserts == 1
    assert (3, 1) in rig.live("event", "id, qty")
    assert rig.aside() == []
    assert rig.run().batch_id is None
    vendor.execute("UPDATE event SET qty = 'many', changed = '2026-10-01 12:30:00' WHERE id = 3")
    assert rig.run().tables["event"].quarantined == 1
    assert [key for _, key, *_ in rig.aside()] == ['{"id":3}']
