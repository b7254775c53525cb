"""The Arrow readers of SQL Server and Oracle, as far as they go without either server.

ODBC is tested against PostgreSQL: the same library, another driver.
"""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pytest
from test_readers_agree import POSTGRESQL, TABLE, columns

from models.errors import ConfigError
from sources.readers import arrow
from sources.readers.base import ident
from sources.readers.sqlalchemy import SqlAlchemyReader
from sources.readers.stream import texts_of


def source(url: str) -> SimpleNamespace:
    return SimpleNamespace(
        name="plant", url=lambda: url, url_env="PLANT_URL", max_statement_minutes=1
    )


@pytest.fixture
def odbc(postgres):
    pytest.importorskip("arrow_odbc", reason="the extra mssql is not installed")
    from arrow_odbc import Error, connect  # noqa: PLC0415 - an extra

    postgres.create_database("arrow")
    text = f"Driver={{PostgreSQL Unicode}};Server=127.0.0.1;Port={postgres.port};Database=arrow;"
    # each type as it is, not as a text of 255 bytes at most
    text += "UID=owner;PWD=test-password;BoolsAsChar=0;"
    text += "MaxLongVarcharSize=0;MaxVarcharSize=0;UnknownsAsLongVarchar=1"
    try:
        connect(text)
    except Error as e:
        pytest.skip(f"no ODBC driver of PostgreSQL: {e}")
    return text


def test_odbc_gives_what_the_portable_reader_gives(odbc, postgres):
    with postgres.connect("arrow") as db:
        db.execute("CREATE DOMAIN pieces AS integer")
        db.execute(f"CREATE TABLE torture (id int PRIMARY KEY, {columns(POSTGRESQL)})")
        db.execute("INSERT INTO torture (id) VALUES (0)")
        for number, (name, (kind, value)) in enumerate(POSTGRESQL.items(), start=1):
            db.execute(
                f"INSERT INTO torture (id, {ident(name)}) VALUES (%s, %s::text::{kind})",
                (number, value),
            )
        db.execute("INSERT INTO torture (id, body) VALUES (1000, repeat('Ü😀', 50000))")
    url = postgres.url("arrow").replace("postgresql:", "postgresql+psycopg:")
    with duckdb.connect() as duck, SqlAlchemyReader(source(url), duck) as reader:
        table = reader.describe(TABLE)
        query, schema = reader.query(table, None), texts_of(table)
        expected = pa.Table.from_batches(reader._batches(query, schema), schema)
        session = arrow.OdbcSession(odbc, reader._dialect, 1)
        session.open()
        found = pa.Table.from_batches(session.batches(query, schema), schema)
        with postgres.connect("arrow") as db:
            db.execute("DELETE FROM torture WHERE id = 1")
        assert session.rows("SELECT count(*) FROM torture") == [(len(POSTGRESQL) + 2,)]
    assert found.sort_by("id").to_pylist() == expected.sort_by("id").to_pylist()


def test_oracles_data_frames_become_texts():
    frame = pa.table(
        {
            "C0": pa.array(["1", "-12345678901234567890.5", None]),
            "C1": pa.array(["a", None, "Ü😀"], pa.large_string()),
            "C2": pa.array([0.1, float("-inf"), float("nan")]),
            "C3": pa.array([0.1, None, 1e10], pa.float32()),
            "C4": pa.array([b"\x00\xff", b"", None], pa.large_binary()),
        }
    )
    asked = []

    def fetch(query, size):
        asked.append((query, size))
        return iter([frame, frame.slice(0, 1)])

    reader = object.__new__(arrow.OracleReader)
    driver = SimpleNamespace(fetch_df_batches=fetch)
    reader._db = SimpleNamespace(connection=SimpleNamespace(driver_connection=driver))
    reader._engine = SimpleNamespace(
        dialect=SimpleNamespace(loaded_dbapi=SimpleNamespace(Error=OSError))
    )
    names = {"n": "DECIMAL(38,1)", "t": "VARCHAR", "d": "DOUBLE", "f": "FLOAT", "b": "BLOB"}
    table = SimpleNamespace(columns=[SimpleNamespace(name=n, sql_type=t) for n, t in names.items()])
    schema = texts_of(table)
    found = pa.Table.from_batches(reader._batches("SELECT", schema), schema)
    assert found.schema.equals(schema)
    assert asked == [("SELECT", 10_000)]
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("1", "a", "0.1", "0.1", b"\x00\xff", None, None),
        ("-12345678901234567890.5", None, "-inf", None, b"", None, None),
        (None, "Ü😀", "nan", "1e+10", None, None, None),
        ("1", "a", "0.1", "0.1", b"\x00\xff", None, None),
    ]

    def broken(*_, **__):
        raise OSError("DPY-4011: the connection was closed")

    driver.fetch_df_batches = broken
    with pytest.raises(OSError, match="DPY-4011"):
        list(reader._batches("SELECT", schema))
    assert reader._lost == "DPY-4011: the connection was closed"


@pytest.mark.parametrize(
    ("choose", "package"), [(arrow.sql_server, "arrow_odbc"), (arrow.oracle, "oracledb")]
)
def test_without_the_extra_the_portable_reader_serves(choose, package, monkeypatch):
    chosen = []

    def opened(self, *_, **options):
        chosen.append((type(self), options))

    monkeypatch.setattr(SqlAlchemyReader, "__init__", opened)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == package else find(name, *a)
    )
    monkeypatch.setitem(__import__("sys").modules, package, None)
    choose(source("x"), None)
    backend = "mssql" if package == "arrow_odbc" else "oracle"
    assert chosen == [(SqlAlchemyReader, {"backend": backend})]


@pytest.mark.parametrize(
    ("choose", "url"),
    [(arrow.sql_server, "mssql+pyodbc://u:p@h/d"), (arrow.oracle, "oracle+oracledb://u:p@h/d")],
)
def test_a_missing_driver_is_named(choose, url, monkeypatch):
    modules = __import__("sys").modules
    for package in ("arrow_odbc", "pyodbc", "oracledb"):
        monkeypatch.setitem(modules, package, None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    with pytest.raises(ConfigError, match=r"needs the package (pyodbc|oracledb)") as caught:
        choose(source(url), None)
    assert "pip install" in caught.value.hint
