"""Which types and queries are published."""

import duckdb
import pytest

from exports.tables import WAREHOUSE, _plain_type, _unqualified
from models.errors import PublishError


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        ("DECIMAL(38,12)", "DOUBLE"),
        ("FLOAT", "DOUBLE"),
        ("HUGEINT", "DOUBLE"),
        ("UBIGINT", "DOUBLE"),
        ("INTEGER", "BIGINT"),
        ("UTINYINT", "BIGINT"),
        ("BOOLEAN", "BOOLEAN"),
        ("DATE", "DATE"),
        ("TIMESTAMP", "TIMESTAMP"),
        ("TIMESTAMP_NS", "TIMESTAMP"),
        ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP"),
        ("TIME", "VARCHAR"),
        ("UUID", "VARCHAR"),
        ("ENUM('a', 'b')", "VARCHAR"),
        ("INTEGER[]", "VARCHAR"),
        ("STRUCT(a INTEGER)", "VARCHAR"),
    ],
)
def test_plain_types(kind, plain):
    assert _plain_type(kind) == plain


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute(f"attach ':memory:' as {WAREHOUSE}")
        con.execute(f"create table {WAREHOUSE}.main.fct_a as select 1 as x, 'main' as main")
        yield con


@pytest.mark.parametrize(
    "query",
    [
        'select * from "warehouse"."main"."fct_a"',
        'with fct as (select * from "warehouse"."main"."fct_a") select x from fct',
        'select a.x from "warehouse"."main"."fct_a" as a, "warehouse"."main"."fct_a" as b',
        'select x from "warehouse"."main"."fct_a" union all select 2',
        'select (select max(x) from "warehouse"."main"."fct_a") as x',
        "select 'warehouse.main.fct_a' as x from warehouse.main.fct_a where main = 'main'",
    ],
)
def test_a_view_is_read_without_its_database(con, query):
    con.execute(f"create view {WAREHOUSE}.main.kpi_a as {query}")
    expected = con.execute(query).fetchall()
    (view,) = con.execute("select sql from duckdb_views() where view_name = 'kpi_a'").fetchone()
    sql = _unqualified(con, view)
    with duckdb.connect() as published:
        published.execute("create table fct_a as select 1 as x, 'main' as main")
        assert published.execute(sql).fetchall() == expected


def test_what_cannot_be_parsed_is_refused(con):
    with pytest.raises(PublishError, match="kpi_broken"):
        _unqualified(con, "CREATE VIEW kpi_broken AS selec 1")
