from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from extraction_rig import make_rig

from models.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from extraction_rig import Rig

SYSTEM = """
description: A vendor
database: sqlite
tables:
  event:
    key: [id]
    change: cursor
    cursor: changed
    overlap_minutes: 10
    control_total: qty
  stock:
    key: [item, place]
    change: full
"""


class Vendor:
    """A SQLite database that another process writes to."""

    def __init__(self, path):
        self.path = path
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = wal")

    def do(self, sql, *rows):
        if rows:
            self.db.executemany(sql, rows)
        else:
            self.db.execute(sql)

    def event(self, id_, changed, qty=1):
        self.do("INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?)", (id_, "M1", qty, changed))


@pytest.fixture
def vendor(tmp_path):
    vendor = Vendor(tmp_path / "vendor.sqlite")
    with closing(vendor.db):
        vendor.do(
            "CREATE TABLE event (id INTEGER PRIMARY KEY, machine TEXT, qty NUMERIC(10, 2),"
            " changed DATETIME)"
        )
        vendor.do("CREATE TABLE stock (item TEXT, place TEXT, qty INTEGER)")
        for id_ in range(1, 6):
            vendor.event(id_, f"2026-10-01 12:0{id_}:00", qty=id_ / 4)
        vendor.do("INSERT INTO stock VALUES (?, ?, ?)", ("A", "X", 1), ("A", "Y", 2), ("B", "X", 3))
        yield vendor


@pytest.fixture
def rig(vendor, tmp_path, monkeypatch) -> Rig:
    return make_rig(monkeypatch, tmp_path, SYSTEM, path=vendor.path)


def ids(rig):
    return [row[0] for row in rig.live("event", "id")]


def test_first_batch_has_every_table_typed_and_counted(rig):
    report = rig.run()
    [manifest] = rig.manifests()
    assert report.batch_id == manifest.batch_id
    assert rig.types("event") == {
        "id": "BIGINT",
        "machine": "VARCHAR",
        "qty": "DECIMAL(10,2)",
        "changed": "TIMESTAMP",
    }
    entry = manifest.tables["event"]
    assert (entry.rows, entry.source_rows, entry.landed_rows) == (5, 5, 5)
    assert entry.source_control_total == entry.landed_control_total == "3.75"
    assert entry.watermark == entry.newest_change == "2026-10-01 12:05:00"
    assert manifest.previous_manifest_sha256 is None
    assert rig.live("stock") == [("A", "X", 1), ("A", "Y", 2), ("B", "X", 3)]
    seqs = [
        row[0]
        for table in ("event", "stock")
        for row in rig.query(f"SELECT _seq FROM read_parquet('{rig.files(table)}')")
    ]
    assert sorted(seqs) == list(range(1, 9))


def test_empty_tables_land_with_their_types(rig, vendor):
    vendor.do("DELETE FROM stock")
    rig.run()
    assert rig.types("stock") == {"item": "VARCHAR", "place": "VARCHAR", "qty": "BIGINT"}
    assert rig.live("stock") == []


def test_silent_run_lands_no_batch(rig, vendor):
    rig.run()
    assert not rig.has_new_data()
    assert rig.run().batch_id is None
    # a write that leaves all rows as they were: the overlap is read again and compared
    vendor.do("UPDATE event SET machine = machine")
    vendor.do("UPDATE stock SET qty = qty")
    assert not rig.has_new_data()
    assert rig.run().batch_id is None
    assert len(rig.manifests()) == 1


def test_same_timestamp_boundary(rig, vendor):
    rig.run()
    vendor.event(6, "2026-10-01 12:05:00")
    assert rig.has_new_data()
    report = rig.run()
    assert report.tables["event"].upserts == 1
    assert ids(rig) == [1, 2, 3, 4, 5, 6]


