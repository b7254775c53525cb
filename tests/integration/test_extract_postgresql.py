from __future__ import annotations

import json
import os
import random
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
import pytest
from extraction_rig import amid_the_first_rows, make_rig

from models.errors import ConfigError, ScorecardError, SourceError
from sources import changes
from sources import extract as extraction
from sources.readers import postgresql
from sources.reconcile import reconcile

if TYPE_CHECKING:
    from extraction_rig import Rig

SYSTEM = """
description: A vendor
database: postgresql
tables:
  event: {key: [id], change: horizon, control_total: qty}
  note: {key: [id], change: cursor, cursor: changed}
  stock: {name: "public.stock", key: [item], change: full}
"""
TABLES = """
CREATE TABLE event (id bigint PRIMARY KEY, machine text, qty numeric(10, 2), changed timestamptz);
CREATE TABLE note (id int PRIMARY KEY, body text, changed timestamptz DEFAULT now());
CREATE TABLE stock (item text, qty int);
INSERT INTO event SELECT i, 'M1', i / 4.0, '2026-10-01 12:00+02' FROM generate_series(1, 5) AS i;
INSERT INTO note VALUES (1, 'a', '2026-10-01 12:00+00');
INSERT INTO stock VALUES ('A', 1), ('B', 2);
"""


@pytest.fixture
def url(postgres, request):
    name = f"extract_{abs(hash(request.node.name)) % 10**8}"
    url = postgres.create_database(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLES)
    yield url
    with postgres.connect() as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def db(url):
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def other(url):
    """A second session of the vendor's, in a transaction of its own."""
    with psycopg.connect(url) as connection:
        yield connection


@pytest.fixture
def make(url, tmp_path, monkeypatch):
    def make(system: str = SYSTEM, user: str = "owner") -> Rig:
        monkeypatch.setenv("PLANT_URL", url.replace("owner", user))
        return make_rig(monkeypatch, tmp_path, system, url_env="PLANT_URL")

    return make


@pytest.fixture
def rig(make) -> Rig:
    return make()


def same(rig, db, table="event", columns="id, machine, qty"):
    """The oracle: EXCEPT both ways is empty."""
    source = {tuple(row) for row in db.execute(f"SELECT {columns} FROM {table}").fetchall()}
    landed = set(rig.live(table, columns))
    assert (source - landed, landed - source) == (set(), set())


def test_first_batch(rig, db):
    report = rig.run()
    entry = rig.manifests()[-1].tables["event"]
    assert (entry.source_rows, entry.landed_rows, entry.rows) == (5, 5, 5)
    assert entry.source_control_total == entry.landed_control_total == "3.75"
    assert report.tables["note"].newest_change == "2026-10-01 12:00:00"
    assert rig.types("event") == {
        "id": "BIGINT",
        "machine": "VARCHAR",
        "qty": "DECIMAL(10,2)",
        "changed": "TIMESTAMP",
    }
    assert str(rig.live("event", "changed")[0][0]) == "2026-10-01 10:00:00"
    same(rig, db)


def test_silent_run_lands_no_batch(rig, db):
    rig.run()
    assert not rig.has_new_data()
    assert rig.run().batch_id is None
    db.execute("UPDATE event SET qty = qty")
    db.execute("CREATE TABLE unrelated (id int)")
    assert not rig.has_new_data()
    assert rig.run().batch_id is None


def test_late_commit(rig, db, other):
    other.execute("INSERT INTO event VALUES (10, 'late', 1, now() - interval '2 hours')")
    db.execute("INSERT INTO event VALUES (11, 'M1', 1, now())")
    rig.run()
    other.commit()
    assert rig.has_new_data()
    assert rig.run().tables["event"].upserts == 1
    same(rig, db)
    assert rig.run().batch_id is None


def test_late_commit_beyond_overlap(rig, db, other):
    rig.run()
    other.execute("UPDATE event SET machine = 'late' WHERE id = 1")
    for id_ in (10, 11, 12):
        db.execute("INSERT INTO event VALUES (%s, 'M1', 1, now())", (id_,))
        assert rig.run().tables["event"].upserts == 1
    other.commit()
    assert rig.run().tables["event"].upserts == 1
    same(rig, db)


