"""What no watermark shows is found by comparing whole tables, and repaired."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing

import psycopg
import pytest
from extraction_rig import make_rig

from exports.tables import _reconciliation
from models.errors import ConfigError, SourceError
from sources.landing import verify
from sources.readers.mariadb import MariadbReader
from sources.readers.postgresql import PostgresReader
from sources.reconcile import _Reconciling, reconcile, reconciliations

SQLITE = """
description: A vendor
database: sqlite
tables:
  event: {key: [id], change: cursor, cursor: changed, control_total: qty}
  stock: {key: [item], change: full}
"""
MARIADB = """
description: A vendor
database: mariadb
tables:
  event: {key: [id], change: cursor, cursor: id, control_total: qty}
  note: {key: [plant, pos], change: cursor, cursor: changed}
"""
POSTGRES = """
description: A vendor
database: postgresql
tables:
  event: {key: [id], change: horizon, control_total: qty}
  note: {key: [plant, pos], change: cursor, cursor: changed}
  stock: {key: [item], change: full}
"""


def difference(result):
    return result.missing, result.stale, result.extra, result.repaired


class Reconciled:
    """A rig, and what reconciling it finds."""

    def __init__(self, rig):
        self.rig = rig

    def __call__(self, **options):
        self.outcome = reconcile(self.rig.source, self.rig.config, **options)
        verify(self.rig.config.landing, self.rig.source.name)
        return {result.table_name: difference(result) for result in self.outcome.results}


@pytest.fixture
def vendor(tmp_path):
    vendor = sqlite3.connect(tmp_path / "vendor.sqlite", isolation_level=None)
    with closing(vendor):
        vendor.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, qty INTEGER, changed DATETIME)")
        vendor.execute("CREATE TABLE stock (item TEXT, qty INTEGER)")
        for id_ in range(200):
            changed = f"2026-10-01 {id_ // 60:02d}:{id_ % 60:02d}:00"
            vendor.execute("INSERT INTO event VALUES (?, ?, ?)", (id_, id_, changed))
            vendor.execute("INSERT INTO stock VALUES (?, ?)", (f"I{id_}", id_))
        yield vendor


@pytest.fixture
def rig(vendor, tmp_path, monkeypatch):  # noqa: ARG001 - the vendor fills the file
    rig = make_rig(monkeypatch, tmp_path, SQLITE, path=tmp_path / "vendor.sqlite")
    rig.run()
    return rig


def same(rig, vendor):
    for table, columns in (("event", "id, qty"), ("stock", "item, qty")):
        rows = vendor.execute(f"SELECT {columns} FROM {table}").fetchall()
        assert rig.live(table, columns) == sorted(rows)


def test_nothing_to_find(rig):
    found = Reconciled(rig)
    assert found() == {"event": (0, 0, 0, 0), "stock": (0, 0, 0, 0)}
    assert found.outcome.batch_id is None
    kept = reconciliations(rig.config)
    assert kept["table_name"].to_pylist() == ["event", "stock"]
    published = _reconciliation(rig.config.evidence)
    assert published.equals(kept)
    assert _reconciliation(rig.config.home / "nowhere").schema == kept.schema


def test_silent_update(rig, vendor):
    vendor.execute("UPDATE event SET qty = 1000 WHERE id IN (3, 7)")
    assert rig.run().batch_id is None
    assert Reconciled(rig)()["event"] == (0, 2, 0, 2)
    same(rig, vendor)
    assert Reconciled(rig)()["event"] == (0, 0, 0, 0)


def test_late_commit_beyond_overlap(rig, vendor):
    vendor.execute("INSERT INTO event VALUES (500, 1, '2026-10-01 01:00:00')")
    assert rig.run().batch_id is None
    assert Reconciled(rig)()["event"] == (1, 0, 0, 1)
    same(rig, vendor)
    entry = rig.manifests()[-1].tables["event"]
    assert entry.watermark == "2026-10-01 03:19:00"
    assert entry.source_rows == entry.landed_rows == 201
    assert rig.run().batch_id is None


def test_hard_delete(rig, vendor):
    vendor.execute("DELETE FROM event WHERE id = 5")
    assert rig.run().batch_id is None
    assert Reconciled(rig)()["event"] == (0, 0, 1, 1)
    same(rig, vendor)
    assert rig.query(f"SELECT id FROM '{rig.files('event')}' WHERE _op = 'delete'") == [(5,)]


def test_what_the_next_run_would_have_found_is_only_new(rig, vendor):
    vendor.execute("INSERT INTO event VALUES (500, 1, '2026-10-01 05:00:00')")
    vendor.execute("UPDATE event SET qty = 9, changed = '2026-10-01 05:00:00' WHERE id = 1")
    vendor.execute("DELETE FROM stock WHERE item = 'I3'")
    found = Reconciled(rig)
    assert found() == {"event": (0, 0, 0, 0), "stock": (0, 0, 0, 0)}
    same(rig, vendor)
    assert rig.manifests()[-1].tables["event"].watermark == "2026-10-01 05:00:00"


def test_hard_delete_of_most_rows_waits_for_approval(rig, vendor):
    vendor.execute("DELETE FROM event WHERE id < 120")
    vendor.execute("UPDATE event SET qty = 1000 WHERE id = 150")
    vendor.execute("DELETE FROM stock WHERE qty < 120")
    with pytest.raises(SourceError, match=r"approve-deletes plant\.stock"):
        rig.run()
    found = Reconciled(rig)
    assert found() == {"event": (0, 1, 120, 1), "stock": (0, 0, 120, 0)}
    event, stock = found.outcome.failures
    assert "120 of 200 rows of table event are gone" in str(event)
    assert "--approve-deletes plant.stock" in str(stock)
    assert (len(rig.live("event")), len(rig.live("stock"))) == (200, 200)
    # not forgotten, although the file did not change since
    with pytest.raises(SourceError, match=r"approve-deletes plant\.stock"):
        rig.run()
    assert found(tables=["event"], approved=["event", "stock"])["event"] == (0, 0, 120, 120)
    assert found.outcome.failures == ()
    same(rig, vendor)
    assert rig.run().batch_id is None


def test_dry_run_tells_and_lands_nothing(rig, vendor):
    vendor.execute("DELETE FROM event WHERE id = 5")
    assert Reconciled(rig)(dry_run=True)["event"] == (0, 0, 1, 0)
    assert len(rig.manifests()) == 1
    assert reconciliations(rig.config).num_rows == 0
    assert not list(rig.folder().glob(".tmp-*"))


def test_one_table_alone_does_not_carry_the_others_past_their_changes(rig, vendor):
    vendor.execute("DELETE FROM event WHERE id = 5")
    vendor.execute("UPDATE stock SET qty = 9 WHERE item = 'I3'")
    assert Reconciled(rig)(tables=["event"]) == {"event": (0, 0, 1, 1)}
    rig.run()
    same(rig, vendor)


def test_rows_put_aside_are_neither_extra_nor_lost(rig, vendor):
    vendor.execute("UPDATE event SET qty = 'many' WHERE id IN (4, 6)")
    assert rig.run().batch_id is None
    assert Reconciled(rig)()["event"] == (0, 0, 0, 0)
    assert [key for _, key, *_ in rig.aside()] == ['{"id":4}', '{"id":6}']
    assert (4, 4) in rig.live("event", "id, qty")
    vendor.execute("UPDATE event SET qty = 40 WHERE id = 4")
    vendor.execute("DELETE FROM event WHERE id = 6")
    Reconciled(rig)()
    assert rig.aside() == []
    same(rig, vendor)


def test_what_cannot_be_reconciled_is_refused(rig, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="has no table 'events'"):
        Reconciled(rig)(tables=["events"])
    (tmp_path / "new").mkdir()
    new = make_rig(monkeypatch, tmp_path / "new", SQLITE, path=rig.source.path)
    with pytest.raises(SourceError, match="Nothing of source 'plant' has landed yet"):
        Reconciled(new)()


# --- PostgreSQL hashes itself ------------------------------------------------------------------


@pytest.fixture
def db(postgres, monkeypatch):
    url = postgres.create_database("reconcile")
    monkeypatch.setenv("PLANT_URL", url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE event (id bigint PRIMARY KEY, qty numeric(10, 2), flag boolean,"
            " ratio double precision, small real, day date, time time, at timestamptz,"
            " local timestamp, raw bytea, free numeric, code varchar(20), tags text[], doc jsonb,"
            " whole int, span interval, id2 uuid);"
            "INSERT INTO event SELECT i, i / 4.0, i % 2 = 0, sqrt(i), sqrt(i), '2026-01-01'::date"
            " + i % 300, '00:00'::time + i * interval '1.5 s', '0800-01-01 12:00+02'::timestamptz"
            " + i * interval '1 day 0.123456 s', '2026-01-01', decode(md5(i::text), 'hex'),"
            " 1.0 / i, 'Ü:1-\"' || i, ARRAY['a', NULL, i::text], jsonb_build_object('a', i),"
            " nullif(i % 7, 0), i * interval '1 min', md5(i::text)::uuid"
            " FROM generate_series(1, 5000) AS i;"
            "UPDATE event SET ratio = 'NaN', small = '-0' WHERE id = 11;"
            "UPDATE event SET ratio = 1e300, small = 'inf', at = '9999-12-31' WHERE id = 12;"
            "CREATE TABLE note (plant text, pos int, body text, changed timestamptz,"
            " PRIMARY KEY (plant, pos));"
            "INSERT INTO note SELECT 'P' || i % 3, i, 'b', '2026-10-01 12:00+00'::timestamptz"
            " + i * interval '1 min'"
            " FROM generate_series(1, 3000) AS i;"
            "CREATE TABLE stock (item text, qty int)"
        )
        yield connection
    with postgres.connect() as connection:
        connection.execute("DROP DATABASE reconcile WITH (FORCE)")


@pytest.fixture
def pg(db, tmp_path, monkeypatch):  # noqa: ARG001 - the database must be there
    rig = make_rig(monkeypatch, tmp_path, POSTGRES, url_env="PLANT_URL")
    rig.run()
    return rig


def same_rows(rig, db):
    for table, columns in (("event", "id, qty, code, whole"), ("note", "plant, pos, body")):
        source = set(db.execute(f"SELECT {columns} FROM {table}").fetchall())
        landed = set(rig.live(table, columns))
        assert (source - landed, landed - source) == (set(), set())


def read_rows(monkeypatch, reader):
    """Which tables' rows are read, and how."""
    original, seen = reader._rows, []

    def watch(self, table, where):
        seen.append((table.spec.name, "whole" if not where else "part"))
        return original(self, table, where)

    monkeypatch.setattr(reader, "_rows", watch)
    return seen


