"""What is proposed for databases that nobody has described, and what a check of them says."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace

import pytest
import yaml

from models.config import Source
from models.contract import canonical_tables
from models.errors import ConfigError, SourceError
from orchestration.stubs import stub
from sources import introspect, spec
from sources.introspect import inspect, personal_columns
from sources.probe import probe
from sources.proposal import source_entry, system_yml

ODD = """
create table `Maschine` (`MaschNr` varchar(20) not null, `Bezeichnung` varchar(60),
    `GeaendertAm` datetime not null, `Bediener` varchar(20), primary key (`MaschNr`),
    key changed (`GeaendertAm`));
create table `order` (`Order-Id` bigint unsigned not null, qty decimal(12,3),
    machine_id varchar(20), updated_by varchar(20), primary key (`Order-Id`));
create table keyless (a int);
create table unique_only (a int not null, b int not null, c int, unique key ab (a, b),
    unique key by_c (c));
create view machines as select `MaschNr` from `Maschine`;
"""


@pytest.fixture
def sqlite_source(tmp_path):
    """Makes a source of a script."""

    def make(script):
        path = tmp_path / "vendor.db"
        with sqlite3.connect(path) as db:
            db.executescript(script)
        return Source(name="vendor", system="vendor", path=path)

    return make


@pytest.fixture
def maria(mariadb, monkeypatch):
    with mariadb.connect() as db, db.cursor() as cursor:
        for statement in ("drop database if exists odd", "create database odd", "use odd"):
            cursor.execute(statement)
        for statement in ODD.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
    url = mariadb.url("odd")
    monkeypatch.setenv("ODD_URL", url)
    return Source(name="odd", system="odd", url_env="ODD_URL")


def loaded(monkeypatch, folder, name, looked):
    """The proposal as the system that it becomes; it must be one that can work."""
    systems = folder / "systems"
    systems.mkdir(exist_ok=True)
    text = system_yml(name, looked, day="2026-11-25")
    (systems / f"{name}.yml").write_text(text, "utf-8")
    monkeypatch.setattr(spec, "SYSTEMS_DIR", systems)
    spec.load_system.cache_clear()
    return spec.load_system(name), text


def test_mariadb_with_odd_names(maria, monkeypatch, tmp_path):
    system, text = loaded(monkeypatch, tmp_path, "odd", inspect(maria))
    assert {t.name: (t.source_name, t.key, t.change, t.cursor) for t in system.tables} == {
        "maschine": ("Maschine", ("MaschNr",), "cursor", "GeaendertAm"),
        "order": ("order", ("Order-Id",), "full", None),
        "unique_only": ("unique_only", ("a", "b"), "full", None),
    }
    assert "DATETIME, indexed; does every change move it?" in text
    assert [t.exclude for t in system.tables] == [("Bediener",), ("updated_by",), ()]
    assert "keyless has no primary key" in text
    assert "machines is a view" in text
    findings = {(f.what, f.name): (f.state, f.detail) for f in probe(maria)}
    assert findings["table", "maschine"] == ("ok", "0 rows, cursor GeaendertAm, indexed")
    assert findings["table", "order"] == ("ok", "0 rows, read whole in each run")
    assert ("personal", "order") not in findings
    assert findings["grants", "odd"][0] == "warn"
    assert findings["clock", "odd"][0] == "ok"
    path = spec.SYSTEMS_DIR / "odd.yml"
    path.write_text(re.sub(r"(?m)^    exclude:.*$", "", path.read_text("utf-8")), "utf-8")
    spec.load_system.cache_clear()
    findings = {(f.what, f.name): (f.state, f.detail) for f in probe(maria)}
    assert findings["personal", "maschine"] == (
        "warn",
        "reads Bediener: exclude or hash, or accept",
    )


@pytest.fixture
def postgres_source(postgres, monkeypatch):
    """Makes a source of a database's name and of statements."""

    def make(name, *statements):
        variable = f"{name.upper()}_URL"
        monkeypatch.setenv(variable, postgres.create_database(name))
        with postgres.connect(name) as db:
            for statement in statements:
                db.execute(statement)
        return Source(name=name, system=name, url_env=variable)

    return make


