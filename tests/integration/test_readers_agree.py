"""The same torture table through each fast reader and the portable one, value for value.

What one of them cannot keep, the other must not keep either.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from types import SimpleNamespace

import duckdb
import pytest
from extraction_rig import make_rig

from models.errors import SourceError
from sources.readers import session
from sources.readers import sqlalchemy as portable
from sources.readers.base import REASON, ident
from sources.readers.mariadb import MariadbReader
from sources.readers.postgresql import PostgresReader
from sources.readers.sqlalchemy import SqlAlchemyReader
from sources.readers.sqlite import SqliteReader
from sources.spec import TableSpec

POSTGRESQL = {
    "small": ("smallint", "-32768"),
    "whole": ("integer", "2147483647"),
    "big": ("bigint", "-9223372036854775808"),
    "huge": ("numeric(38, 10)", "1234567890123456789012345678.0123456789"),
    "wide": ("numeric(60, 30)", "1.000000000000000000000000000001"),
    "free": ("numeric", "0.33333333333333333333"),
    "scaleless": ("numeric(12)", "123456789012"),
    "flag": ("boolean", "true"),
    "single": ("real", "0.1"),
    "double_": ("double precision", "0.1"),
    "endless": ("double precision", "-Infinity"),
    "body": ("text", "a'b\"c\\d\r\n\t=cmd: %s :name 100% Ünï 😀"),
    "empty": ("varchar(3)", ""),
    "padded": ("char(4)", "ab"),
    "day": ("date", "9999-12-31"),
    "moment": ("timestamp", "0001-01-01 00:00:00.000001"),
    "zoned": ("timestamptz", "2026-10-25 02:30:00.123456+01"),
    "clock": ("time", "23:59:59.999999"),
    "clock_zoned": ("timetz", "12:00:00+02"),
    "span": ("interval", "1 mon 3 days 04:05:06"),
    "doc": ("json", '{"b": 1, "a": [1, 2]}'),
    "docb": ("jsonb", '{"a": [1, 2], "b": 1}'),
    "list": ("int[]", "{1,NULL,3}"),
    "raw": ("bytea", "\\x00ff10"),
    "uid": ("uuid", "123e4567-e89b-12d3-a456-426614174000"),
    "address": ("inet", "10.0.0.1/24"),
    "of_domain": ("pieces", "150"),
    "numeric_nan": ("numeric(10, 2)", "NaN"),
    "day_infinite": ("date", "infinity"),
    "day_before": ("date", "4713-01-01 BC"),
    "moment_infinite": ("timestamp", "-infinity"),
    "zoned_infinite": ("timestamptz", "infinity"),
    "moment_late": ("timestamp", "294276-12-31 23:59:59"),
    "midnight": ("time", "24:00:00"),
}
MARIADB = {
    "tiny": ("tinyint(1)", "-128"),
    "utiny": ("tinyint unsigned", "255"),
    "small": ("smallint unsigned", "65535"),
    "medium": ("mediumint", "-8388608"),
    "whole": ("int unsigned", "4294967295"),
    "filled": ("int(8) zerofill", "42"),
    "ubig": ("bigint unsigned", "18446744073709551615"),
    "huge": ("decimal(38,10)", "1234567890123456789012345678.0123456789"),
    "wide": ("decimal(65,30)", "1.000000000000000000000000000001"),
    "single": ("float", "16777215"),
    "double_": ("double", "0.1"),
    "bit1": ("bit(1)", b"\x01"),
    "bit10": ("bit(10)", b"\x03\xff"),
    "bit64": ("bit(64)", b"\xff" * 8),
    "annual": ("year", "2155"),
    "day": ("date", "9999-12-31"),
    "moment": ("datetime(6)", "2026-03-29 02:30:00.123456"),
    "stamp": ("timestamp(6)", "2026-03-29 02:30:00.123456"),
    "span": ("time(6)", "-838:59:59.999999"),
    "body": ("text", "a'b\"c\\d\r\n\t=cmd: %s :name 100% Ünï 😀"),
    "old": ("varchar(9) character set latin1", "é€"),
    "chosen": ("enum('b','a')", "a"),
    "several": ("set('x','y','z')", "x,z"),
    "doc": ("json", '{"b": 1, "a": [1, 2.50]}'),
    "uid": ("uuid", "123e4567-e89b-12d3-a456-426614174000"),
    "address": ("inet6", "2001:db8::ff00:42:8329"),
    "raw": ("varbinary(9)", b"\x00\xff"),
    "day_zero": ("date", "0000-00-00"),
    "day_half": ("date", "2026-02-00"),
    "day_year_zero": ("date", "0000-05-01"),
    "day_impossible": ("date", "2026-02-31"),
    "moment_zero": ("datetime", "0000-00-00 00:00:00"),
    "stamp_zero": ("timestamp", "0000-00-00 00:00:00"),
}
SQLITE = {
    "whole": ("INTEGER", -(2**63)),
    "exact": ("DECIMAL(12,2)", "1234567890.12"),
    "exact_number": ("DECIMAL(12,2)", 0.1),
    "real_": ("REAL", 0.1),
    "body": ("TEXT", "a'b\"c\\d\r\n\t=cmd: %s :name 100% Ünï 😀"),
    "day": ("DATE", "2026-10-31"),
    "moment": ("DATETIME", "2026-10-31T12:00:00.123456"),
    "moment_zoned": ("DATETIME", "2026-10-31 12:00:00+02:00"),
    "clock": ("TIME", "23:59:59"),
    "flag": ("BOOLEAN", 1),
    "raw": ("BLOB", b"\x00\xff"),
    "whole_text": ("INTEGER", "abc"),
    "whole_real": ("INTEGER", 1.5),
    "moment_garbage": ("DATETIME", "garbage"),
    "moment_fine": ("TIMESTAMP", "2026-10-31 12:00:00.1234567"),
    "exact_fine": ("DECIMAL(12,2)", "1.234"),
    "body_bytes": ("TEXT", b"\xff\xfe"),
    "day_year_zero": ("DATE", "0000-05-01"),
}
TABLE = TableSpec(
    name="torture", source_name="torture", key=("id",), change="full", control_total="id"
)


def columns(kinds: dict) -> str:
    return ", ".join(f"{ident(name)} {kind}" for name, (kind, _) in kinds.items())


def read(reader_class, *, url=None, path=None, spec=TABLE):
    """Landed types, readable rows by key, keys put aside, and totals."""
    source = SimpleNamespace(
        name="plant", url=lambda: url, path=path, url_env="PLANT_URL", max_statement_minutes=1
    )
    with duckdb.connect() as duck, reader_class(source, duck) as reader:
        table = reader.describe(spec)
        names = ", ".join(f"{ident(name)}::VARCHAR" for name in table.types)
        rows = duck.execute(
            f"SELECT id, {REASON} IS NULL, {names} FROM ({reader.rows(table, None).relation})"
        ).fetchall()
        good = {row[0]: dict(zip(table.types, row[2:], strict=True)) for row in rows if row[1]}
        return table.types, good, {row[0] for row in rows if not row[1]}, reader.totals(table)


def agree(fast, portable, kinds: dict) -> None:
    """The portable reader has found what the fast one has, and each value landed or was refused."""
    for what, left, right in zip(
        ("types", "rows", "put aside", "totals"), fast, portable, strict=True
    ):
        assert left == right, what
    _, good, aside, totals = fast
    assert totals.rows == len(kinds) + 1 == len(good) + len(aside)
    refused = {name for number, name in enumerate(kinds, start=1) if number in aside}
    marks = ("nan", "infinite", "before", "late", "midnight", "zero", "half", "impossible")
    marks += ("_text", "whole_real", "garbage", "fine", "bytes")
    assert refused == {name for name in kinds if name.endswith(marks)}


def test_postgresql(postgres):
    url = postgres.create_database("readers_agree")
    with postgres.connect("readers_agree") as db:
        db.execute("CREATE DOMAIN pieces AS integer")
        db.execute(f"CREATE TABLE torture (id int PRIMARY KEY, {columns(POSTGRESQL)})")
        db.execute("INSERT INTO torture (id) VALUES (0)")
        for number, (name, (kind, value)) in enumerate(POSTGRESQL.items(), start=1):
            db.execute(
                f"INSERT INTO torture (id, {ident(name)}) VALUES (%s, %s::text::{kind})",
                (number, value),
            )
    agree(
        read(PostgresReader, url=url),
        read(SqlAlchemyReader, url=url.replace("postgresql:", "postgresql+psycopg:")),
        POSTGRESQL,
    )


def test_mariadb(mariadb):
    with mariadb.connect() as connection, connection.cursor() as db:
        db.execute("DROP DATABASE IF EXISTS readers_agree")
        db.execute("CREATE DATABASE readers_agree")
        db.execute("USE readers_agree")
        db.execute(
            "SET sql_mode = 'ANSI_QUOTES,ALLOW_INVALID_DATES', time_zone = '+00:00', "
            "explicit_defaults_for_timestamp = 1"
        )
        db.execute(f"CREATE TABLE torture (id int PRIMARY KEY, {columns(MARIADB)})")
        db.execute("INSERT INTO torture (id) VALUES (0)")
        for number, (name, (_, value)) in enumerate(MARIADB.items(), start=1):
            shown = f"{value.hex()}" if isinstance(value, bytes) else None
            slot = f"0x{shown}" if shown else "%s"
            db.execute(
                f"INSERT INTO torture (id, {ident(name)}) VALUES (%s, {slot})",
                (number,) if shown else (number, value),
            )
    url = mariadb.url("readers_agree")
    agree(
        read(MariadbReader, url=url),
        read(SqlAlchemyReader, url=url.replace("mysql:", "mysql+pymysql:") + "?charset=utf8mb4"),
        MARIADB,
    )


def test_sqlite(tmp_path):
    path = tmp_path / "torture.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"CREATE TABLE torture (id INTEGER PRIMARY KEY, {columns(SQLITE)})")
        db.execute("INSERT INTO torture (id) VALUES (0)")
        for number, (name, (_, value)) in enumerate(SQLITE.items(), start=1):
            db.execute(f"INSERT INTO torture (id, {ident(name)}) VALUES (?, ?)", (number, value))
    agree(read(SqliteReader, path=path), read(SqlAlchemyReader, url=f"sqlite:///{path}"), SQLITE)


@pytest.mark.parametrize("since", ["2026-10-01 12:00:00", "2026-10-01 12:00:00.000001"])
def test_the_portable_readers_cursor_is_inclusive(mariadb, postgres, tmp_path, since):
    """The row at the bound and the rows without cursor are always among those read."""
    spec = TABLE.model_copy(update={"change": "cursor", "cursor": "changed"})
    create = "CREATE TABLE torture (id int PRIMARY KEY, changed {})"
    rows = (
        "INSERT INTO torture VALUES (1, '2026-10-01 12:00:00'), "
        "(2, '2026-10-01 12:00:00.000001'), (3, NULL), (4, '2026-09-30 00:00:00'), "
        "(5, '2026-10-01 12:00:01')"
    )
    postgres.create_database("cursors")
    with postgres.connect("cursors") as db:
        db.execute(create.format("timestamp"))
        db.execute(rows)
    with mariadb.connect() as connection, connection.cursor() as db:
        for statement in (
            "DROP DATABASE IF EXISTS cursors",
            "CREATE DATABASE cursors",
            "USE cursors",
            create.format("datetime(6)"),
            rows,
        ):
            db.execute(statement)
    with closing(sqlite3.connect(tmp_path / "c.sqlite")) as db, db:
        db.execute(create.format("DATETIME"))
        db.execute(rows)
    expected = {1, 2, 3, 5} if since.endswith(":00") else {2, 3, 5}
    for url in (
        postgres.url("cursors").replace("postgresql:", "postgresql+psycopg:"),
        mariadb.url("cursors").replace("mysql:", "mysql+pymysql:"),
        f"sqlite:///{tmp_path / 'c.sqlite'}",
    ):
        source = SimpleNamespace(
            name="plant", url=lambda url=url: url, url_env="PLANT_URL", max_statement_minutes=1
        )
        with duckdb.connect() as duck, SqlAlchemyReader(source, duck) as reader:
            relation = reader.rows(reader.describe(spec), since).relation
            found = {id_ for (id_,) in duck.execute(f"SELECT id FROM ({relation})").fetchall()}
        assert found == expected, url.split(":")[0]


def test_totals_are_exact(mariadb, postgres):
    """Beyond what a double holds."""
    create = "CREATE TABLE torture (id int PRIMARY KEY, amount decimal(20,2))"
    fill = "INSERT INTO torture VALUES (1, 900719925474099267.01), (2, 0.02), (3, NULL)"
    postgres.create_database("sums")
    with postgres.connect("sums") as db:
        db.execute(create)
        db.execute(fill)
    with mariadb.connect() as connection, connection.cursor() as db:
        for statement in ("CREATE OR REPLACE DATABASE sums", "USE sums", create, fill):
            db.execute(statement)
    spec = TABLE.model_copy(update={"control_total": "amount"})
    for reader, url in (
        (PostgresReader, postgres.url("sums")),
        (SqlAlchemyReader, postgres.url("sums").replace("postgresql:", "postgresql+psycopg:")),
        (MariadbReader, mariadb.url("sums")),
        (SqlAlchemyReader, mariadb.url("sums").replace("mysql:", "mysql+pymysql:")),
    ):
        totals = read(reader, url=url, spec=spec)[3]
        assert (totals.rows, totals.control) == (3, Decimal("900719925474099267.03"))


@pytest.mark.parametrize("database", ["postgresql", "mariadb"])
def test_a_whole_run_through_the_portable_reader(  # noqa: PLR0913, PLR0917 - both servers
    database, postgres, mariadb, tmp_path, monkeypatch, request
):
    """First load, nothing new, increment and deletion."""
    monkeypatch.setitem(session._READERS, database, SqlAlchemyReader)
    if database == "postgresql":
        url = postgres.create_database("portable")
        db = postgres.connect("portable")
        monkeypatch.setenv("PLANT_URL", url.replace("postgresql:", "postgresql+psycopg:"))
    else:
        with mariadb.connect() as first, first.cursor() as cursor:
            cursor.execute("CREATE OR REPLACE DATABASE portable")
        db = mariadb.connect("portable")
        monkeypatch.setenv("PLANT_URL", mariadb.url("portable").replace("mysql:", "mysql+pymysql:"))
    request.addfinalizer(db.close)
    cursor = db.cursor()
    for statement in (
        "CREATE TABLE event (id int PRIMARY KEY, qty decimal(10,2), changed timestamp(6) NULL)",
        "INSERT INTO event VALUES (1, 1.25, '2026-10-01 12:00:00'), (2, 2.50, NULL)",
        "CREATE TABLE stock (id int PRIMARY KEY, pad varchar(2000))",
        "INSERT INTO stock VALUES (1, 'a'), (2, 'b')",
    ):
        cursor.execute(statement)
    rig = make_rig(
        monkeypatch,
        tmp_path,
        f"description: x\ndatabase: {database}\ntables:\n"
        "  event: {key: [id], change: cursor, cursor: changed, control_total: qty}\n"
        "  stock: {key: [id], change: full}\n",
        url_env="PLANT_URL",
    )
    rig.run()
    entry = rig.manifests()[-1].tables["event"]
    assert (entry.source_rows, entry.source_control_total) == (2, "3.75")
    assert entry.landed_control_total == "3.75"
    assert rig.run().batch_id is None
    cursor.execute("INSERT INTO event VALUES (3, 1, '2026-10-01 12:00:00')")
    cursor.execute("DELETE FROM stock WHERE id = 1")
    report = rig.run()
    assert (report.tables["event"].upserts, report.tables["stock"].deletes) == (1, 1)


def test_a_connection_of_the_portable_reader_that_is_cut(postgres, tmp_path, monkeypatch):
    """Nothing lands, the message is the server's own, and the next run lands all."""
    monkeypatch.setitem(session._READERS, "postgresql", SqlAlchemyReader)
    url = postgres.create_database("cut").replace("postgresql:", "postgresql+psycopg:")
    monkeypatch.setenv("PLANT_URL", url)
    rig = make_rig(
        monkeypatch,
        tmp_path,
        "description: x\ndatabase: postgresql\ntables: {stock: {key: [id], change: full}}",
        url_env="PLANT_URL",
    )
    batch, cut = portable._batch, []
    with postgres.connect("cut") as db:
        db.execute("CREATE TABLE stock (id int PRIMARY KEY, pad text)")
        db.execute("INSERT INTO stock SELECT i, repeat('p', 2000) FROM generate_series(1, 20000) i")

        def cut_off(rows, schema):
            if not cut:
                cut.append(
                    db.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = 'cut' AND pid <> pg_backend_pid()"
                    ).fetchall()
                )
            return batch(rows, schema)

        with monkeypatch.context() as patch:
            patch.setattr(portable, "_batch", cut_off)
            patch.setattr(portable, "BATCH_ROWS", 500)
            with pytest.raises(
                SourceError, match="stock of source 'plant' cannot be read: terminating connection"
            ):
                rig.run()
    assert len(cut[0]) == 1
    assert rig.manifests() == []
    assert rig.run().tables["stock"].upserts == 20_000