def test_both_sides_compute_the_same_fingerprints(pg, monkeypatch):
    """Of every type and odd value: not one row is read for the comparison."""
    seen = read_rows(monkeypatch, PostgresReader)
    assert set(Reconciled(pg)().values()) == {(0, 0, 0, 0)}
    assert seen == [("event", "part"), ("note", "part"), ("stock", "whole")]


def test_differences_are_narrowed_down_by_hashes(pg, db, monkeypatch):
    db.execute("DELETE FROM event WHERE id IN (17, 4711)")
    db.execute("UPDATE note SET body = 'silent' WHERE pos = 1234")
    db.execute("INSERT INTO note VALUES ('P9', 9, 'late', '2026-10-01 01:00+00')")
    db.execute("DELETE FROM note WHERE pos = 77")
    seen = read_rows(monkeypatch, PostgresReader)
    found = Reconciled(pg)()
    assert found == {"event": (0, 0, 2, 2), "note": (1, 1, 1, 3), "stock": (0, 0, 0, 0)}
    assert ("event", "whole") not in seen
    assert ("note", "whole") not in seen
    same_rows(pg, db)
    assert set(Reconciled(pg)().values()) == {(0, 0, 0, 0)}


def test_many_differences_are_read_again_by_bucket(pg, db, monkeypatch):
    monkeypatch.setattr("sources.reconcile.MAX_REREAD_KEYS", 10)
    db.execute("UPDATE note SET body = 'silent' WHERE pos % 100 = 50")
    db.execute("DELETE FROM note WHERE pos % 100 = 51")
    assert Reconciled(pg)()["note"] == (0, 30, 30, 60)
    same_rows(pg, db)