def test_an_increment_is_compared_with_what_landed_lately(rig, db, monkeypatch):
    rig.run()
    monkeypatch.setattr(changes, "RECENT_ROWS", 4)
    monkeypatch.setattr(changes, "RECENT_TIMES", 1)
    for landed in (2, 0):  # the first batch, of five rows, is too big to look into
        db.execute("UPDATE event SET qty = qty WHERE id <= 2")
        assert rig.run().tables["event"].upserts == landed
        same(rig, db)
    assert rig.run(full=True).tables["event"].upserts == 0


def test_same_timestamp_boundary(rig, db):
    rig.run()
    db.execute(
        "INSERT INTO note VALUES (2, 'same', '2026-10-01 12:00+00'), (3, 'null', NULL),"
        " (4, 'late', '2026-10-01 11:55+00')"
    )
    assert rig.run().tables["note"].upserts == 3
    same(rig, db, "note", "id, body")
    assert rig.run().batch_id is None


def test_hard_delete(rig, db):
    rig.run()
    db.execute("DELETE FROM stock WHERE item = 'A'")
    db.execute("DELETE FROM event WHERE id = 5")
    assert rig.run().tables["stock"].deletes == 1
    # a transaction horizon sees no deletions: a full run does
    assert rig.run(full=True).tables["event"].deletes == 1
    same(rig, db)
    same(rig, db, "stock", "item, qty")


def test_null_or_dup_key(rig, db):
    db.execute("INSERT INTO stock VALUES ('C', 1), ('C', 2), (NULL, 3)")
    report = rig.run()
    assert report.tables["stock"].quarantined == 3
    assert rig.live("stock") == [("A", 1), ("B", 2)]
    assert rig.run().batch_id is None


def test_wraparound_of_transaction_ids(db):
    """Ages are counted modulo 2^32 from the newest transaction, never compared as numbers."""
    [(newest,)] = db.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    table = SimpleNamespace(spec=SimpleNamespace(cursor=None))

    def condition(horizon: int, epoch: int = 0) -> str:
        reader = object.__new__(postgresql.PostgresReader)
        reader._xmax = newest + epoch * 2**32
        return reader._since(table, str(horizon + epoch * 2**32)).removeprefix(" WHERE ")

    far = 2**31 - 10**6
    for epoch, horizon, xmin, taken in (
        (0, newest - 9, newest - 9, True),
        (0, newest - 9, newest - 10, False),
        (0, newest - 9, newest - 1, True),
        (5, newest - 9, newest - 9, True),
        (5, newest - 9, newest - 10, False),
        (5, -10, -10, True),  # written before the wrap, and not older
        (5, -10, -11, False),
        (5, -10, newest - 1, True),
        (5, newest - 9, -10, False),
        (5, newest - far, newest - far, True),
        (5, newest - far, newest - far - 1, False),
        (5, newest - 9, newest + 10, True),  # frozen an epoch ago: read once more
        (5, newest - 9, 2, False),  # frozen by an old server
    ):
        sql = condition(horizon, epoch).replace("age(xmin)", f"age('{xmin % 2**32}'::xid)")
        assert db.execute(f"SELECT {sql}").fetchone() == (taken,), (epoch, horizon, xmin)
    assert condition(newest - 2**31, 5) == ""


def test_source_restored(rig, db):
    rig.run()
    db.execute("INSERT INTO event VALUES (6, 'M1', 1, now())")
    newest = rig.folder() / f"batch={rig.manifests()[-1].batch_id}" / "manifest.json"
    text = newest.read_text()
    identifier = rig.manifests()[-1].identity["system_identifier"]
    newest.write_text(text.replace(identifier, "7000000000000000000"))
    with pytest.raises(SourceError, match="is another one: system_identifier"):
        rig.run()
    horizon = rig.manifests()[-1].snapshot["horizon"]
    newest.write_text(text.replace(f'"horizon": "{horizon}"', f'"horizon": "{10**12}"'))
    with pytest.raises(SourceError, match="went backwards: its oldest transaction"):
        rig.run()
    assert len(rig.manifests()) == 1
    assert rig.run(full=True).tables["event"].upserts == 1
    same(rig, db)