def test_partitions_are_read_through_their_table(postgres_source):
    source = postgres_source(
        "parts",
        "create table log (id int, day date, primary key (id, day)) partition by range (day)",
        "create table log_2026 partition of log for values from ('2026-01-01') to ('2027-01-01')",
        "insert into log values (1, '2026-05-01')",
        "create schema prod create table state (id int primary key)",
    )
    looked = inspect(source, ["public", "prod"])
    assert [(t.name, t.source_name, t.key, t.rows) for t in looked.tables] == [
        ("log", "log", ("id", "day"), 1),
        ("state", "prod.state", ("id",), 0),
    ]
    text = stub("parts", canonical_tables()["mes_equipment_state"], looked.tables)
    assert "pk=\"concat_ws('|', s.id, s.day)\"" in text or 'pk="s.id"' in text


def test_a_stub_quotes_odd_names(sqlite_source):
    source = sqlite_source('create table t ("Order-Id" integer primary key);')
    text = stub("vendor", canonical_tables()["mes_work_order"], inspect(source).tables)
    assert 'pk="s.\\"Order-Id\\""' in text


def test_german_tables_are_found_by_their_compounds(sqlite_source):
    """Which table a stub reads, and the first column that it proposes for each of these."""
    looked = inspect(
        sqlite_source("""
        create table artikel (artikelId integer primary key, artikelNr text, mengenEinheit text);
        create table lagerbewegung (lbId integer primary key, artikelId integer, menge numeric);
        create table auftragPos (posId integer primary key, artikelId integer, mengeT numeric,
            nettoCent integer, wunschTermin date, ersterTermin date, zusageTermin date);
        create table fertigungsauftrag (faId integer primary key, artikelId integer, menge numeric,
            endTermin date);
        create table buchung (buchId integer primary key, belegId integer, kontoNr integer,
            betragCent integer, datum date);
        create table zustandLog (logId integer primary key, zeit timestamp, zust integer);
        """)
    )
    tried = {
        "erp_item": {"base_uom": "s.mengenEinheit"},
        "erp_goods_movement": {"qty": "s.menge"},
        "erp_sales_order_line": {
            "qty": "s.mengeT",
            "net_amount": "s.nettoCent",
            "requested_date": "s.wunschTermin",
            "original_promised_date": "s.ersterTermin",
            "promised_date": "s.zusageTermin",
        },
        "erp_production_order": {"due_date": "s.endTermin"},
        "erp_gl_entry": {},
        "mes_equipment_state": {"start_ts": "utc_of('s.zeit', 's')"},
    }
    read = {}
    for table, columns in tried.items():
        text = stub("vendor", canonical_tables()[table], looked.tables)
        read[table] = re.search(r"landed\('vendor', '(\w+)'\) }} as s", text)[1]
        for column, first in columns.items():
            [said] = re.findall(rf"-- {column}: (.*?)cast\(null", text, re.DOTALL)
            assert f"Try {first}" in " ".join(said.replace("--", " ").split()), column
    assert read == {
        "erp_item": "artikel",
        "erp_goods_movement": "lagerbewegung",
        "erp_sales_order_line": "auftrag_pos",
        "erp_production_order": "fertigungsauftrag",
        "erp_gl_entry": "buchung",
        "mes_equipment_state": "zustand_log",
    }