def test_a_row_that_became_unreadable_is_not_extra(pg, db):
    db.execute("UPDATE note SET changed = 'infinity' WHERE pos = 5")
    db.execute("UPDATE event SET at = '0044-03-15 12:00+00 BC' WHERE id = 5")
    assert set(Reconciled(pg)().values()) == {(0, 0, 0, 0)}
    assert {table for table, *_ in pg.aside()} == {"event", "note"}
    same_rows(pg, db)
    db.execute("DELETE FROM event WHERE id = 5")
    assert Reconciled(pg)()["event"] == (0, 0, 1, 1)
    assert {table for table, *_ in pg.aside()} == {"note"}


def test_random_faults_are_all_repaired(pg, db):
    choose = random.Random(3)
    for _ in range(3):
        for _ in range(20):
            id_ = choose.randrange(1, 3000)
            db.execute(
                choose.choice(
                    (
                        f"DELETE FROM event WHERE id = {id_}",
                        f"UPDATE event SET qty = {choose.random():.2f} WHERE id = {id_}",
                        f"UPDATE note SET body = '{choose.random()}' WHERE pos = {id_}",
                        f"DELETE FROM note WHERE pos = {id_}",
                        f"INSERT INTO note VALUES ('late{choose.random()}', 1, '', '2020-01-01')",
                    )
                )
            )
        found = Reconciled(pg)()
        assert all(sum(r[:3]) == r[3] for r in found.values())
        same_rows(pg, db)