def test_late_commit(rig, vendor):
    late = sqlite3.connect(vendor.path, isolation_level=None)
    with closing(late):
        late.execute("BEGIN")
        late.execute("INSERT INTO event VALUES (6, 'M1', 1, '2026-10-01 12:04:30')")
        rig.run()
        late.execute("COMMIT")
    assert rig.run().tables["event"].upserts == 1
    assert 6 in ids(rig)


def test_late_commit_beyond_overlap_is_found_by_a_full_run(rig, vendor):
    rig.run()
    vendor.event(6, "2026-10-01 11:00:00")
    assert rig.run().batch_id is None
    assert rig.run(full=True).tables["event"].upserts == 1


def test_null_cursor(rig, vendor):
    rig.run()
    vendor.event(6, None)
    vendor.event(7, None)
    assert rig.run().tables["event"].upserts == 2
    assert rig.run().batch_id is None
    vendor.event(7, None, qty=9)
    assert rig.run().tables["event"].upserts == 1
    assert rig.live("event", "id, qty")[-1] == (7, Decimal("9.00"))


def test_coarse_cursor(vendor, tmp_path, monkeypatch):
    vendor.do("CREATE TABLE note (id INTEGER PRIMARY KEY, day DATE)")
    system = SYSTEM + "  note: {key: [id], change: cursor, cursor: day}\n"
    rig = make_rig(monkeypatch, tmp_path, system, path=vendor.path)
    for id_ in (1, 2, 3):
        vendor.do("INSERT INTO note VALUES (?, ?)", (id_, "2026-10-01"))
        rig.run()
        assert len(rig.live("note", "id")) == id_


def test_cursor_in_text_and_with_offset(vendor, tmp_path, monkeypatch):
    vendor.do("CREATE TABLE note (id INTEGER PRIMARY KEY, at TEXT)")
    system = SYSTEM + "  note: {key: [id], change: cursor, cursor: at, overlap_minutes: 0}\n"
    rig = make_rig(monkeypatch, tmp_path, system, path=vendor.path)
    vendor.do("INSERT INTO note VALUES (?, ?)", (1, "2026-10-01T12:00:00Z"))
    rig.run()
    assert rig.manifests()[-1].tables["note"].watermark == "2026-10-01 12:00:00"
    vendor.do(
        "INSERT INTO note VALUES (?, ?)",
        (2, "2026-10-01 08:30:00-04:00"),
        (3, "0000-00-00 00:00:00"),
        (4, "unknown"),
    )
    assert rig.run().tables["note"].upserts == 3
    assert rig.manifests()[-1].tables["note"].watermark == "2026-10-01 12:30:00"
    assert rig.live("note")[1] == (2, "2026-10-01 08:30:00-04:00")


def test_growing_number_as_cursor(vendor, tmp_path, monkeypatch):
    system = SYSTEM.replace("cursor: changed\n    overlap_minutes: 10", "cursor: id")
    rig = make_rig(monkeypatch, tmp_path, system, path=vendor.path)
    rig.run()
    vendor.event(6, "2020-01-01 00:00:00")
    assert rig.run().tables["event"].upserts == 1
    assert rig.manifests()[-1].tables["event"].watermark == "6"


def test_future_timestamp(rig, vendor):
    vendor.event(6, "2099-01-01 00:00:00")
    rig.run()
    assert rig.manifests()[-1].tables["event"].watermark < "2099"
    assert rig.run().batch_id is None
    vendor.event(7, "2098-01-01 00:00:00")
    assert rig.run().tables["event"].upserts == 1


def test_runs_of_one_process_do_not_meet(rig, vendor):
    """One after the other, at a pace and at none, whatever the one before has left in DuckDB."""
    paced = replace(rig, source=rig.source.model_copy(update={"max_rows_per_second": 10**6}))
    for id_, which in enumerate((rig, paced, paced, rig, paced), start=6):
        vendor.event(id_, f"2026-10-02 12:{id_:02d}:00")
        assert which.run().tables["event"].upserts == 1 + 5 * (id_ == 6)
    assert ids(rig) == list(range(1, 11))