def test_keys_of_several_columns_are_joined_and_local_times_listed(sqlite_source):
    """French tables, and numbers that are unique within a company only."""
    looked = inspect(
        sqlite_source("""
        create table article (soc integer, ref_art text, designation text,
            primary key (soc, ref_art));
        create table commande (soc integer, no_cde integer, no_client integer, dt_cde timestamp,
            supprime integer, primary key (soc, no_cde));
        create table commande_ligne (soc integer, no_cde integer, no_lig integer, ref_art text,
            qte_g integer, dt_promesse date, matricule text, primary key (soc, no_cde, no_lig),
            foreign key (soc, no_cde) references commande (soc, no_cde),
            foreign key (soc, ref_art) references article (soc, ref_art));
        create table of_entete (soc integer, no_of integer, ref_art text, statut integer,
            qte_prev_g integer, dt_fin_reel timestamp, primary key (soc, no_of),
            foreign key (soc, ref_art) references article (soc, ref_art));
        """)
    )
    assert [p.name for t in looked.tables for p in t.personal] == ["matricule"]
    assert "    # [soc, no_cde] -> commande.[soc, no_cde]" in system_yml(
        "gpao", looked, day="2026-11-01"
    )
    text = stub("gpao", canonical_tables()["erp_sales_order_line"], looked.tables)
    assert "landed('gpao', 'commande_ligne') }} as s" in text
    assert (
        "left join {{ landed('gpao', 'commande') }} as commande_row\n"
        "        on commande_row.soc = s.soc and commande_row.no_cde = s.no_cde "
        "and commande_row._source = s._source"
    ) in text
    said = " ".join(text.replace("--", " ").split())
    assert "write both, such as s.soc || '-' || s.no_cde, the same in every model" in said
    for column in (
        "customer_code: required, code. Customer. A code of erp_party. Try commande_row.no_client.",
        "uom: optional, code. Unit; empty means the item's base unit. Try 'g'.",
        "ordered_at: required, ts. Order received (UTC). Try utc_of('commande_row.dt_cde', 's').",
    ):
        assert column in said
    order = stub("gpao", canonical_tables()["mes_work_order"], looked.tables)
    assert "landed('gpao', 'of_entete') }} as s" in order
    assert "Try s.soc || '-' || s.no_of" in " ".join(order.replace("--", " ").split())


def test_local_times_are_proposed(postgres_source):
    looked = inspect(
        postgres_source(
            "clocks",
            "create table log (id int primary key, begun timestamp, zoned timestamptz, d date, "
            "updated_at timestamp)",
            "create table plain (id int primary key, zoned timestamptz)",
        )
    )
    entry = yaml.safe_load(source_entry("clocks", looked, url_env="CLOCKS_URL", path=None))
    assert entry[0]["local_times"] == {"log": ["begun"]}


def test_a_stub_reads_the_table_that_it_is_told(sqlite_source):
    looked = inspect(
        sqlite_source(
            "create table machine (id integer primary key, name text, parent_id integer);"
            "create table beer (id integer primary key);"
        )
    )
    assert "'machine') }} as s" in stub(
        "vendor", canonical_tables()["mes_equipment"], looked.tables
    )
    text = stub("vendor", canonical_tables()["mes_equipment"], looked.tables, of="beer")
    assert "landed('vendor', 'beer') }} as s" in text


def test_a_stub_says_what_the_database_says_and_takes_local_times_to_utc(postgres_source):
    source = postgres_source(
        "told",
        "create table machine (id int primary key, level int, changed_at timestamp, "
        "zoned_at timestamptz)",
        "comment on column machine.level is '1 plant,\n2 line'",
    )
    [table] = inspect(source).tables
    text = stub("told", canonical_tables()["mes_equipment"], [table])
    assert 'level INTEGER "1 plant, 2 line"' in text
    assert "changed_at=utc_of(\"s.changed_at\", 's')" in text
    zoned = replace(table, changed="zoned_at")
    assert 'changed_at="s.zoned_at"' in stub("told", canonical_tables()["mes_equipment"], [zoned])


def test_a_stub_may_be_written_for_every_canonical_table(sqlite_source):
    looked = inspect(sqlite_source("create table t (id integer primary key, made_at timestamp);"))
    for table in canonical_tables().values():
        text = stub("vendor", table, looked.tables)
        assert all(f" as {name},\n" in text for name in table.columns)
        assert text.count("not_mapped_yet()") == 1