# --- so does MariaDB ---------------------------------------------------------------------------

DOUBLES = (
    *("0.1", "-0.1", "1e15", "123456789012345678", "999999999999999", "1e14", "1e16", "1.5e-7"),
    *("0.0001", "1e-14", "1.25e-15", "-2.2250738585072014e-308", "1.7976931348623157e308", "0"),
    *("3.141592653589793", "100", "5e-324", "9007199254740993", "1e22", "1.0000000000000002"),
)


@pytest.fixture
def maria(mariadb):
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE DATABASE reconcile")
        cursor.execute("USE reconcile")
        cursor.execute("SET sql_mode = 'ANSI_QUOTES,ALLOW_INVALID_DATES', time_zone = '+00:00'")
        cursor.execute(
            "CREATE TABLE event (id bigint PRIMARY KEY, qty decimal(10, 2), flag bit(1),"
            " bits bit(10), all_bits bit(64), ratio double, small float, fixed double(12, 2),"
            " day date, span time(3), at datetime(6), stamp timestamp(3) NULL, annual year,"
            " raw varbinary(20), code varchar(20), old varchar(9) CHARACTER SET latin1,"
            " kind enum('b', 'a'), doc json, filled int(8) zerofill, big bigint unsigned,"
            " wide decimal(65, 30), uid uuid, tiny tinyint(1))"
        )
        cursor.execute(
            "INSERT INTO event SELECT seq, seq / 4, seq % 2, seq % 1024, seq, sqrt(seq), sqrt(seq),"
            " seq / 7, '2026-01-01' + INTERVAL seq % 300 DAY, sec_to_time(seq * 100.5),"
            " '2026-01-01' + INTERVAL seq * 123456 MICROSECOND,"
            " '2026-01-01' + INTERVAL seq * 500000 MICROSECOND, 1901 + seq % 200,"
            " unhex(md5(seq)), concat('Ü:1-', char(92), '\"😀', seq), 'é€', 'a', '{\"a\": 1}', seq,"
            " 18446744073709551615 - seq, 1 / seq, uuid(), nullif(seq % 3, 0) FROM seq_1_to_3000"
        )
        for number, double in enumerate(DOUBLES, start=1):
            cursor.execute(
                f"UPDATE event SET ratio = {double}, small = least({double}, 3e38)"
                f" WHERE id = {number}"
            )
        cursor.execute("UPDATE event SET at = '0000-00-00', code = '' WHERE id = 50")
        cursor.execute("INSERT INTO event (id) VALUES (-1)")
        cursor.execute(
            "CREATE TABLE note (plant varchar(5), pos int, body text, changed datetime,"
            " PRIMARY KEY (plant, pos))"
        )
        cursor.execute(
            "INSERT INTO note SELECT concat('P', seq % 3), seq, 'b',"
            " '2026-10-01 12:00' + INTERVAL seq MINUTE FROM seq_1_to_3000"
        )
        yield cursor