def test_dst_and_tz(rig, vendor):
    """A local time lands as it stands, also one that the clocks repeat or leave out."""
    moments = ("2026-10-25 02:30:00", "2026-10-25 02:30:00", "2026-03-29 02:30:00")
    for id_, moment in enumerate(moments, start=6):
        vendor.event(id_, moment)
    rig.run()
    landed = rig.live("event", "id, changed::VARCHAR")
    assert landed[5:] == list(enumerate(moments, start=6))
    assert rig.run().batch_id is None


def test_null_or_dup_key(rig, vendor):
    rig.run()
    vendor.do(
        "INSERT INTO stock VALUES (?, ?, ?)",
        (None, "X", 8),
        ("B", "X", 4),
        ("C", "X", 5),
    )
    report = rig.run()
    assert (report.tables["stock"].upserts, report.tables["stock"].deletes) == (1, 0)
    assert report.tables["stock"].quarantined == 3
    assert rig.quarantine() == [
        ("stock", "item, place: the key is not unique"),
        ("stock", "item, place: the key is not unique"),
        ("stock", "item: the key is empty"),
    ]
    # the target keeps what it had
    assert ("B", "X", 3) in rig.live("stock")
    # the same faults are not put aside again
    assert rig.run().batch_id is None
    vendor.do("DELETE FROM stock WHERE item IS NULL OR (item = 'B' AND qty = 3)")
    assert rig.run().tables["stock"].upserts == 1
    assert ("B", "X", 4) in rig.live("stock")


def test_sqlite_dynamic_types(rig, vendor):
    vendor.do(
        "INSERT INTO event VALUES (?, ?, ?, ?)",
        (6, "M1", 1, "yesterday"),
        (7, "M1", "many", "2026-10-01 12:00:00"),
        (8, "M1", 0.125, "2026-10-01 12:00:00"),
        (9, b"\xff", 1, "2026-10-01 12:00:00"),
        (10, "M1", 1, 20261001),
    )
    vendor.do("INSERT INTO event VALUES (11, CAST(x'41ff' AS TEXT), 1, '2026-10-01 12:00:00')")
    vendor.do("INSERT INTO stock VALUES (?, ?, ?)", ("D", "X", "few"))
    report = rig.run()
    assert ids(rig) == [1, 2, 3, 4, 5]
    assert report.tables["event"].quarantined == 6
    assert rig.quarantine() == [
        ("event", "changed: integer 20261001 is no TIMESTAMP"),
        ("event", "changed: yesterday is no exact TIMESTAMP"),
        ("event", "machine: blob X'FF' is no VARCHAR"),
        ("event", "machine: is not UTF-8"),
        ("event", "qty: 0.125 is no exact DECIMAL(10,2)"),
        ("event", "qty: many is no exact DECIMAL(10,2)"),
        ("stock", "qty: text 'few' is no BIGINT"),
    ]
    assert rig.run().batch_id is None
    vendor.do("UPDATE event SET changed = '2026-10-01 12:09:00', qty = 1, machine = 'M1'")
    vendor.do("UPDATE stock SET qty = 1 WHERE item = 'D'")
    rig.run()
    assert ids(rig) == list(range(1, 12))
    assert ("D", "X", 1) in rig.live("stock")


def test_a_row_that_became_unreadable_is_not_deleted(rig, vendor):
    rig.run()
    vendor.do("UPDATE stock SET qty = 'few' WHERE item = 'B'")
    report = rig.run()
    assert (report.tables["stock"].deletes, report.tables["stock"].quarantined) == (0, 1)
    assert ("B", "X", 3) in rig.live("stock")


