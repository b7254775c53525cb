from __future__ import annotations

import random
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import duckdb
import pymysql
import pytest
from extraction_rig import amid_the_first_rows, make_rig

from models.errors import ConfigError, SchemaDrift, ScorecardError, SourceError
from sources import extract as extraction
from sources.readers import mariadb as reader_module
from sources.readers import packets
from sources.readers.base import ident
from sources.reconcile import reconcile

if TYPE_CHECKING:
    from extraction_rig import Rig

SYSTEM = """
description: A vendor
database: mariadb
tables:
  event: {key: [id], change: cursor, cursor: changed, control_total: qty}
  note: {key: [id], change: cursor, cursor: day}
  stock: {key: [item], change: full}
"""
TABLES = (
    """CREATE TABLE event (id bigint PRIMARY KEY, machine text, qty decimal(10, 2),
       changed timestamp(6) NULL DEFAULT current_timestamp(6))""",
    "CREATE TABLE note (id int PRIMARY KEY, body text, day date)",
    "CREATE TABLE stock (item varchar(20), qty int)",
    "INSERT INTO event SELECT seq, 'M1', seq / 4, '2026-10-01 12:00:00' FROM seq_1_to_5",
    "INSERT INTO note VALUES (1, 'a', '2026-10-01')",
    "INSERT INTO stock VALUES ('A', 1), ('B', 2)",
)
DATABASE = "plant"


class Session:
    """One connection of the vendor's."""

    def __init__(self, server, *, autocommit: bool = True) -> None:
        self.connection = server.connect(DATABASE, autocommit=autocommit)
        self.execute("SET sql_mode = 'ANSI_QUOTES,ALLOW_INVALID_DATES', time_zone = '+00:00'")
        self.commit()

    def execute(self, sql: str, arguments: tuple = ()) -> list[tuple]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql, arguments or None)
            return list(cursor.fetchall())

    def commit(self) -> None:
        self.connection.commit()


@pytest.fixture
def db(mariadb):
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
    session = Session(mariadb)
    for statement in TABLES:
        session.execute(statement)
    yield session
    session.connection.close()


@pytest.fixture
def other(mariadb, db):  # noqa: ARG001 - after the database exists
    """A second session of the vendor's, in a transaction of its own."""
    session = Session(mariadb, autocommit=False)
    yield session
    session.connection.close()


@pytest.fixture
def make(mariadb, db, tmp_path, monkeypatch):  # noqa: ARG001 - after the database exists
    def make(system: str = SYSTEM, user: str = "owner") -> Rig:
        monkeypatch.setenv("PLANT_URL", mariadb.url(DATABASE, user))
        return make_rig(monkeypatch, tmp_path, system, url_env="PLANT_URL")

    return make


@pytest.fixture
def rig(make) -> Rig:
    return make()


def one(table: str, **settings: str) -> str:
    fields = ", ".join(f"{k}: {v}" for k, v in {"change": "full", **settings}.items())
    return f"description: x\ndatabase: mariadb\ntables:\n  {table}: {{key: [id], {fields}}}\n"


def same(rig, db, table="event", columns="id, machine, qty"):
    """The oracle: EXCEPT both ways is empty."""
    source = set(db.execute(f"SELECT {columns} FROM {table}"))
    landed = set(rig.live(table, columns))
    assert (source - landed, landed - source) == (set(), set())


def test_first_batch(rig, db):
    report = rig.run()
    entry = rig.manifests()[-1].tables["event"]
    assert (entry.source_rows, entry.landed_rows, entry.rows) == (5, 5, 5)
    assert entry.source_control_total == entry.landed_control_total == "3.75"
    assert report.tables["event"].newest_change == "2026-10-01 12:00:00"
    assert rig.types("event") == {
        "id": "BIGINT",
        "machine": "VARCHAR",
        "qty": "DECIMAL(10,2)",
        "changed": "TIMESTAMP",
    }
    same(rig, db)
    assert not rig.has_new_data()
    assert rig.run().batch_id is None