def test_schema_added_col(rig, db):
    rig.run()
    db.execute("ALTER TABLE event ADD COLUMN shift text DEFAULT 'early'")
    assert rig.run().tables["event"].upserts == 5
    same(rig, db, columns="id, shift")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("ALTER TABLE event DROP COLUMN machine", r"'machine' of table event \(VARCHAR\) is gone"),
        ("ALTER TABLE event RENAME machine TO unit", r"'machine' of table event .* is gone"),
        (
            "ALTER TABLE event ALTER qty TYPE numeric(18, 6)",
            r"'qty' of table event is DECIMAL\(18,6\), after DECIMAL\(10,2\)",
        ),
        (
            "ALTER TABLE stock ALTER qty TYPE text",
            "'qty' of table public.stock is VARCHAR, after INTEGER",
        ),
    ],
)
def test_schema_drift_stops_its_table_before_anything_is_written(rig, db, change, message):
    rig.run()
    db.execute("INSERT INTO note VALUES (2, 'b')")
    db.execute(change)
    report = rig.run()
    assert re.search(message, str(report.failure))
    assert len(report.stopped) == 1
    assert (2, "b") in rig.live("note", "id, body")
    assert rig.run(full=True).failure is None
    same(rig, db, "stock", "item, qty")
    assert rig.run().batch_id is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("TRUNCATE stock", "Table public.stock was truncated or rewritten while the run began"),
        ("ALTER TABLE stock ALTER qty TYPE bigint", "was truncated or rewritten"),
        ("ALTER TABLE note DROP COLUMN body", "note.body does not exist|column .*body.* does not"),
    ],
)
def test_drift_mid_run(rig, db, monkeypatch, change, message):
    """Altered after the snapshot: nothing of it lands, and nothing seems deleted."""
    from sources.readers.postgresql import PostgresReader  # noqa: PLC0415 - only here

    rig.run()
    db.execute("INSERT INTO event VALUES (6, 'M1', 1, now())")
    describe = PostgresReader.describe

    def alter_first(self, spec):
        if spec.name == "event":
            db.execute(change)
        return describe(self, spec)

    with monkeypatch.context() as patch:
        patch.setattr(PostgresReader, "describe", alter_first)
        with pytest.raises(SourceError, match=message):
            rig.run()
    assert len(rig.manifests()) == 1
    assert rig.live("stock") == [("A", 1), ("B", 2)]
    assert rig.run().tables["event"].upserts == 1


def test_pii_canary(make, db, monkeypatch):
    """A name is hashed on the way, also where the row is put aside or compared whole."""
    monkeypatch.setenv("SCORECARD_HASH_KEY", "0123456789abcdef0123456789abcdef")
    db.execute("ALTER TABLE event ADD badge int")
    db.execute("UPDATE event SET machine = 'Ivan Petrov', badge = 4711")
    db.execute("INSERT INTO event VALUES (6, 'Ivan Petrov', 'NaN', now(), 4711)")
    hashed = "event: {key: [id], change: horizon, hash: [machine, badge]}"
    rig = make(SYSTEM.replace("event: {key: [id], change: horizon, control_total: qty}", hashed))
    assert rig.run().tables["event"].quarantined == 1
    [(_, key, reason, row, _)] = rig.aside()
    assert (key, reason.split(":")[0]) == ('{"id":6}', "qty")
    assert {"machine", "badge"}.isdisjoint(json.loads(row))
    db.execute("UPDATE event SET qty = 7 WHERE id = 1")
    rig.run()
    db.execute("DELETE FROM event WHERE id = 2")
    [result, *_] = reconcile(rig.source, rig.config).results
    assert (result.extra, result.repaired) == (1, 1)
    assert len(rig.live("event", "DISTINCT machine, badge")) == 1
    assert re.search("Ivan|\\b4711\\b", rig.text()) is None