def test_hard_delete(rig, vendor):
    rig.run()
    vendor.do("DELETE FROM stock WHERE item = 'B'")
    assert rig.run().tables["stock"].deletes == 1
    assert rig.live("stock") == [("A", "X", 1), ("A", "Y", 2)]
    assert rig.run().batch_id is None
    vendor.do("INSERT INTO stock VALUES ('B', 'X', 3)")
    assert rig.run().tables["stock"].upserts == 1
    assert len(rig.live("stock")) == 3


def test_hard_delete_of_most_rows(rig, vendor):
    vendor.do("DELETE FROM stock")
    vendor.do("INSERT INTO stock VALUES (?, ?, ?)", *((f"I{i}", "X", i) for i in range(100)))
    rig.run()
    vendor.do("DELETE FROM stock WHERE qty < 60")
    with pytest.raises(SourceError, match="60 of 100 rows of table stock are gone"):
        rig.run()
    assert len(rig.manifests()) == 1
    assert rig.run(full=True).tables["stock"].deletes == 60


def test_schema_added_col(rig, vendor):
    rig.run()
    vendor.do("ALTER TABLE event ADD COLUMN shift TEXT DEFAULT 'early'")
    # rows that nobody touched since have a value for it, too
    assert rig.run().tables["event"].upserts == 5
    assert rig.manifests()[-1].tables["event"].columns["shift"] == "VARCHAR"
    assert rig.live("event", "shift") == [("early",)] * 5
    assert rig.run().batch_id is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            "ALTER TABLE event RENAME COLUMN machine TO unit",
            r"'machine' of table event \(VARCHAR\) is gone",
        ),
        ("ALTER TABLE event DROP COLUMN machine", r"'machine' of table event \(VARCHAR\) is gone"),
    ],
)
def test_schema_dropped_or_renamed_col(rig, vendor, change, message):
    rig.run()
    vendor.event(6, "2026-10-01 12:06:00")
    vendor.do("UPDATE stock SET qty = 9")
    vendor.do(change)
    report = rig.run()
    assert re.search(message, str(report.failure))
    # the table is left at the batch before, and the others go on
    assert (ids(rig), rig.live("stock", "max(qty)")) == ([1, 2, 3, 4, 5], [(9,)])
    entry = rig.manifests()[-1].tables["event"]
    assert re.search(message, entry.stopped)
    assert (entry.watermark, entry.source_rows) == ("2026-10-01 12:05:00", None)
    # as long as nothing else changes, nothing lands, and the failure is not forgotten
    report = rig.run()
    assert (report.batch_id, [*report.stopped]) == (None, ["event"])
    assert rig.run(full=True).failure is None
    assert ids(rig) == [1, 2, 3, 4, 5, 6]
    events = {(e.column, e.what) for e in rig.manifests()[-1].events}
    assert ("machine", "removed") in events


def test_a_table_that_was_stopped_loses_nothing(rig, vendor):
    rig.run()
    vendor.do("ALTER TABLE event RENAME COLUMN machine TO unit")
    vendor.event(6, "2026-10-01 12:06:00")
    vendor.do("UPDATE stock SET qty = 9")
    assert rig.run().stopped
    vendor.do("ALTER TABLE event RENAME COLUMN unit TO machine")
    assert rig.run().failure is None
    assert ids(rig) == [1, 2, 3, 4, 5, 6]


def test_a_table_that_is_gone_stops_alone(rig, vendor):
    rig.run()
    vendor.do("DROP TABLE stock")
    vendor.event(6, "2026-10-01 12:06:00")
    report = rig.run()
    assert "has no table stock" in str(report.failure)
    assert (ids(rig)[-1], len(rig.live("stock"))) == (6, 3)