def test_one_snapshot_for_rows_and_totals_of_all_tables(rig, db, monkeypatch):
    """What is committed after the snapshot is in none of its tables, and in no total."""
    rows = reader_module.MariadbReader.rows

    def rows_after_a_write(self, table, since):
        db.execute("INSERT INTO event (id, qty) SELECT max(id) + 1, 1 FROM event")
        db.execute("INSERT INTO note SELECT max(id) + 1, 'later', '2026-10-02' FROM note")
        return rows(self, table, since)

    monkeypatch.setattr(reader_module.MariadbReader, "rows", rows_after_a_write)
    rig.run()
    entries = rig.manifests()[-1].tables
    assert (entries["event"].source_rows, entries["event"].landed_rows) == (5, 5)
    assert (entries["note"].source_rows, entries["note"].landed_rows) == (1, 1)
    monkeypatch.undo()


def test_late_commit(rig, db, other):
    other.execute(
        "INSERT INTO event VALUES (10, 'late', 1, current_timestamp(6) - INTERVAL 5 MINUTE)"
    )
    db.execute("INSERT INTO event (id, machine, qty) VALUES (11, 'M1', 1)")
    rig.run()
    other.commit()
    assert rig.has_new_data()
    assert rig.run().tables["event"].upserts == 1
    same(rig, db)
    assert rig.run().batch_id is None


@pytest.mark.parametrize("way", ["full", "reconcile"])
def test_late_commit_beyond_overlap(rig, db, other, way):
    """No cursor shows it: a full compare finds and lands it."""
    other.execute(
        "INSERT INTO event VALUES (10, 'late', 1, current_timestamp(6) - INTERVAL 30 MINUTE)"
    )
    db.execute("INSERT INTO event (id, machine, qty) VALUES (11, 'M1', 1)")
    rig.run()
    other.commit()
    rig.run()
    assert (10,) not in rig.live("event", "id")
    if way == "full":
        assert rig.run(full=True).tables["event"].upserts == 1
    else:
        [event] = reconcile(rig.source, rig.config, tables=["event"]).results
        assert (event.missing, event.stale, event.extra, event.repaired) == (1, 0, 0, 1)
    same(rig, db)


def test_same_timestamp_boundary(make, db):
    rig = make(SYSTEM.replace("cursor: changed", "cursor: changed, overlap_minutes: 0"))
    rig.run()
    db.execute("INSERT INTO event VALUES (6, 'same', 1, '2026-10-01 12:00:00')")
    assert rig.run().tables["event"].upserts == 1
    same(rig, db)
    assert len(rig.live("event", "id")) == 6


def test_coarse_cursor(rig, db):
    rig.run()
    for number in range(2, 6):
        db.execute(f"INSERT INTO note VALUES ({number}, 'same day', '2026-10-02')")
        assert rig.run().tables["note"].upserts == 1
    same(rig, db, "note", "id, body, day")


def test_null_cursor(rig, db):
    rig.run()
    db.execute("INSERT INTO event VALUES (6, 'null', 1, NULL)")
    db.execute("INSERT INTO note VALUES (2, 'null', NULL), (3, 'zero', '0000-00-00')")
    report = rig.run()
    assert report.tables["event"].upserts == 1
    assert (report.tables["note"].upserts, report.tables["note"].quarantined) == (1, 1)
    same(rig, db)
    assert rig.run().batch_id is None


def test_a_number_beyond_a_doubles_digits_as_cursor(make, db):
    db.execute("CREATE TABLE counter (id int PRIMARY KEY, version bigint unsigned)")
    db.execute("INSERT INTO counter VALUES (1, 18446744073709551614)")
    rig = make(one("counter", change="cursor", cursor="version"))
    rig.run()
    db.execute("INSERT INTO counter VALUES (2, 18446744073709551613), (3, 18446744073709551615)")
    assert rig.run().tables["counter"].upserts == 1
    assert rig.live("counter", "id, version") == [
        (1, Decimal(18446744073709551614)),
        (3, Decimal(18446744073709551615)),
    ]


def test_null_or_dup_key(rig, db):
    db.execute("INSERT INTO stock VALUES ('C', 1), ('C', 2), (NULL, 3)")
    assert rig.run().tables["stock"].quarantined == 3
    assert rig.live("stock") == [("A", 1), ("B", 2)]
    assert rig.run().batch_id is None