TORTURE = {
    "huge": ("numeric(38, 10)", "1234567890123456789012345678.0123456789", "DECIMAL(38,10)"),
    "wide": ("numeric(60, 30)", "1.000000000000000000000000000001", "VARCHAR"),
    "free": ("numeric", "0.33333333333333333333", "VARCHAR"),
    "free_nan": ("numeric", "NaN", "VARCHAR"),
    "small": ("smallint", "-32768", "SMALLINT"),
    "whole": ("integer", "2147483647", "INTEGER"),
    "big": ("bigint", "-9223372036854775808", "BIGINT"),
    "flag": ("boolean", "true", "BOOLEAN"),
    "single": ("real", "0.1", "FLOAT"),
    "double": ("double precision", "NaN", "DOUBLE"),
    "endless": ("double precision", "-Infinity", "DOUBLE"),
    "body": ("text", "a'b\"c\\d\r\n\t=cmd Ünï 😀", "VARCHAR"),
    "empty": ("text", "", "VARCHAR"),
    "short": ("varchar(3)", "007", "VARCHAR"),
    "day": ("date", "0001-01-01", "DATE"),
    "last": ("date", "9999-12-31", "DATE"),
    "moment": ("timestamp", "9999-12-31 23:59:59.999999", "TIMESTAMP"),
    "zoned": ("timestamptz", "2026-03-29 02:30:00+01", "TIMESTAMP"),
    "clock": ("time", "23:59:59.999999", "TIME"),
    "clock_zoned": ("timetz", "12:00:00+02", "VARCHAR"),
    "span": ("interval", "1 mon 3 days 04:05:06", "VARCHAR"),
    "doc": ("json", '{"b": 1, "a": [1, 2]}', "VARCHAR"),
    "docb": ("jsonb", '{"a": [1, 2], "b": 1}', "VARCHAR"),
    "list": ("int[]", "{1,NULL,3}", "VARCHAR"),
    "raw": ("bytea", "\\x00ff10", "BLOB"),
    "uid": ("uuid", "123e4567-e89b-12d3-a456-426614174000", "VARCHAR"),
    "address": ("inet", "10.0.0.1/24", "VARCHAR"),
}
BENT = {
    "numeric_nan": ("numeric(10, 2)", "NaN"),
    "day_infinite": ("date", "infinity"),
    "day_before": ("date", "4713-01-01 BC"),
    "moment_infinite": ("timestamp", "-infinity"),
    "zoned_infinite": ("timestamptz", "infinity"),
    "moment_late": ("timestamp", "294276-12-31 23:59:59"),
    "midnight": ("time", "24:00:00"),
}


def test_types_exactly(make, db):
    columns = {**TORTURE, **{name: (*kind, "") for name, kind in BENT.items()}}
    db.execute(
        "CREATE TABLE torture (id int PRIMARY KEY, "
        + ", ".join(f'"{name}" {kind}' for name, (kind, *_) in columns.items())
        + ")"
    )
    names = ", ".join(f'"{name}"' for name in TORTURE)
    slots = ", ".join(f"%s::text::{kind}" for kind, *_ in TORTURE.values())
    db.execute(
        f"INSERT INTO torture (id, {names}) VALUES (1, {slots})",
        [value for _, value, _ in TORTURE.values()],
    )
    db.execute("INSERT INTO torture (id) VALUES (2)")
    for number, (name, (kind, value)) in enumerate(BENT.items(), start=100):
        db.execute(
            f'INSERT INTO torture (id, "{name}") VALUES ({number}, %s::text::{kind})', (value,)
        )
    rig = make(
        "description: x\ndatabase: postgresql\ntables: {torture: {key: [id], change: horizon}}"
    )
    rig.run()
    types = rig.types("torture")
    assert {name: types[name] for name in TORTURE} == {n: t for n, (_, _, t) in TORTURE.items()}
    assert rig.live("torture", "id") == [(1,), (2,)]
    assert set(rig.live("torture", names)[1]) == {None} or set(rig.live("torture", names)[0]) == {
        None
    }
    shown = ", ".join(f'"{n}"::VARCHAR' if n != "raw" else f'hex("{n}")' for n in TORTURE)
    [landed] = [row for row in rig.live("torture", f"id, {shown}") if row[0] == 1]
    expected = {
        **{name: value for name, (_, value, _) in TORTURE.items()},
        "double": "nan",
        "endless": "-inf",
        "zoned": "2026-03-29 01:30:00",
        "span": "P1M3DT4H5M6S",
        "list": "[1,null,3]",
        "raw": "00FF10",
        "clock_zoned": "12:00:00+02",
    }
    assert dict(zip(TORTURE, landed[1:], strict=True)) == expected
    assert len(rig.quarantine()) == len(BENT)
    reasons = [reason for _, reason in rig.quarantine()]
    for name, (_, value) in BENT.items():
        assert any(r.startswith(f"{name}: ") and "cannot be kept as" in r for r in reasons), value
    assert (
        "infinity"
        in rig.query(
            f"SELECT \"row\" FROM read_parquet('{rig.files('_quarantine')}') "
            "WHERE reason LIKE 'day_infinite%'"
        )[0][0]
    )
    assert rig.run().batch_id is None