@pytest.fixture
def my(maria, mariadb, tmp_path, monkeypatch):  # noqa: ARG001 - the database must be there
    monkeypatch.setenv("PLANT_URL", mariadb.url("reconcile"))
    rig = make_rig(monkeypatch, tmp_path, MARIADB, url_env="PLANT_URL")
    rig.run()
    return rig


def same_in_mariadb(rig, cursor):
    for table, columns in (("event", "id, qty, code, ratio"), ("note", "plant, pos, body")):
        cursor.execute(
            f"SELECT {columns} FROM {table}" + " WHERE at > 0 OR at IS NULL" * (table == "event")
        )
        source, landed = set(cursor.fetchall()), set(rig.live(table, columns))
        assert (source - landed, landed - source) == (set(), set())


def test_mariadb_computes_the_same_fingerprints(my, monkeypatch):
    """Of every type and odd value: only the row that cannot be read is asked for."""
    original, differing = _Reconciling._differing_keys, []

    def watch(self, *arguments):
        differing.append(original(self, *arguments))
        return differing[-1]

    monkeypatch.setattr(_Reconciling, "_differing_keys", watch)
    seen = read_rows(monkeypatch, MariadbReader)
    assert set(Reconciled(my)().values()) == {(0, 0, 0, 0)}
    assert [len(keys) for keys in differing] == [1]
    assert {way for _, way in seen} == {"part"}


def test_differences_in_mariadb_are_narrowed_down_by_hashes(my, maria, monkeypatch):
    maria.execute("DELETE FROM event WHERE id IN (17, 2711)")
    maria.execute("UPDATE event SET ratio = ratio * (1 + 3e-16) WHERE id = 99")
    maria.execute("UPDATE event SET at = at + INTERVAL 1 MICROSECOND WHERE id = 100")
    maria.execute("UPDATE note SET body = 'B' WHERE pos = 1234")
    maria.execute("INSERT INTO note VALUES ('P9', 9, 'late', '2026-10-01 01:00')")
    maria.execute("DELETE FROM note WHERE pos = 77")
    seen = read_rows(monkeypatch, MariadbReader)
    assert Reconciled(my)() == {"event": (0, 2, 2, 4), "note": (1, 1, 1, 3)}
    assert {way for _, way in seen} == {"part"}
    same_in_mariadb(my, maria)
    assert set(Reconciled(my)().values()) == {(0, 0, 0, 0)}