@pytest.mark.parametrize(
    ("kind", "keys"), [("int", (1, 2, 3)), ("varchar(9)", ("it's", "It's", "ä😀"))]
)
def test_a_row_put_aside_comes_back_when_its_cause_is_gone(make, db, kind, keys):
    """By its key, though no cursor shows that it was mended."""
    db.execute(
        f"CREATE TABLE dated (id {kind} COLLATE utf8mb4_bin PRIMARY KEY, day date, "
        "changed datetime)".replace("int COLLATE utf8mb4_bin", "int")
    )
    for key, day in zip(keys, ("0000-00-00", "2026-02-00", "2026-10-31"), strict=True):
        db.execute("INSERT INTO dated VALUES (%s, %s, '2026-10-01')", (key, day))
    db.execute("UPDATE dated SET changed = '2026-10-31' WHERE id = %s", (keys[2],))
    rig = make(one("dated", change="cursor", cursor="changed"))
    assert rig.run().tables["dated"].quarantined == 2
    db.execute("UPDATE dated SET day = '2026-10-30' WHERE id = %s", (keys[0],))
    assert rig.run().tables["dated"].upserts == 1
    assert {key for (key,) in rig.live("dated", "id")} == {keys[0], keys[2]}
    assert len(rig.aside()) == 1
    assert rig.run().batch_id is None


def test_hard_delete(rig, db):
    rig.run()
    db.execute("DELETE FROM stock WHERE item = 'A'")
    db.execute("DELETE FROM event WHERE id = 5")
    assert rig.run().tables["stock"].deletes == 1
    assert rig.run(full=True).tables["event"].deletes == 1
    same(rig, db)
    same(rig, db, "stock", "item, qty")


def test_schema_added(rig, db):
    """Rows that were not changed since have a value for the new column, too."""
    rig.run()
    db.execute("ALTER TABLE event ADD extra int DEFAULT 7")
    assert rig.run().tables["event"].upserts == 5
    same(rig, db, columns="id, machine, qty, extra")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("DROP qty", "'qty' of table stock .* is gone"),
        ("RENAME COLUMN qty TO amount", "'qty' of table stock .* is gone"),
        ("MODIFY qty decimal(10,2)", r"'qty' of table stock is DECIMAL\(10,2\), after INTEGER"),
        ("MODIFY qty int unsigned", "'qty' of table stock is BIGINT, after INTEGER"),
    ],
    ids=["schema_dropped", "schema_renamed", "schema_type_change", "schema_unsigned"],
)
def test_schema_drift(rig, db, change, message):
    rig.run()
    db.execute(f"ALTER TABLE stock {change}")
    db.execute("INSERT INTO event (id, qty) VALUES (6, 1)")
    report = rig.run()
    assert isinstance(report.failure, SchemaDrift)
    assert re.search(message, str(report.failure))
    same(rig, db)
    rig.run(full=True)
    assert len(rig.live("stock")) == 2


def test_bad_dates(make, db):
    db.execute("CREATE TABLE dated (id int PRIMARY KEY, d date, t datetime(6), s timestamp NULL)")
    db.execute(
        "INSERT INTO dated VALUES (1, '0000-00-00', NULL, NULL), (2, '2026-02-00', NULL, NULL), "
        "(3, '0000-05-01', NULL, NULL), (4, '2026-02-31', NULL, NULL), "
        "(5, NULL, '0000-00-00 00:00:00', NULL), (6, NULL, '2026-00-10 10:00:00', NULL), "
        "(7, NULL, NULL, '0000-00-00 00:00:00'), "
        "(8, '9999-12-31', '9999-12-31 23:59:59.999999', '2026-03-29 02:30:00'), "
        "(9, '0001-01-01', '0001-01-01 00:00:00.000001', NULL)"
    )
    rig = make(one("dated"))
    report = rig.run().tables["dated"]
    assert (report.rows, report.quarantined) == (2, 7)
    assert [tuple(map(str, row)) for row in rig.live("dated", "id, d, t, s")] == [
        ("8", "9999-12-31", "9999-12-31 23:59:59.999999", "2026-03-29 02:30:00"),
        ("9", "0001-01-01", "0001-01-01 00:00:00.000001", "None"),
    ]
    assert [reason for _, reason in rig.quarantine()] == [
        "d: 0000-00-00 is no exact DATE",
        "d: 0000-05-01 is no exact DATE",
        "d: 2026-02-00 is no exact DATE",
        "d: 2026-02-31 is no exact DATE",
        "s: 0000-00-00 00:00:00 is no exact TIMESTAMP",
        "t: 0000-00-00 00:00:00.000000 is no exact TIMESTAMP",
        "t: 2026-00-10 10:00:00.000000 is no exact TIMESTAMP",
    ]
    assert rig.run().batch_id is None