def one(table: str) -> str:
    return (
        f"description: x\ndatabase: postgresql\ntables: {{{table}: {{key: [id], change: horizon}}}}"
    )


def test_bad_dates(make, db):
    db.execute("CREATE TABLE dated (id int PRIMARY KEY, d date, t timestamp, z timestamptz)")
    db.execute(
        "INSERT INTO dated VALUES (1, 'infinity', NULL, NULL), (2, '-infinity', NULL, NULL),"
        " (3, '0044-03-15 BC', NULL, NULL), (4, NULL, 'infinity', NULL),"
        " (5, NULL, '294276-12-31', NULL), (6, NULL, NULL, '-infinity'),"
        " (7, NULL, NULL, '0001-12-31 12:00+00 BC'),"
        " (8, '9999-12-31', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00'),"
        " (9, '0001-01-01', '0001-01-01', '0001-01-01 00:00+00')"
    )
    rig = make(one("dated"))
    report = rig.run().tables["dated"]
    assert (report.rows, report.quarantined) == (2, 7)
    last = "9999-12-31 23:59:59.999999"
    assert [tuple(map(str, row)) for row in rig.live("dated", "id, d, t, z")] == [
        ("8", "9999-12-31", last, last),
        ("9", "0001-01-01", "0001-01-01 00:00:00", "0001-01-01 00:00:00"),
    ]
    assert [key for _, key, *_ in rig.aside()] == [f'{{"id":{n}}}' for n in range(1, 8)]
    # an increment keeps and refuses the same as a first load
    db.execute("UPDATE dated SET d = d")
    assert rig.run().batch_id is None


def test_time_interval(make, db):
    db.execute("CREATE TABLE timed (id int PRIMARY KEY, clock time, span interval)")
    db.execute(
        "INSERT INTO timed VALUES (1, '23:59:59.999999', '1 mon 3 days'), (2, '24:00', NULL),"
        " (3, NULL, '-838:59:59')"
    )
    rig = make(one("timed"))
    assert rig.run().tables["timed"].quarantined == 1
    assert rig.live("timed", "id, clock::VARCHAR, span") == [
        (1, "23:59:59.999999", "P1M3D"),
        (3, None, "PT-838H-59M-59S"),
    ]
    assert rig.quarantine() == [("timed", "clock: 24:00:00 cannot be kept as TIME")]


def test_decimal_exactness(make, db):
    db.execute(
        "CREATE TABLE exact (id bigint PRIMARY KEY, a numeric(38, 10), b numeric(65, 30),"
        " c numeric, d bigint, e numeric(10, 2))"
    )
    wide = "12345678901234567890123456789012345.123456789012345678901234567890"
    db.execute(
        "INSERT INTO exact VALUES"
        f" (1, 9999999999999999999999999999.9999999999, {wide}, 1.0 / 3, 9007199254740993, 0.01),"
        " (2, NULL, NULL, NULL, NULL, NULL), (3, NULL, NULL, NULL, NULL, 'NaN')"
    )
    rig = make(one("exact"))
    rig.run()
    assert rig.live("exact", "a, b, c, d, e")[0] == (
        Decimal("9999999999999999999999999999.9999999999"),
        wide,
        "0.33333333333333333333",
        9007199254740993,
        Decimal("0.01"),
    )
    assert rig.quarantine() == [("exact", "e: NaN cannot be kept as DECIMAL(10,2)")]


def test_text_torture(make, db):
    """Up to 50 MB in one field; PostgreSQL itself keeps no NUL and no lone surrogate."""
    texts = ["", "a\r\nb\tc", "=cmd|' /C calc'!A0", "Ünï 😀 \u200f \ufeff", "'; DROP TABLE x; --"]
    texts += ["\\N", "\\x00", '"', "y" * 50_000_000]
    db.execute("CREATE TABLE texts (id int PRIMARY KEY, body text, raw bytea)")
    for number, text in enumerate(texts):
        db.execute(
            "INSERT INTO texts VALUES (%s, %s, %s)", (number, text, text[:99].encode("utf-16"))
        )
    rig = make(one("texts"))
    rig.run()
    assert rig.live("texts", "id, body, raw") == [
        (number, text, text[:99].encode("utf-16")) for number, text in enumerate(texts)
    ]