def test_schema_type_change(rig, vendor):
    rig.run()
    vendor.do("ALTER TABLE stock RENAME TO old_stock")
    vendor.do("CREATE TABLE stock (item TEXT, place TEXT, qty TEXT)")
    vendor.do("INSERT INTO stock SELECT * FROM old_stock")
    vendor.event(6, "2026-10-01 12:06:00")
    report = rig.run()
    assert "'qty' of table stock is VARCHAR, after BIGINT" in str(report.failure)
    assert (rig.types("stock")["qty"], ids(rig)[-1]) == ("BIGINT", 6)
    assert rig.run(full=True).tables["stock"].upserts == 3
    vendor.do("UPDATE stock SET qty = 'A12' WHERE item = 'B'")
    assert rig.run().tables["stock"].upserts == 1
    assert ("B", "X", "A12") in rig.live("stock")


def test_source_restored(rig, vendor):
    rig.run()
    vendor.do("DELETE FROM event WHERE id > 3")
    with pytest.raises(
        SourceError, match="went backwards: its newest change is 2026-10-01 12:03:00"
    ):
        rig.run()
    assert rig.manifests()[-1].tables["event"].watermark == "2026-10-01 12:05:00"
    assert rig.run(full=True).tables["event"].deletes == 2
    assert rig.run().batch_id is None


def test_one_snapshot_for_all_tables(rig, vendor, monkeypatch):
    """A line written together with its header while the run is at work is in neither table."""
    from sources.readers.sqlite import SqliteReader  # noqa: PLC0415 - only here

    rows = SqliteReader.rows

    def write_in_between(self, table, since):
        if table.spec.name == "stock":
            vendor.event(99, "2026-10-01 12:09:00")
            vendor.do("INSERT INTO stock VALUES ('Z', 'X', 99)")
        return rows(self, table, since)

    with monkeypatch.context() as patch:
        patch.setattr(SqliteReader, "rows", write_in_between)
        rig.run()
    assert (99 in ids(rig), len(rig.live("stock"))) == (False, 3)
    rig.run()
    assert (99 in ids(rig), len(rig.live("stock"))) == (True, 4)


def test_evil_identifiers(vendor, tmp_path, monkeypatch):
    name = 'a"; drop table x;--'
    vendor.do("""CREATE TABLE "a""; drop table x;--" ("order" INTEGER PRIMARY KEY, "Ünï " TEXT)""")
    vendor.do("""INSERT INTO "a""; drop table x;--" VALUES (1, 'x''y')""")
    system = SYSTEM + f"  odd: {{name: '{name}', key: [order], change: full}}\n"
    rig = make_rig(monkeypatch, tmp_path, system, path=vendor.path)
    rig.run()
    assert rig.live("odd") == [(1, "x'y")]


def test_excluded_columns_never_land(vendor, tmp_path, monkeypatch):
    system = SYSTEM.replace("control_total: qty", "exclude: [machine]")
    rig = make_rig(monkeypatch, tmp_path, system, path=vendor.path)
    vendor.do("INSERT INTO event VALUES (6, 'Ivan Petrov', 'bad', '2026-10-01 12:00:00')")
    rig.run()
    assert "machine" not in rig.types("event")
    assert "Ivan" not in rig.text()


def test_optional_table_may_come_and_is_then_taken_up(vendor, tmp_path, monkeypatch):
    system = SYSTEM + (
        "  visit: {key: [id], change: cursor, cursor: at, optional: true,"
        " columns: {id: bigint, at: timestamp}}\n"
    )
    rig = make_rig(monkeypatch, tmp_path, system, path=vendor.path)
    rig.run()
    assert rig.types("visit") == {"id": "BIGINT", "at": "TIMESTAMP"}
    assert rig.run().batch_id is None
    vendor.do("CREATE TABLE visit (id INTEGER PRIMARY KEY, at DATETIME, name TEXT)")
    vendor.do("INSERT INTO visit VALUES (1, '2020-01-01 00:00:00', 'x')")
    assert rig.run().tables["visit"].upserts == 1


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (("  stock:", "  gone:"), "has no table gone"),
        (("key: [id]", "key: [event_id]"), "Table event has no column 'event_id'"),
        (("control_total: qty", "control_total: sum"), "Table event has no column 'sum'"),
    ],
)
def test_what_the_system_names_must_exist(vendor, tmp_path, monkeypatch, edit, message):
    rig = make_rig(monkeypatch, tmp_path, SYSTEM.replace(*edit), path=vendor.path)
    with pytest.raises(SourceError, match=message):
        rig.run()
    assert rig.manifests() == []