def test_time_interval(make, db):
    db.execute("CREATE TABLE timed (id int PRIMARY KEY, span time(6))")
    db.execute(
        "INSERT INTO timed VALUES (1, '838:59:59.999999'), (2, '-838:59:59'), (3, '23:59:59.5')"
    )
    rig = make(one("timed"))
    rig.run()
    assert rig.live("timed", "id, span") == [
        (1, "838:59:59.999999"),
        (2, "-838:59:59.000000"),
        (3, "23:59:59.500000"),
    ]


def test_a_time_of_the_systems_own_is_exact_or_put_aside(make, db):
    db.execute("CREATE TABLE timed (id int PRIMARY KEY, span time)")
    db.execute("INSERT INTO timed VALUES (1, '838:59:59'), (2, '23:59:59')")
    rig = make(one("timed", columns="{id: integer, span: time}"))
    rig.run()
    assert rig.live("timed", "id, span::VARCHAR") == [(2, "23:59:59")]
    assert rig.quarantine() == [("timed", "span: 838:59:59 is no exact TIME")]


EXACT = {
    "tiny": ("tinyint(1)", "-128", "SMALLINT"),
    "utiny": ("tinyint unsigned", "255", "SMALLINT"),
    "small": ("smallint unsigned", "65535", "INTEGER"),
    "medium": ("mediumint unsigned", "16777215", "INTEGER"),
    "whole": ("int", "-2147483648", "INTEGER"),
    "uwhole": ("int unsigned", "4294967295", "BIGINT"),
    "big": ("bigint", "-9223372036854775808", "BIGINT"),
    "ubig": ("bigint unsigned", "18446744073709551615", "DECIMAL(20,0)"),
    "filled": ("int(8) zerofill", "42", "BIGINT"),
    "huge": ("decimal(38,10)", "1234567890123456789012345678.0123456789", "DECIMAL(38,10)"),
    "wide": (
        "decimal(65,30)",
        "12345678901234567890123456789012345.000000000000000000000000000001",
        "VARCHAR",
    ),
    "ubiggest": ("decimal(20,0) unsigned", "99999999999999999999", "DECIMAL(20,0)"),
    "single": ("float", "16777215", "FLOAT"),
    "double_": ("double", "0.1", "DOUBLE"),
    "tiniest": ("double", "5e-324", "DOUBLE"),
    "bit1": ("bit(1)", "1", "BOOLEAN"),
    "bit10": ("bit(10)", "1023", "BIGINT"),
    "bit64": ("bit(64)", "18446744073709551615", "DECIMAL(20,0)"),
    "annual": ("year", "2155", "SMALLINT"),
    "moment": ("datetime(6)", "2026-03-29 02:30:00.123456", "TIMESTAMP"),
    "stamp": ("timestamp(6)", "2026-03-29 02:30:00.123456", "TIMESTAMP"),
    "chosen": ("enum('b','a')", "a", "VARCHAR"),
    "several": ("set('x','y','z')", "x,z", "VARCHAR"),
    "doc": ("json", '{"b": 1, "a": [1, 2.50]}', "VARCHAR"),
    "uid": ("uuid", "123e4567-e89b-12d3-a456-426614174000", "VARCHAR"),
    "address": ("inet6", "2001:db8::ff00:42:8329", "VARCHAR"),
}


def test_decimal_exactness(make, db):
    """Every type keeps its extremes."""
    columns = ", ".join(f'"{name}" {kind}' for name, (kind, *_) in EXACT.items())
    db.execute(f"CREATE TABLE torture (id int PRIMARY KEY, {columns})")
    names = ", ".join(f'"{n}"' for n in EXACT)
    slots = ", ".join(
        "CAST(%s AS unsigned)" if kind.startswith("bit") else "%s" for kind, *_ in EXACT.values()
    )
    db.execute(
        f"INSERT INTO torture (id, {names}) VALUES (1, {slots})",
        tuple(value for _, value, _ in EXACT.values()),
    )
    rig = make(one("torture"))
    rig.run()
    types = rig.types("torture")
    assert {name: types[name] for name in EXACT} == {n: t for n, (_, _, t) in EXACT.items()}
    shown = ", ".join(f'"{n}"::VARCHAR' for n in EXACT)
    [landed] = rig.live("torture", shown)
    expected = {
        **{name: value for name, (_, value, _) in EXACT.items()},
        "single": "16777215.0",
        "bit1": "true",
    }
    assert dict(zip(EXACT, landed, strict=True)) == expected
    assert rig.run().batch_id is None