@pytest.mark.parametrize(
    ("schemas", "patterns", "message"),
    [
        ((), ["nothing*"], "No table is called 'nothing"),
        (("main",), ["b"], "No table is called 'b'.*There are a"),
    ],
)
def test_what_is_asked_for_and_not_there_is_named(sqlite_source, schemas, patterns, message):
    source = sqlite_source("create table a (id integer primary key);")
    with pytest.raises(ConfigError, match=message):
        inspect(source, schemas, patterns)


def test_an_empty_database_says_what_may_be_missing(sqlite_source):
    with pytest.raises(ConfigError, match=r"no table in its default schema.*GRANT SELECT"):
        inspect(sqlite_source(""))


def test_tables_that_are_named_are_taken_even_if_they_look_technical(sqlite_source):
    source = sqlite_source("create table audit_log (id integer primary key);")
    assert [s.source_name for s in inspect(source).skipped] == ["audit_log"]
    assert [t.name for t in inspect(source, (), ["AUDIT*"]).tables] == ["audit_log"]


def test_empty_tables_of_a_large_database_are_left_out(sqlite_source, monkeypatch):
    monkeypatch.setattr(introspect, "MANY", 2)
    script = "".join(f"create table t{n} (id integer primary key);" for n in range(4))
    source = sqlite_source(script + "insert into t1 values (1);")
    looked = inspect(source)
    assert [t.name for t in looked.tables] == ["t1"]
    assert {(s.source_name, s.why) for s in looked.skipped} == {
        (f"t{n}", "is empty") for n in (0, 2, 3)
    }


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("operator_badge", True),
        ("Vorname", True),
        ("EMail", True),
        ("password_hash", True),
        ("api_token", True),
        ("machine_name", False),
        ("employee_count", False),
        ("address_count", True),  # better one too many, and say so
        ("state", False),
        ("sex", True),
        ("sextant", False),
    ],
)
def test_personal_columns_are_known_by_their_names(name, found):
    assert bool(personal_columns([name])) is found


def test_a_table_that_is_gone_fails_the_check(sqlite_source, monkeypatch, tmp_path):
    source = sqlite_source("create table a (id integer primary key);")
    loaded(monkeypatch, tmp_path, "vendor", inspect(source))
    with sqlite3.connect(source.path) as db:
        db.execute("drop table a")
    [finding] = [f for f in probe(source) if f.state == "failed"]
    assert (finding.what, finding.name) == ("table", "a")
    assert "has no table a" in finding.detail


def test_a_file_that_is_gone_is_named(tmp_path):
    with pytest.raises(SourceError, match="There is no file"):
        inspect(Source(name="vendor", system="vendor", path=tmp_path / "none.db"))


def test_a_url_that_is_none_shows_no_password(monkeypatch):
    source = Source(name="vendor", system="vendor", url_env="VENDOR_URL")
    monkeypatch.setenv("VENDOR_URL", "a secret")
    with pytest.raises(ConfigError, match="VENDOR_URL does not hold the URL") as caught:
        inspect(source)
    assert "secret" not in str(caught.value)
    monkeypatch.setenv("VENDOR_URL", "db2://me:secret@host/db")
    with pytest.raises(ConfigError, match=r"is of 'db2'|needs the package") as caught:
        inspect(source)
    assert "secret" not in str(caught.value)


def test_names_that_yaml_would_bend_are_quoted(sqlite_source, monkeypatch, tmp_path):
    source = sqlite_source(
        'create table "no" ("Yes" integer primary key, "ÄÖ: x" text);'
        'create table "1a" (id integer primary key); create table "a b" (id integer primary key);'
        "create table a_b (id integer primary key);"
    )
    system, text = loaded(monkeypatch, tmp_path, "vendor", inspect(source))
    assert {t.name: t.source_name for t in system.tables} == {
        "no": "no",
        "t_1a": "1a",
        "a_b": "a b",
        "a_b_2": "a_b",
    }
    assert yaml.safe_load(text)["tables"]["no"]["key"] == ["Yes"]
