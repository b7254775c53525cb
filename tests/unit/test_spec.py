from __future__ import annotations

import pytest

from models.contract import canonical_tables
from models.errors import ConfigError
from sources import spec
from sources.spec import SystemSpec, load_system, system_names

TABLE = {"key": ["id"], "change": "full"}


def system(database: str = "sqlite", **table) -> SystemSpec:
    return SystemSpec.model_validate(
        {
            "name": "vendor",
            "description": "A vendor",
            "database": database,
            "tables": {"orders": {**TABLE, **table}},
        }
    )


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"key": []}, "has no key"),
        ({"key": ["id", "id"]}, "names a key column twice"),
        ({"change": "cursor"}, "names no cursor column"),
        (
            {"change": "cursor", "cursor": "id", "columns": {"id": "blob"}},
            "names a BLOB as cursor, which never grows",
        ),
        ({"cursor": "updated_at"}, "does not use"),
        ({"overlap_minutes": 5}, "does not use"),
        ({"change": "horizon"}, "only PostgreSQL offers"),
        ({"optional": True}, "lists no columns"),
        ({"columns": {"id": "bigint"}, "exclude": ["name"]}, "columns and exclude"),
        ({"exclude": ["id"]}, "excludes 'id', which it needs"),
        ({"control_total": "amount", "exclude": ["amount"]}, "excludes 'amount'"),
        ({"columns": {"name": "varchar"}}, "needs 'id', but columns lacks it"),
        ({"columns": {"id": "geometry"}}, "is no landed type"),
        ({"columns": {"id": "decimal(39,2)"}}, "is no landed type"),
        ({"columns": {"id": "decimal(5,6)"}}, "is no landed type"),
        ({"empty_key": ["name"]}, "what is no key column"),
        ({"control_total": "amount", "hash": ["amount"]}, "hashes 'amount', which it uses"),
        ({"exclude": ["name"], "hash": ["name"]}, "hashes 'name', which it uses otherwise"),
        ({"columns": {"id": "bigint"}, "hash": ["id"]}, "hashes 'id', so it lands as varchar"),
        ({"columns": {"id": "bigint"}, "hash": ["name"]}, "hashes 'name', but columns lacks it"),
        ({"change": "cursor", "cursor": "at", "overlap_minutes": -1}, "greater than or equal to 0"),
        ({"key": ["id"], "unknown": 1}, "Extra inputs"),
    ],
)
def test_an_impossible_table_is_refused_with_the_reason(table, reason):
    with pytest.raises(ValueError, match=reason):
        system(**table)


@pytest.mark.parametrize("database", ["mariadb", "mssql", "oracle", "sqlite"])
def test_horizon_is_refused_elsewhere(database):
    with pytest.raises(ValueError, match=f"{database} needs `cursor` or `full`"):
        system(database, change="horizon")
    assert system(database, change="cursor", cursor="at").tables[0].cursor == "at"


def test_horizon_is_possible_on_postgresql():
    assert system("postgresql", change="horizon").tables[0].change == "horizon"


def test_a_table_is_named_logically_and_in_the_database():
    table = system(name="public.sale_order").tables[0]
    assert (table.name, table.source_name) == ("orders", "public.sale_order")
    assert system().tables[0].source_name == "orders"


@pytest.mark.parametrize(
    ("written", "landed"),
    [
        ("numeric(10, 2)", "DECIMAL(10,2)"),
        ("double precision", "DOUBLE"),
        ("text", "VARCHAR"),
        (" int ", "INTEGER"),
    ],
)
def test_types_may_be_written_as_databases_do(written, landed):
    assert system(columns={"id": written}).tables[0].columns["id"] == landed


def test_an_unknown_system_names_the_known_ones():
    with pytest.raises(ConfigError, match=r"no system 'sap_r2'.*files"):
        load_system("sap_r2")


def test_a_wrong_system_file_is_named(tmp_path, monkeypatch):
    (tmp_path / "broken_one.yml").write_text(
        "description: x\ndatabase: sqlite\ntables: {orders: {key: [id], change: cursor}}"
    )
    (tmp_path / "broken_two.yml").write_text("description: [")
    (tmp_path / "broken_three.yml").write_text("description: x\ndatabase: sqlite\ntables: {a: 1}")
    monkeypatch.setattr(spec, "SYSTEMS_DIR", tmp_path)
    with pytest.raises(ConfigError, match=r"broken_one.yml: tables.*names no cursor column"):
        load_system("broken_one")
    with pytest.raises(ConfigError, match=r"broken_two\.yml is not valid YAML"):
        load_system("broken_two")
    with pytest.raises(ConfigError, match=r"broken_three.yml.*table 'a' has no settings"):
        load_system("broken_three")


@pytest.mark.parametrize("name", system_names())
def test_every_system_that_is_delivered_is_valid(name):
    assert load_system(name).tables


def test_files_have_the_tables_of_the_contract():
    tables = {table.name: table for table in load_system("files").tables}
    assert tables.keys() == canonical_tables().keys()
    assert tables["mes_energy"].key == ("meter", "start_ts")
    assert tables["mes_energy"].columns["kwh"] == "DECIMAL(18,6)"
    assert tables["xref_code"].empty_key == ("for_source", "valid_from")