def test_a_type_of_the_systems_own_is_exact_or_refused(make, db):
    db.execute("CREATE TABLE loose (id int PRIMARY KEY, price double, z int(5) zerofill, n text)")
    db.execute("INSERT INTO loose VALUES (1, 0.1, 7, '5'), (2, 0.125, 7, '5'), (3, 1, 7, '5.5')")
    rig = make(
        one(
            "loose",
            columns='{id: bigint, price: "decimal(10,2)", z: varchar, n: integer}',
        )
    )
    rig.run()
    assert rig.live("loose", "id, price, z, n") == [(1, Decimal("0.10"), "00007", 5)]
    assert [reason for _, reason in rig.quarantine()] == [
        "n: 5.5 is no exact INTEGER",
        "price: 0.125 is no exact DECIMAL(10,2)",
    ]


TEXTS = (
    "a'b\"c\\d\r\n\t=cmd Ünï 😀",
    "",
    " padded ",
    "nul\0inside",
    "NULL",
    "x" * 300,
    "ä" * 70_000,
    "y" * 17_000_000,
)
"""The last is sent in two packets of the protocol."""


def test_text_torture(make, db):
    db.execute("SET GLOBAL max_allowed_packet = 268435456")
    db.connection.close()
    db.connection.connect()
    db.execute("CREATE TABLE texts (id int PRIMARY KEY, body longtext, raw longblob)")
    for number, text in enumerate(TEXTS):
        db.execute("INSERT INTO texts VALUES (%s, %s, %s)", (number, text, text.encode("utf-16")))
    db.execute("INSERT INTO texts VALUES (%s, NULL, NULL)", (len(TEXTS),))
    rig = make(one("texts"))
    rig.run()
    landed = rig.live("texts", "id, body, raw")
    assert landed == [
        *((n, text, text.encode("utf-16")) for n, text in enumerate(TEXTS)),
        (len(TEXTS), None, None),
    ]
    assert rig.run().batch_id is None


def test_every_character_set_arrives_as_text_or_is_put_aside(make, db):
    db.execute(
        "CREATE TABLE sets (id int PRIMARY KEY, l varchar(9) CHARACTER SET latin1, "
        "s varchar(9) CHARACTER SET sjis, u varchar(9) CHARACTER SET ucs2, raw varbinary(9))"
    )
    db.execute(
        "INSERT INTO sets VALUES (1, _latin1 0x80e481, _sjis 0x8abf, _ucs2 0x00e4, 0x00ff), "
        "(2, NULL, NULL, _ucs2 0xd800, 0x00ff)"
    )
    rig = make(one("sets"))
    rig.run()
    assert rig.live("sets", "id, l, s, u, raw") == [(1, "€ä\x81", "漢", "ä", b"\x00\xff")]
    assert rig.quarantine() == [("sets", "u: is not UTF-8")]
    [[row]] = rig.query(f"SELECT \"row\" FROM read_parquet('{rig.files('_quarantine')}')")
    assert "\\\\xed\\\\xa0\\\\x80" in row


def test_evil_identifiers(make, db):
    names = ('a"; drop table x;--', "order", "Ünï", "back`tick", "per%cent")
    columns = ", ".join(f"{ident(name)} int" for name in names)
    db.execute(f'CREATE TABLE "evil ""t`x" (id int PRIMARY KEY, {columns})')
    db.execute('INSERT INTO "evil ""t`x" VALUES (1, 1, 2, 3, 4, 5)')
    rig = make(
        "description: x\ndatabase: mariadb\ntables:\n  evil: {name: 'evil \"t`x', key: [id], "
        'change: cursor, cursor: order, control_total: "per%cent"}\n'
    )
    rig.run()
    assert set(rig.types("evil")) == {"id", *names}
    db.execute('INSERT INTO "evil ""t`x" VALUES (2, 1, 9, 3, 4, 5)')
    assert rig.run().tables["evil"].upserts == 1
    assert len(rig.live("evil")) == 2