def test_evil_identifiers(make, db):
    db.execute('CREATE SCHEMA "s""x"')
    db.execute(
        'CREATE TABLE "s""x"."a""; drop table x;--" ("order" int PRIMARY KEY, "Ünï " text,'
        """ "it's" text)"""
    )
    db.execute("""INSERT INTO "s""x"."a""; drop table x;--" VALUES (1, 'a', 'b')""")
    rig = make(
        "description: x\ndatabase: postgresql\ntables:\n"
        """  evil: {name: 's"x.a"; drop table x;--', key: [order], change: horizon}\n"""
    )
    rig.run()
    assert rig.live("evil", '"order", "Ünï ", "it\'s"') == [(1, "a", "b")]
    db.execute('CREATE TABLE clash (id int PRIMARY KEY, "Id" int)')
    with pytest.raises(ScorecardError, match="columns 'id' and 'Id', which differ in case only"):
        make(one("clash")).run()


def test_keyset_vs_concurrent_delete(rig, db, monkeypatch):
    """What is deleted, moved or added while a table is read: the snapshot has each row once."""
    db.execute("INSERT INTO event SELECT i, 'M', 1, now() FROM generate_series(6, 40000) i")
    before = set(db.execute("SELECT id, machine FROM event").fetchall())

    def change():
        db.execute("DELETE FROM event WHERE id % 4 = 0")
        db.execute("UPDATE event SET id = id + 100000, changed = now() WHERE id % 4 = 1")
        db.execute("INSERT INTO event (id) SELECT generate_series(-500, 0)")

    amid_the_first_rows(rig, monkeypatch, change).run()
    assert set(rig.live("event", "id, machine")) == before
    rig.run(full=True)
    same(rig, db)


def test_mutable_sort_key(rig, db, monkeypatch):
    """A row whose cursor moves while the run reads lands once, and its new version next time."""
    rig.run()
    db.execute("INSERT INTO note SELECT i, 'n', '2026-10-02' FROM generate_series(2, 20000) i")
    moving = amid_the_first_rows(
        rig,
        monkeypatch,
        lambda: db.execute(
            "UPDATE note SET body = 'moved', changed = '2026-10-03' WHERE id <= 5000"
        ),
    )
    assert moving.run().tables["note"].upserts == 19_999
    assert rig.run().tables["note"].upserts == 5_000
    same(rig, db, "note", "id, body")


def test_a_type_of_the_systems_own_is_exact_or_refused(make, db):
    db.execute(
        "CREATE TABLE loose (id int PRIMARY KEY, at text, amount numeric, n text, price float8)"
    )
    db.execute(
        "INSERT INTO loose VALUES (1, '2026-10-31 12:00', 1.25, '7', 0.1), (2, 'soon', 1, '7', 1),"
        " (3, '2026-10-31', 1.255, '7', 1), (4, '2026-10-31', 1, '7.5', 1)"
    )
    rig = make(
        "description: x\ndatabase: postgresql\ntables:\n  loose: {key: [id], change: horizon, "
        'columns: {id: bigint, at: timestamp, amount: "numeric(10,2)", n: integer, '
        'price: "numeric(10,2)"}}'
    )
    rig.run()
    assert rig.live("loose", "id, amount, n, price") == [(1, Decimal("1.25"), 7, Decimal("0.10"))]
    assert [reason for _, reason in rig.quarantine()] == [
        "amount: 1.255 cannot be kept as DECIMAL(10,2)",
        "at: soon is no exact TIMESTAMP",
        "n: 7.5 is no exact INTEGER",
    ]


def test_control_total_needs_a_number(make, db):
    db.execute("ALTER TABLE event ALTER qty TYPE numeric")
    with pytest.raises(SourceError, match="control total 'qty' lands as VARCHAR, which has no sum"):
        make().run()


def test_horizon_on_a_view_is_refused(make, db):
    db.execute("CREATE VIEW seen AS SELECT * FROM event")
    rig = make("description: x\ndatabase: postgresql\ntables: {seen: {key: [id], change: horizon}}")
    with pytest.raises(SourceError, match="seen is no table, so it has no transaction ids"):
        rig.run()


