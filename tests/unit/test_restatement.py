"""The record of published values that are other values now."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from exports.restatement import SCHEMA, restatements

BEFORE, NOW = "20260301T000000.000000Z", "20260302T000000.000000Z"
VALUE = """
    (kpi_id varchar, node_id varchar, period_type varchar, period_start date, period_end date,
    shift_code varchar, numerator double, denominator double, value double, is_provisional boolean,
    kpi_version bigint)
"""
LOAD = "(source varchar, batch_id varchar, table_name varchar, upserts bigint, deletes bigint)"
PUBLISHED = """
    ('oee', 'M1', 'day', '2026-02-10', '2026-02-10', null, 40, 80, 50, false, 1),
    ('oee', 'M2', 'day', '2026-02-10', '2026-02-10', null, 40, 80, 50, false, 1),
    ('oee', 'E', 'day', '2026-02-10', '2026-02-10', null, 80, 160, 50, false, 1),
    ('oee', 'E', 'month', '2026-02-01', '2026-02-28', null, 800, 1600, 50, true, 1),
    ('oee', 'E', 'day', '2026-02-20', '2026-02-20', null, 1, 2, 50, true, 1),
    ('scrap', 'M1', 'day', '2026-02-10', '2026-02-10', null, 1, 2, 50, false, 1)
"""


@pytest.fixture
def publication(tmp_path):
    """What was published, of which the day of 20 February was not over."""
    folder = tmp_path / BEFORE
    (folder / "parquet").mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute(f"create table kpi_value {VALUE}")
        con.execute(f"insert into kpi_value values {PUBLISHED}")
        con.execute(f"create table load {LOAD}")
        con.execute("insert into load values ('mes', 'b1', 'counts', 9, 0)")
        for name in ("kpi_value", "load"):
            con.execute(f"copy {name} to '{folder}/parquet/{name}.parquet'")
    return folder


def restated(former: Path | None, *changes: str, load: str = "('mes', 'b1', 'counts', 9, 0)"):
    """Restatements after these changes to the warehouse that was published."""
    with duckdb.connect() as con:
        con.execute("attach ':memory:' as w")
        con.execute(f"create table w.main.kpi_value {VALUE}")
        con.execute(f"insert into w.main.kpi_value values {PUBLISHED}")
        con.execute(
            """
            create table w.main.organization_closure as
            select * from (values ('M1', 'M1'), ('M2', 'M2'), ('E', 'E'), ('E', 'M1'), ('E', 'M2'))
                as t (ancestor_id, descendant_id);
            create table w.main.kpi_oee as
            select 'M1' as node_id, date '2026-02-10' as date_day, 'fct_production' as fact,
                'mes' as source_system, 'b2' as batch_id
            union all
            select 'M2', date '2026-02-10', 'fct_production', 'mes', 'b1';
            """
        )
        con.execute(f"create table load_table {LOAD}; insert into load_table values {load}")
        for change in changes:
            con.execute(change)
        existing = {"kpi_value", "kpi_oee", "organization_closure"}
        return restatements(con, former, NOW, warehouse="w", existing=existing)


def test_a_late_row_restates_its_node_and_those_above_and_names_its_batch(publication):
    rows = restated(
        publication,
        """
        update w.main.kpi_value set numerator = numerator + 8,
            value = 100 * (numerator + 8) / denominator
        where node_id in ('M1', 'E') and kpi_id = 'oee'
        """,
        load="('mes', 'b1', 'counts', 9, 0), ('mes', 'b2', 'counts', 1, 0)",
    ).to_pylist()
    assert [(r["kpi_id"], r["node_id"], r["period_type"]) for r in rows] == [
        ("oee", "E", "day"),
        ("oee", "M1", "day"),
    ]
    assert rows[1] == {
        "version": NOW,
        "published_version": BEFORE,
        "kpi_id": "oee",
        "node_id": "M1",
        "period_type": "day",
        "period_start": date(2026, 2, 10),
        "period_end": date(2026, 2, 10),
        "shift_code": None,
        "published_numerator": 40.0,
        "published_denominator": 80.0,
        "published_value": 50.0,
        "published_kpi_version": 1,
        "numerator": 48.0,
        "denominator": 80.0,
        "value": 60.0,
        "kpi_version": 1,
        "facts": "fct_production",
        "batches": "mes/b2",
    }
    assert (rows[0]["facts"], rows[0]["batches"]) == ("fct_production", "mes/b2")


def test_another_formula_restates_history_and_keeps_the_version_of_what_was_published(publication):
    rows = restated(
        publication,
        """
        update w.main.kpi_value set denominator = 100, value = numerator, kpi_version = 2
        where kpi_id = 'oee'
        """,
    ).to_pylist()
    assert [
        (
            r["node_id"],
            r["published_value"],
            r["published_kpi_version"],
            r["value"],
            r["kpi_version"],
        )
        for r in rows
    ] == [("E", 50.0, 1, 80.0, 2), ("M1", 50.0, 1, 40.0, 2), ("M2", 50.0, 1, 40.0, 2)]
    assert {(r["facts"], r["batches"]) for r in rows} == {("", "")}


def test_a_value_that_goes_is_restated_because_of_what_arrived_since(publication):
    (row,) = restated(
        publication,
        "delete from w.main.kpi_value where kpi_id = 'scrap'",
        load="('mes', 'b1', 'counts', 9, 0), ('mes', 'b2', 'counts', 0, 1)",
    ).to_pylist()
    assert (row["kpi_id"], row["published_value"], row["value"]) == ("scrap", 50.0, None)
    assert (row["facts"], row["batches"]) == ("", "mes/b2")


def test_a_value_where_no_data_was_published_is_a_restatement(publication):
    late = "('oee', 'M1', 'day', '2026-02-11', '2026-02-11', null, 1, 1, 100, false, 1)"
    today = "('oee', 'M1', 'day', '2026-02-20', '2026-02-20', null, 1, 1, 100, false, 1)"
    (row,) = restated(
        publication, f"insert into w.main.kpi_value values {late}, {today}"
    ).to_pylist()
    assert (row["period_start"], row["published_value"], row["value"]) == (
        date(2026, 2, 11),
        None,
        100.0,
    )


def test_neither_a_running_period_nor_a_new_kpi_is_restated(publication):
    new = "('mttr', 'M1', 'day', '2026-02-10', '2026-02-10', null, 1, 1, 1, false, 1)"
    assert not restated(
        publication,
        f"insert into w.main.kpi_value values {new}",
        "update w.main.kpi_value set value = 51 where period_type = 'month'",
    ).num_rows


def test_a_change_without_new_data_is_one_of_definition(publication):
    (row,) = restated(
        publication, "update w.main.kpi_value set value = 51 where kpi_id = 'scrap'"
    ).to_pylist()
    assert (row["facts"], row["batches"]) == ("", "")


def test_a_publication_carries_the_restatements_of_those_before_it(publication):
    first = restated(publication, "update w.main.kpi_value set value = 51 where kpi_id = 'scrap'")
    with duckdb.connect() as con:
        con.register("first", first)
        con.execute(f"copy first to '{publication}/parquet/restatement.parquet'")
    assert restated(publication).equals(first)


def test_the_first_publication_restates_nothing():
    assert restated(None).equals(SCHEMA.empty_table())