def test_views_and_tables_without_transactions(make, db):
    db.execute("CREATE VIEW seen AS SELECT id, machine FROM event")
    db.execute("CREATE TABLE old (id int PRIMARY KEY, body text) ENGINE = MyISAM")
    db.execute("INSERT INTO old VALUES (1, 'a')")
    rig = make(one("seen") + "  old: {key: [id], change: full}\n")
    rig.run()
    assert len(rig.live("seen")) == 5
    assert rig.live("old") == [(1, "a")]


def test_a_table_of_another_schema(make, db):
    db.execute("DROP DATABASE IF EXISTS elsewhere")
    db.execute("CREATE DATABASE elsewhere")
    db.execute("CREATE TABLE elsewhere.event (id int PRIMARY KEY)")
    db.execute("INSERT INTO elsewhere.event VALUES (7)")
    rig = make(one("event", name="elsewhere.event"))
    rig.run()
    assert rig.live("event") == [(7,)]


def test_a_missing_table_or_column_is_named(make, db):
    with pytest.raises(ScorecardError, match="has no table gone"):
        make(one("gone")).run()
    db.execute("CREATE TABLE narrow (id int PRIMARY KEY)")
    with pytest.raises(ScorecardError, match="Table narrow has no column 'at'"):
        make(one("narrow", change="cursor", cursor="at")).run()


def test_source_down_midway(rig, db, monkeypatch):
    """The connection is cut in the middle of a result: nothing lands, and the next run does."""
    rig.run()
    before = rig.manifests()
    db.execute("INSERT INTO stock SELECT concat('S', seq), seq FROM seq_1_to_20000")
    batch = reader_module._batch
    cut = []

    def cut_off(columns, schema):
        if not cut and len(columns[0]) == 1000:
            cut.append(kill_readers(db))
        return batch(columns, schema)

    # more than the socket's buffers hold, so that the rest is never sent
    db.execute("ALTER TABLE stock ADD pad varchar(2000) DEFAULT (repeat('p', 2000))")
    with monkeypatch.context() as patch:
        patch.setattr(packets, "BATCH_ROWS", 1000)
        patch.setattr(reader_module, "_batch", cut_off)
        with pytest.raises(SourceError, match=r"(?i)connection|gone|killed") as caught:
            rig.run()
    assert cut == [1], caught.value
    assert "Nothing has landed" in caught.value.hint
    assert rig.manifests() == before
    rig.run()
    same(rig, db, "stock", "item, qty, pad")


def kill_readers(db) -> int:
    ours = db.execute(
        "SELECT id FROM information_schema.processlist "
        "WHERE id <> connection_id() AND info LIKE 'SELECT % FROM (SELECT%'"
    )
    for (number,) in ours:
        db.execute(f"KILL {number}")
    return len(ours)


def test_slow_source(rig, db, other, monkeypatch):
    """A table that somebody holds locked ends the run in bounded time, with nothing landed."""
    monkeypatch.setattr(
        reader_module,
        "SESSION",
        tuple(
            s.replace("lock_wait_timeout = 30", "lock_wait_timeout = 1")
            for s in reader_module.SESSION
        ),
    )
    other.execute("LOCK TABLES event WRITE")
    started = time.monotonic()
    with pytest.raises(SourceError, match=r"[Ll]ock wait timeout"):
        rig.run()
    assert time.monotonic() - started < 15
    other.execute("UNLOCK TABLES")
    rig.run()
    same(rig, db)


def test_statement_timeout(make, db, monkeypatch):
    monkeypatch.setattr(reader_module, "MARIADB_SESSION", ("max_statement_time = 0.2",))
    db.execute("CREATE VIEW slow AS SELECT id, sleep(2) AS s FROM event")
    with pytest.raises(SourceError, match="max_statement_time"):
        make(one("slow")).run()