def test_excluded_columns_are_not_even_asked_for(make, db):
    db.execute("DROP ROLE IF EXISTS blind; CREATE ROLE blind LOGIN PASSWORD 'test-password'")
    db.execute(
        "GRANT SELECT ON note, stock TO blind; GRANT SELECT (id, qty, changed) ON event TO blind"
    )
    db.execute("UPDATE event SET machine = 'Ivan Petrov'")
    db.execute("INSERT INTO event VALUES (7, 'Ivan Petrov', 'NaN', now())")
    rig = make(SYSTEM.replace("control_total: qty", "exclude: [machine]"), user="blind")
    rig.run()
    assert "machine" not in rig.types("event")
    assert len(rig.quarantine()) == 1
    landed = b"".join(p.read_bytes() for p in rig.folder().rglob("*") if p.is_file())
    assert b"Ivan" not in landed


def test_secret_leak_scan(make, monkeypatch, postgres, capfd):
    canary = "canary/p@ss:word"
    rig = make()
    written = quote(canary, safe="")
    for url in (
        f"postgresql://nobody:{written}@127.0.0.1:{postgres.port}/postgres",
        f"postgresql://127.0.0.1:1/postgres?user=x&password={written}",
        f"postgresql://x:{written}@no host",
        f"mysql://x:{written}@127.0.0.1/db",
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


def test_passwords_do_not_land(rig):
    rig.run()
    for path in rig.folder().rglob("*"):
        assert not path.is_file() or b"test-password" not in path.read_bytes()


def test_source_down_midway(rig, db):
    rig.run()
    before = rig.manifests()
    db.execute("INSERT INTO event VALUES (6, 'M1', 1, now())")
    db.execute("INSERT INTO stock VALUES ('C', 3)")

    def kill(_: str) -> None:
        db.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            "WHERE application_name = 'scorecard'"
        )

    with pytest.raises(SourceError, match="Nothing has landed"):
        extraction.extract(rig.source, rig.config, progress=kill)
    assert rig.manifests() == before
    rig.run()
    same(rig, db)
    same(rig, db, "stock", "item, qty")


def test_no_transaction_is_left_open(rig, db):
    rig.run()
    assert_nothing_is_open(db)


def assert_nothing_is_open(db):
    assert db.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'scorecard' "
        "AND state <> 'idle' AND xact_start IS NOT NULL"
    ).fetchone() == (0,)


def test_slow_source(rig, db, other, monkeypatch):
    """A table that somebody holds locked ends the run in bounded time, with nothing landed."""
    rig.run()
    db.execute("INSERT INTO stock VALUES ('C', 3)")
    other.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
    monkeypatch.setitem(postgresql.SESSION, "lock_timeout", "1s")
    started = time.monotonic()
    with pytest.raises(SourceError, match="lock timeout"):
        rig.run()
    assert time.monotonic() - started < 15
    assert_nothing_is_open(db)
    other.rollback()
    rig.run()
    same(rig, db, "stock", "item, qty")


def test_statement_timeout(make, db, monkeypatch):
    db.execute("CREATE VIEW slow AS SELECT id, pg_sleep(2)::text AS s FROM event")
    rig = make("description: x\ndatabase: postgresql\ntables: {slow: {key: [id], change: full}}")
    limited = f"{os.environ['PLANT_URL']}?options=-c%20statement_timeout%3D300"
    monkeypatch.setenv("PLANT_URL", limited)
    with pytest.raises(SourceError, match="statement timeout"):
        rig.run()
    assert_nothing_is_open(db)


def test_a_source_is_read_at_its_pace_on_one_connection(rig, db):
    db.execute(
        "INSERT INTO event SELECT i, repeat('M', 200), 1, now() FROM generate_series(6, 40000) i"
    )
    slow = replace(rig, source=rig.source.model_copy(update={"max_rows_per_second": 20_000}))
    ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'scorecard'"
    with ThreadPoolExecutor(1) as pool:
        started = time.monotonic()
        run = pool.submit(slow.run)
        seen = set()
        while not run.done():
            seen |= set(db.execute(ours).fetchall())
            time.sleep(0.05)
    run.result()
    assert time.monotonic() - started > 2
    assert seen <= {(0,), (1,)}
    assert (1,) in seen
    same(rig, db)


