"""The SQL that SQL Server and Oracle are asked, without either server."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mssql, oracle

from models.errors import ConfigError, ScorecardError
from sources.readers.base import SourceTable, masked, selected
from sources.readers.dialects import dialect_of
from sources.readers.session import open_reader
from sources.readers.sqlalchemy import SqlAlchemyReader, quoting
from sources.spec import SystemSpec, TableSpec

MSSQL = {
    "tinyint": (mssql.TINYINT(), "SMALLINT", "[c]"),
    "bigint": (mssql.BIGINT(), "BIGINT", "[c]"),
    "decimal": (mssql.DECIMAL(18, 4), "DECIMAL(18,4)", "CONVERT(varchar(41), [c])"),
    "money": (mssql.MONEY(), "DECIMAL(19,4)", "CONVERT(varchar(30), [c], 2)"),
    "float": (mssql.FLOAT(53), "DOUBLE", "[c]"),
    "real": (mssql.REAL(), "FLOAT", "[c]"),
    "bit": (mssql.BIT(), "BOOLEAN", "CONVERT(varchar(1), [c])"),
    "date": (mssql.DATE(), "DATE", "CONVERT(varchar(10), [c], 23)"),
    "time": (mssql.TIME(7), "TIME", "CONVERT(varchar(16), [c])"),
    "datetime": (mssql.DATETIME(), "TIMESTAMP", "CONVERT(varchar(23), [c], 121)"),
    "datetime2": (mssql.DATETIME2(7), "TIMESTAMP", "CONVERT(varchar(27), [c], 121)"),
    "datetimeoffset": (
        mssql.DATETIMEOFFSET(),
        "TIMESTAMP",
        "CONVERT(varchar(27), CONVERT(datetime2(7), SWITCHOFFSET([c], '+00:00')), 121)",
    ),
    "rowversion": (mssql.TIMESTAMP(), "BIGINT", "CONVERT(bigint, [c])"),
    "varchar": (mssql.VARCHAR(9), "VARCHAR", "CONVERT(nvarchar(max), [c])"),
    "nvarchar": (mssql.NVARCHAR(9), "VARCHAR", "[c]"),
    "xml": (mssql.XML(), "VARCHAR", "CONVERT(nvarchar(max), [c])"),
    "sql_variant": (mssql.SQL_VARIANT(), "VARCHAR", "CONVERT(nvarchar(max), [c])"),
    "hierarchyid": (sa.types.NullType(), "VARCHAR", "CONVERT(nvarchar(max), [c])"),
    "uniqueidentifier": (mssql.UNIQUEIDENTIFIER(), "VARCHAR", "CONVERT(varchar(36), [c])"),
    "varbinary": (mssql.VARBINARY("max"), "BLOB", "[c]"),
}
NUMBER = "TO_CHAR(c, 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''')"
ORACLE = {
    "number": (oracle.NUMBER(), "VARCHAR", NUMBER),
    "number_10_2": (oracle.NUMBER(10, 2), "DECIMAL(10,2)", NUMBER),
    "number_negative_scale": (oracle.NUMBER(5, -2), "VARCHAR", NUMBER),
    "number_more_scale": (oracle.NUMBER(2, 5), "VARCHAR", NUMBER),
    "integer": (sa.INTEGER(), "DECIMAL(38,0)", NUMBER),
    "float": (oracle.FLOAT(binary_precision=100), "VARCHAR", NUMBER),
    "double_precision": (oracle.DOUBLE_PRECISION(), "VARCHAR", NUMBER),
    "binary_double": (oracle.BINARY_DOUBLE(), "DOUBLE", "c"),
    "binary_float": (oracle.BINARY_FLOAT(), "FLOAT", "c"),
    "date": (oracle.DATE(), "TIMESTAMP", "LTRIM(TO_CHAR(c, 'SYYYY-MM-DD HH24:MI:SS'))"),
    "timestamp": (
        oracle.TIMESTAMP(),
        "TIMESTAMP",
        "LTRIM(TO_CHAR(c, 'SYYYY-MM-DD HH24:MI:SS.FF9'))",
    ),
    "timestamp_zoned": (
        oracle.TIMESTAMP(timezone=True),
        "TIMESTAMP",
        "LTRIM(TO_CHAR(SYS_EXTRACT_UTC(c), 'SYYYY-MM-DD HH24:MI:SS.FF9'))",
    ),
    "interval": (oracle.INTERVAL(), "VARCHAR", "TO_CHAR(c)"),
    "varchar2": (oracle.VARCHAR2(9), "VARCHAR", "c"),
    "clob": (oracle.CLOB(), "VARCHAR", "c"),
    "raw": (oracle.RAW(9), "BLOB", "c"),
    "rowid": (oracle.ROWID(), "VARCHAR", "ROWIDTOCHAR(c)"),
}


def ask(dialect, kinds: dict[str, object], since: str | None = None, **settings) -> str:
    """What a server of that dialect is asked for a table of those columns."""
    name = dialect.name
    reader = object.__new__(SqlAlchemyReader)
    reader._dialect, reader._quote = dialect_of(name), quoting(dialect)
    settings = {"source_name": "dbo.order", "key": ("id",), "change": "full", **settings}
    spec = TableSpec(name="t", **settings)
    reader._kinds = {(spec.name, column): kind for column, kind in kinds.items()}
    types = {column: reader._dialect.landed_type(kind) for column, kind in kinds.items()}
    return reader.query(SourceTable(spec, selected(spec, types, types)), since)


@pytest.mark.parametrize("name", MSSQL)
def test_sql_server_writes_every_type_exactly(name):
    kind, landed, text = MSSQL[name]
    assert dialect_of("mssql").landed_type(kind) == landed
    assert dialect_of("mssql").value(kind, "[c]") == text


@pytest.mark.parametrize("name", ORACLE)
def test_oracle_writes_every_type_exactly(name):
    kind, landed, text = ORACLE[name]
    assert dialect_of("oracle").landed_type(kind) == landed
    assert dialect_of("oracle").value(kind, "c") == text


@pytest.mark.parametrize("kinds", [mssql.base.ischema_names, oracle.base.ischema_names])
def test_every_type_that_can_be_reflected_has_a_rule(kinds):
    dialect = dialect_of("mssql" if kinds is mssql.base.ischema_names else "oracle")
    for name, kind in kinds.items():
        assert dialect.landed_type(kind() if isinstance(kind, type) else kind), name


def test_names_are_quoted_as_the_dialect_does():
    kinds = {"id": mssql.BIGINT(), "Größe]; drop": mssql.NVARCHAR(9)}
    assert ask(mssql.dialect(), kinds) == (
        "SELECT [id] AS c0, [Größe]]; drop] AS c1 FROM [dbo].[order]"
    )
    kinds = {"id": oracle.VARCHAR2(9), "Mixed": oracle.VARCHAR2(9), "order": oracle.VARCHAR2(9)}
    # names that Oracle keeps in capital letters come in small ones, and are not quoted
    assert ask(oracle.dialect(), kinds) == (
        'SELECT id AS c0, "Mixed" AS c1, "order" AS c2 FROM dbo."order"'
    )


SINCE, EXACTLY = "2026-10-31 12:00:00", "2026-10-31 12:00:00.123456"


@pytest.mark.parametrize(
    ("kind", "since", "condition"),
    [
        (mssql.DATETIME2(7), SINCE, "CONVERT(datetime2(7), '2026-10-31 12:00:00.000000', 121)"),
        # a datetime has no such microsecond: asked from the hundredth before
        (mssql.DATETIME(), EXACTLY, "CONVERT(datetime, '2026-10-31 12:00:00.12', 121)"),
        (
            mssql.DATETIMEOFFSET(),
            EXACTLY,
            "CONVERT(datetimeoffset(7), '2026-10-31 12:00:00.123456 +00:00', 121)",
        ),
        (mssql.DATE(), "2026-10-31", "CONVERT(date, '2026-10-31', 23)"),
        (mssql.TIMESTAMP(), "2001", "2001"),
        (mssql.DECIMAL(38, 0), "12345678901234567890123", "12345678901234567890123"),
    ],
)
def test_a_cursor_of_sql_server_is_inclusive_and_keeps_its_type(kind, since, condition):
    asked = ask(
        mssql.dialect(),
        {"id": mssql.BIGINT(), "at": kind},
        since,
        change="cursor",
        cursor="at",
    )
    assert asked.endswith(f" WHERE [at] >= {condition} OR [at] IS NULL")


def test_a_text_cursor_compares_by_code():
    asked = ask(
        mssql.dialect(),
        {"id": mssql.BIGINT(), "at": mssql.NVARCHAR(30)},
        "2026-10-31 12:00:00",
        change="cursor",
        cursor="at",
    )
    assert asked.endswith(
        " WHERE [at] COLLATE Latin1_General_BIN2 >= '2026-10-31 12:00:00' OR [at] IS NULL"
    )


@pytest.mark.parametrize(
    ("kind", "since", "condition"),
    [
        (
            oracle.DATE(),
            EXACTLY,
            "TO_DATE('2026-10-31 12:00:00', 'YYYY-MM-DD HH24:MI:SS')",
        ),
        (
            oracle.TIMESTAMP(),
            SINCE,
            "TO_TIMESTAMP('2026-10-31 12:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.FF')",
        ),
        (
            oracle.TIMESTAMP(timezone=True),
            EXACTLY,
            f"FROM_TZ(TO_TIMESTAMP('{EXACTLY}', 'YYYY-MM-DD HH24:MI:SS.FF'), 'UTC')",
        ),
        (oracle.NUMBER(18, 0), "17", "17"),
    ],
)
def test_a_cursor_of_oracle_is_inclusive_and_keeps_its_type(kind, since, condition):
    asked = ask(
        oracle.dialect(),
        {"id": oracle.NUMBER(18, 0), "at_": kind},
        since,
        change="cursor",
        cursor="at_",
    )
    assert asked.endswith(f" WHERE at_ >= {condition} OR at_ IS NULL")


@pytest.mark.parametrize(
    ("database", "url"),
    [
        ("mssql", "mssql+pyodbc://u:canary%2Fp%40ss@127.0.0.1:1/d?driver=none"),
        ("mssql", "mssql+pyodbc:///?odbc_connect=SERVER%3Dx%3BPWD%3D%7Bcanary%2Fp%40ss%7D%3B"),
        ("oracle", "oracle+oracledb://u:canary%2Fp%40ss@127.0.0.1:1/?service_name=x"),
        ("oracle", "mssql+pyodbc://u:canary%2Fp%40ss@127.0.0.1/d"),
        ("mssql", "canary%2Fp%40ss"),
    ],
)
def test_a_source_that_cannot_be_opened_says_why_without_its_password(database, url):
    system = SystemSpec.model_validate(
        {
            "name": "vendor",
            "description": "x",
            "database": database,
            "tables": {"t": {"key": ["id"], "change": "full"}},
        }
    )
    source = SimpleNamespace(
        name="plant", url=lambda: url, path=None, url_env="PLANT_URL", max_statement_minutes=1
    )
    with pytest.raises(ScorecardError, match=r"package|URL|cannot be read") as caught:
        open_reader(source, system, None)
    assert "canary" not in str(caught.value) + caught.value.hint
    source.url_env = None
    with pytest.raises(ConfigError, match="needs `url_env`"):
        open_reader(source, system, None)


@pytest.mark.parametrize(
    "url",
    [
        "mssql+pyodbc:///?odbc_connect=SERVER%3Dx%3BUID%3Du%3BPWD%3Dcanary%2Fp%40ss",
        "mssql+pyodbc:///?odbc_connect=SERVER%3Dx%3Bpwd+%3D+%7Bcanary%2Fp%40ss%7D%3BUID%3Du",
    ],
)
def test_a_password_within_odbc_connect_is_masked(url):
    assert masked("Login failed: SERVER=x;PWD=canary/p@ss", url) == "Login failed: SERVER=x;PWD=***"
    assert "canary" not in masked(f"cannot open {url}", url)