def test_a_source_is_read_at_its_pace_on_one_connection(rig, db):
    db.execute("INSERT INTO event SELECT seq, repeat('M', 200), 1, now() FROM seq_6_to_40000")
    slow = replace(rig, source=rig.source.model_copy(update={"max_rows_per_second": 20_000}))
    others = "SELECT count(*) FROM information_schema.processlist WHERE id <> connection_id()"
    with ThreadPoolExecutor(1) as pool:
        started = time.monotonic()
        run = pool.submit(slow.run)
        seen = set()
        while not run.done():
            seen |= set(db.execute(others))
            time.sleep(0.05)
    run.result()
    assert time.monotonic() - started > 2
    assert seen <= {(0,), (1,)}
    assert (1,) in seen
    same(rig, db)


def test_keyset_vs_concurrent_delete(rig, db, monkeypatch):
    """What is deleted, moved or added while a table is read: the snapshot has each row once."""
    db.execute("INSERT INTO event SELECT seq, 'M', 1, now() FROM seq_6_to_40000")
    before = set(db.execute("SELECT id, machine, qty FROM event"))

    def change():
        db.execute("DELETE FROM event WHERE id % 4 = 0")
        db.execute("UPDATE event SET id = id + 100000, changed = now() WHERE id % 4 = 1")
        db.execute("INSERT INTO event (id) SELECT -seq FROM seq_1_to_500")

    amid_the_first_rows(rig, monkeypatch, change).run()
    assert set(rig.live("event", "id, machine, qty")) == before
    rig.run(full=True)
    same(rig, db)


def test_no_session_is_left_open(rig, db):
    rig.run()
    for _ in range(50):
        left = db.execute(
            "SELECT count(*) FROM information_schema.processlist WHERE id <> connection_id()"
        )
        if left == [(0,)]:
            break
        time.sleep(0.05)
    assert left == [(0,)]


def documented_grants() -> list[str]:
    """The statements of docs/connect.md, for a host and with a password of ours."""
    text = (Path(__file__).parents[2] / "docs" / "connect.md").read_text("utf-8")
    section = text.partition("### MariaDB and MySQL")[2]
    script = section.partition("```sql")[2].partition("```")[0]
    script = script.replace("10.0.%", "127.0.0.1").replace("'...'", "'test-password'")
    return [s for s in script.split(";") if s.strip()]


def test_ro_source(make, db, mariadb):
    """The documented role reads what is granted and is refused everything else by the server."""
    db.execute("DROP USER IF EXISTS scorecard_reader@'127.0.0.1'")
    db.execute("CREATE TABLE machine_state (id int PRIMARY KEY, state text)")
    db.execute(
        "CREATE TABLE operator_log (id int PRIMARY KEY, started datetime, ended datetime, "
        "machine_id int, operator text)"
    )
    db.execute("INSERT INTO machine_state VALUES (1, 'RUN')")
    db.execute("INSERT INTO operator_log VALUES (1, NULL, NULL, 7, 'Ivan Petrov')")
    grants = documented_grants()
    assert len(grants) == 3
    for statement in grants:
        db.execute(statement)
    rig = make(
        one("machine_state") + "  operator_log: {key: [id], change: full, control_total: id}\n",
        user="scorecard_reader",
    )
    rig.run()
    assert rig.live("machine_state") == [(1, "RUN")]
    assert rig.live("operator_log") == [(1, None, None, 7)]
    landed = b"".join(p.read_bytes() for p in rig.folder().rglob("*") if p.is_file())
    assert b"Ivan" not in landed
    assert b"test-password" not in landed
    with (
        pymysql.connect(
            host="127.0.0.1",
            port=mariadb.port,
            user="scorecard_reader",
            password="test-password",
            database=DATABASE,
        ) as connection,
        connection.cursor() as cursor,
    ):
        for forbidden in (
            "INSERT INTO machine_state VALUES (2, 'X')",
            "DELETE FROM machine_state",
            "CREATE TEMPORARY TABLE t (id int)",
            "DROP TABLE machine_state",
            "SELECT operator FROM operator_log",
            "SELECT * FROM stock",
        ):
            with pytest.raises(pymysql.OperationalError, match="denied"):
                cursor.execute(forbidden)


def test_the_session_itself_cannot_write(rig, db):
    """Also with a role that may: the transaction is read-only."""
    with (
        duckdb.connect() as duck,
        reader_module.MariadbReader(rig.source, duck) as reader,
        pytest.raises(SourceError, match="READ ONLY"),
    ):
        reader._execute("INSERT INTO stock VALUES ('X', 1)")
    assert db.execute("SELECT count(*) FROM stock") == [(2,)]