def documented_grants() -> list[str]:
    """The statements of docs/connect.md, with a password of ours."""
    text = (Path(__file__).parents[2] / "docs" / "connect.md").read_text("utf-8")
    script = text.partition("### PostgreSQL")[2].partition("```sql")[2].partition("```")[0]
    return [s for s in script.replace("'...'", "'test-password'").split(";") if s.strip()]


def test_ro_source(make, db, url):
    """The documented role reads what is granted and is refused everything else by the server."""
    db.execute(
        "CREATE SCHEMA prod; CREATE TABLE prod.machine_state (id int PRIMARY KEY, state text);"
        "CREATE TABLE prod.operator_log (id int PRIMARY KEY, started timestamptz, "
        "ended timestamptz, machine_id int, operator text);"
        "INSERT INTO prod.machine_state VALUES (1, 'RUN');"
        "INSERT INTO prod.operator_log VALUES (1, NULL, NULL, 7, 'Ivan Petrov')"
    )
    db.execute("DROP ROLE IF EXISTS scorecard_reader")
    database = url.rpartition("/")[2]
    for statement in documented_grants():
        db.execute(statement.replace("DATABASE plant", f'DATABASE "{database}"'))
    table = "{{name: prod.{0}, key: [id], change: {1}}}"
    rig = make(
        "description: x\ndatabase: postgresql\ntables:\n"
        f"  machine_state: {table.format('machine_state', 'horizon')}\n"
        "  operator_log: {name: prod.operator_log, key: [id], change: full, exclude: [operator]}\n",
        user="scorecard_reader",
    )
    rig.run()
    assert rig.live("machine_state") == [(1, "RUN")]
    assert rig.live("operator_log") == [(1, None, None, 7)]
    with psycopg.connect(os.environ["PLANT_URL"], autocommit=True) as reading:
        for forbidden in (
            "INSERT INTO prod.machine_state VALUES (2, 'X')",
            "DELETE FROM prod.machine_state",
            "CREATE TEMPORARY TABLE t (id int)",
            "DROP TABLE prod.machine_state",
            "SELECT operator FROM prod.operator_log",
            "SELECT * FROM stock",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reading.execute(forbidden)
    db.execute("DROP OWNED BY scorecard_reader; DROP ROLE scorecard_reader")


def test_stress_concurrent_writers(rig, db, url):
    """Six writers with transactions, savepoints and rollbacks; nothing missing, stale or extra."""
    enough = threading.Event()

    def write(seed: int) -> None:
        choose = random.Random(seed)
        with psycopg.connect(url) as connection:
            id_ = seed * 10**6
            while not enough.is_set():
                for _ in range(choose.randint(1, 8)):
                    id_ += 1
                    with connection.transaction(force_rollback=choose.random() < 0.1):
                        connection.execute(
                            "INSERT INTO event VALUES (%s, %s, 1, now())", (id_, f"M{seed}")
                        )
                    connection.execute(
                        "UPDATE event SET qty = qty + 1 WHERE id = %s",
                        (seed * 10**6 + choose.randint(1, id_ % 10**6),),
                    )
                    time.sleep(choose.random() * 0.02)
                connection.rollback() if choose.random() < 0.1 else connection.commit()

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
    same(rig, db)


def test_a_real_odoo_lands_row_for_row(real_dump, tmp_path, monkeypatch):
    url = real_dump("odoo17")
    monkeypatch.setenv("PLANT_URL", url)
    rig = make_rig(
        monkeypatch,
        tmp_path,
        "description: Odoo\ndatabase: postgresql\ntables:\n"
        "  sale_order: {key: [id], change: horizon}\n"
        "  stock_move: {key: [id], change: cursor, cursor: write_date,"
        ' columns: {id: integer, product_qty: "numeric(38,18)", write_date: timestamp, name: text,'
        " scrapped: boolean}}\n"
        "  mrp_workcenter_productivity: {key: [id], change: full}\n",
        url_env="PLANT_URL",
    )
    rig.run()
    with psycopg.connect(url) as db:
        same(rig, db, "sale_order", "id, name, state, date_order, amount_total::text")
        same(rig, db, "stock_move", "id, product_qty, write_date, name, scrapped")
        same(rig, db, "mrp_workcenter_productivity", "id, date_start, date_end, duration")
    assert rig.run().batch_id is None