def test_a_source_that_is_no_database_is_named(tmp_path, monkeypatch):
    rig = make_rig(monkeypatch, tmp_path, SYSTEM, path=tmp_path / "none.sqlite")
    with pytest.raises(SourceError, match=r"no SQLite file .*none.sqlite"):
        rig.run()
    (tmp_path / "text.sqlite").write_text("no database" * 100)
    rig = make_rig(monkeypatch, tmp_path, SYSTEM, path=tmp_path / "text.sqlite")
    with pytest.raises(SourceError, match="file is not a database"):
        rig.run()
    rig = make_rig(monkeypatch, tmp_path, SYSTEM, url_env="DATABASE")
    with pytest.raises(ConfigError, match="needs `path`"):
        rig.run()


def test_types_as_sqlite_stores_them(tmp_path, monkeypatch):
    vendor = Vendor(tmp_path / "types.sqlite")
    with closing(vendor.db):
        vendor.do(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, big BIGINT, flag BOOLEAN, real NUMERIC,"
            " exact DECIMAL(30, 10), code VARCHAR(10), day DATE, time TIME, at TIMESTAMP,"
            " raw BLOB, untyped)"
        )
        vendor.do(
            "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (1, 2**63 - 1, 1, 1e300, "0.1", "007", "2026-02-28", "23:59:59.5",
             "2026-10-31T12:00:00.123456+02:00", b"\x00\xff", 1.5),
            (2, -(2**63), 0, 5, 2**53 + 1, "a\x00b😀", "2024-02-29T00:00:00", "00:00",
             "2026-10-31", b"", "x"),
            (3, *[None] * 10),
            (4, None, 2, None, None, None, None, None, None, None, None),
            (5, None, None, 2**53 + 1, None, None, None, None, None, None, None),
            (6, None, None, None, None, None, "2026-02-30", None, None, None, None),
            (7, None, None, None, None, None, None, "25:00", None, None, None),
            (8, *[None] * 7, "2026-10-31 12:00:00.1234567", None, None),
            (9, None, None, None, 0.1 + 0.2, None, None, None, None, None, None),
        )  # fmt: skip
    rig = make_rig(
        monkeypatch,
        tmp_path,
        "description: x\ndatabase: sqlite\ntables: {t: {key: [id], change: full}}",
        path=vendor.path,
    )
    rig.run()
    shown = "id, big, flag, real, exact::VARCHAR, code, day::VARCHAR"
    shown += ', "time"::VARCHAR, "at"::VARCHAR, raw, untyped'
    assert rig.live("t", shown) == [
        (1, 2**63 - 1, True, 1e300, "0.1000000000", "007", "2026-02-28", "23:59:59.5",
         "2026-10-31 10:00:00.123456", b"\x00\xff", "1.5"),
        (2, -(2**63), False, 5.0, "9007199254740993.0000000000", "a\x00b😀", "2024-02-29",
         "00:00:00", "2026-10-31 00:00:00", b"", "x"),
        (3, *[None] * 10),
        (9, None, None, None, "0.3000000000", None, None, None, None, None, None),
    ]  # fmt: skip
    assert rig.quarantine() == [
        ("t", "at: 2026-10-31 12:00:00.1234567 is no exact TIMESTAMP"),
        ("t", "day: 2026-02-30 is no exact DATE"),
        ("t", "flag: integer 2 is no BOOLEAN"),
        ("t", "real: integer 9007199254740993 is no DOUBLE"),
        ("t", "time: 25:00 is no exact TIME"),
    ]