def test_secret_leak_scan(rig, monkeypatch, mariadb, capfd):
    canary = "canary/p@ss:word"
    written = quote(canary, safe="")
    for url in (
        f"mysql://nobody:{written}@127.0.0.1:{mariadb.port}/plant",
        f"mysql://x:{written}@127.0.0.1:1/plant",
        f"mysql://x:{written}@no host/plant",
        f"mysql://x:{written}@127.0.0.1:{mariadb.port}",
        f"mysql://x:{written}@127.0.0.1:port/plant",
        f"mysql://127.0.0.1:{mariadb.port}/plant?user=x&password={written}",
        f"postgresql://x:{written}@127.0.0.1/plant",
    ):
        monkeypatch.setenv("PLANT_URL", url)
        with pytest.raises(ScorecardError) as caught:
            rig.run()
        shown = "".join(_all_texts(caught.value)) + "".join(capfd.readouterr())
        assert canary not in shown
        assert written not in shown
    monkeypatch.delenv("PLANT_URL")
    with pytest.raises(ConfigError, match="needs the environment variable PLANT_URL"):
        rig.run()


def _all_texts(error: BaseException | None):
    while error is not None:
        yield repr(error) + str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_source_restored(rig, db, monkeypatch):
    """Another server behind the URL, or an older state of this one, stops the run."""
    rig.run()
    with monkeypatch.context() as patch:
        patch.setattr(
            reader_module.MariadbReader,
            "identity",
            lambda _: {"server": "another", "datadir": "/", "database": DATABASE},
        )
        with pytest.raises(SourceError, match="is another one: server is another"):
            rig.run()
    db.execute("UPDATE event SET changed = '2026-09-01'")
    db.execute("UPDATE note SET day = '2026-09-01'")
    with pytest.raises(SourceError, match="went backwards"):
        rig.run()
    rig.run(full=True)
    same(rig, db)


def test_stress_concurrent_writers(rig, db, mariadb):
    """Six writers with savepoints, rollbacks and deletions; nothing missing, stale or extra."""
    enough = threading.Event()

    def write(seed: int) -> None:
        choose = random.Random(seed)
        session = Session(mariadb, autocommit=False)
        id_ = seed * 10**6
        while not enough.is_set():
            for _ in range(choose.randint(1, 8)):
                id_ += 1
                session.execute("SAVEPOINT s")
                session.execute(
                    "INSERT INTO event VALUES (%s, %s, 1, current_timestamp(6))", (id_, f"M{seed}")
                )
                if choose.random() < 0.1:
                    session.execute("ROLLBACK TO SAVEPOINT s")
                any_of_ours = (seed * 10**6 + choose.randint(1, id_ % 10**6),)
                session.execute(
                    "UPDATE event SET qty = qty + 1, changed = current_timestamp(6) WHERE id = %s",
                    any_of_ours,
                )
                if choose.random() < 0.05:
                    session.execute("DELETE FROM event WHERE id = %s", any_of_ours)
                time.sleep(choose.random() * 0.02)
            session.connection.rollback() if choose.random() < 0.1 else session.commit()
        session.connection.close()

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(1, 7)]
    for writer in writers:
        writer.start()
    until = time.monotonic() + 4
    runs = 0
    while runs < 4 or time.monotonic() < until:
        rig.run()
        runs += 1
    enough.set()
    for writer in writers:
        writer.join()
    rig.run()
    # a cursor shows no deletion, and nothing but deletions is left to find
    [event] = reconcile(rig.source, rig.config, tables=["event"]).results
    assert (event.missing, event.stale) == (0, 0)
    assert event.extra == event.repaired
    same(rig, db)


def test_a_run_that_fails_keeps_the_landing(rig, db):
    rig.run()
    before = rig.manifests()
    db.execute("INSERT INTO stock VALUES ('C', 3)")

    def kill(_: str) -> None:
        for (number,) in db.execute(
            "SELECT id FROM information_schema.processlist WHERE id <> connection_id()"
        ):
            db.execute(f"KILL {number}")

    db.execute("INSERT INTO event (id, qty) VALUES (6, 1)")
    with pytest.raises(SourceError):
        extraction.extract(rig.source, rig.config, progress=kill)
    assert rig.manifests() == before
    rig.run()
    same(rig, db)
    same(rig, db, "stock", "item, qty")
