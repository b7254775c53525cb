"""What is published: whole or not at all, never changed, readable by old and new clients."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_plant import BATCH, NOW, SOURCE, build, change, config_of, land

from expectations import Category, CheckReport, CheckResult, Severity, Status, record, verify
from exports import connect, current, publish, query
from models.errors import BuildError, CheckFailed, PublishError, QueryError

ROOT = Path(__file__).parents[2]
PLAIN = {"BOOLEAN", "BIGINT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP"}


def result(status=Status.PASSED, severity=Severity.BLOCKING) -> CheckResult:
    return CheckResult(
        check_id="erp_item__key_unique",
        description="No two rows share item_code",
        category=Category.KEY,
        table_name="erp_item",
        column_name=None,
        severity=severity,
        status=status,
        observed=0.0,
        threshold=0.0,
        unit="share",
        evaluated_count=4,
        unexpected_count=0,
        failing_keys=(),
        detail="",
        checked_at=NOW,
    )


def checked(config, status=Status.PASSED, severity=Severity.BLOCKING) -> Path:
    return record(CheckReport("run", (result(status, severity),)), config)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A plant that was published once."""
    config = build(tmp_path_factory.mktemp("plant"))
    checked(config)
    publish(config, run_id="first")
    return config


@pytest.fixture
def plant(template, tmp_path):
    shutil.copytree(template.home, tmp_path / "home", symlinks=True)
    return config_of(tmp_path / "home")


def sell_more(config) -> None:
    change(config, "update fct_production set ideal_time_good_s = ideal_time_good_s + 1")


def python(code: str, config, **kwargs) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", f"from small_plant import config_of\n{code}", str(config.home)],
        env={"PYTHONPATH": f"{ROOT}:{Path(__file__).parent}"},
        text=True,
        **kwargs,
    )


def scalar(config, sql):
    return query(config, sql).column(0)[0].as_py()


def test_every_target_has_every_table(template):
    publication = current(template)
    manifest = json.loads((publication.path / "manifest.json").read_text("utf-8"))
    assert publication.tables.keys() >= {
        "check_result",
        "clock",
        "dim_kpi",
        "fct_production",
        "fct_state_time",
        "kpi_value",
        "load",
        "order_reconciliation",
        "organization_closure",
        "unmapped_code",
    }
    assert not any(name.startswith(("erp_", "mes_", "base_")) for name in publication.tables)
    with duckdb.connect(str(template.warehouse), read_only=True) as con:
        built = dict(
            con.execute("select table_name, estimated_size from duckdb_tables()").fetchall()
        )
    for name, rows in publication.tables.items():
        parquet = pq.read_table(publication.path / f"parquet/{name}.parquet")
        assert parquet.num_rows == rows == scalar(template, f"select count(*) from {name}")
        assert name not in built or built[name] == rows
    assert publication.as_of.isoformat() == "2026-02-15T06:00:00"
    assert manifest["run_id"] == "first"
    assert manifest["files"].keys() == {
        str(p.relative_to(publication.path))
        for p in publication.path.rglob("*")
        if p.is_file() and p != publication.path / "manifest.json"
    }
    for name, facts in manifest["files"].items():
        content = (publication.path / name).read_bytes()
        assert facts == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_types_are_plain_and_values_exact(template):
    kinds = query(template, "select distinct data_type from duckdb_columns() where not internal")
    assert set(kinds.column(0).to_pylist()) <= PLAIN
    parquet = current(template).path / "parquet"
    assert {str(field.type) for path in parquet.iterdir() for field in pq.read_schema(path)} <= {
        "bool",
        "int64",
        "double",
        "string",
        "date32[day]",
        "timestamp[us]",
    }
    assert scalar(template, "select sum(ideal_time_good_s) from fct_production") == 60 * 70000.25
    (zoned,) = query(template, "select distinct zoned from fct_state_time").to_pylist()
    assert zoned["zoned"].isoformat() == "2026-01-01T00:00:00"
    metadata = pq.read_metadata(parquet / "fct_production.parquet")
    assert metadata.row_group(0).column(0).compression == "ZSTD"


def test_old_clients_can_read_the_file(template):
    """Storage version 64 is that of DuckDB 0.9.2 to 1.1; it stands behind checksum and magic."""
    header = current(template).duckdb.read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") == 64


def test_the_evidence_layout(template):
    root = current(template).path / "evidence/.evidence/template"
    rendered = json.loads((root / "static/data/manifest.json").read_text("utf-8"))
    (files,) = rendered["renderedFiles"].values()
    assert list(rendered["renderedFiles"]) == ["scorecard"]
    assert "static/data/scorecard/kpi_value/kpi_value.parquet" in files
    assert not any("fct_" in file for file in files)
    for file in files:
        schema = pq.read_schema(root / file)
        types = {"double", "string", "bool", "timestamp[ms]"}
        assert {str(field.type) for field in schema} <= types, file
        columns = json.loads((root / file).with_suffix(".schema.json").read_text("utf-8"))
        assert [c["name"] for c in columns] == schema.names
        assert {c["evidenceType"] for c in columns} <= {"string", "number", "date", "boolean"}
        assert {c["typeFidelity"] for c in columns} == {"precise"}


def test_load_tells_what_was_landed(template):
    (row,) = query(template, "select * from load").to_pylist()
    assert row["source"] == SOURCE
    assert row["batch_id"] == BATCH
    assert row["table_name"] == "orders"
    assert row["rows"] == 4
    assert row["source_control_total"] == "12.50"
    assert row["extracted_at"].isoformat() == "2026-03-01T11:00:00"


def test_check_result_carries_the_chain(template):
    (row,) = query(template, "select * from check_result").to_pylist()
    assert row["check_id"] == "erp_item__key_unique"
    assert row["previous_hash"] == "0" * 64
    assert row["hash"] in next(template.evidence.glob("*.parquet")).name


def test_a_kpi_is_explained_from_the_publication_alone(template):
    rows = query(template, "select kpi_id, contribution_sql from dim_kpi").to_pylist()
    sql = {row["kpi_id"]: row["contribution_sql"] for row in rows}
    assert sql["cash_to_cash"] is None  # derived from other KPIs
    value = """
        select sum(numerator), sum(denominator) from kpi_value
        where kpi_id = 'oee' and node_id = 'E'"""
    contributions = f"select sum(numerator), sum(denominator) from ({sql['oee']})"
    (expected,), (actual,) = (
        [tuple(row.values()) for row in query(template, q).to_pylist()]
        for q in (value, contributions)
    )
    assert [float(x) for x in actual] == [float(x) for x in expected]
    assert "warehouse.main.fct_production" in sql["oee"]  # as text it is left alone
    assert '"main"' not in sql["oee"]


def test_nothing_changed_means_no_new_version(plant):
    before = current(plant)
    checked(plant)
    again = publish(plant, run_id="second")
    assert not again.is_new
    assert again.version == before.version
    assert len(list(plant.published.iterdir())) == 2  # version and link


def test_row_order_is_no_change(plant):
    change(
        plant,
        "create table shuffled as select * from fct_production order by random()",
        "delete from fct_production",
        "insert into fct_production select * from shuffled",
        "drop table shuffled",
    )
    assert not publish(plant, run_id="second").is_new


@pytest.mark.parametrize(
    "statement",
    [
        "update kpi_value set value = value + 1e-9 where kpi_id = 'oee'",
        "insert into fct_production select * from fct_production limit 1",
        "alter table kpi_value rename column value to worth",
        "create table fct_new as select 1 as quantity",
        "drop table order_reconciliation",
    ],
)
def test_a_change_makes_a_new_version(plant, statement):
    before = current(plant)
    change(plant, statement)
    after = publish(plant, run_id="second")
    assert after.is_new
    assert after.version > before.version
    assert current(plant).version == after.version
    assert current(plant).run_id == "second"


def test_a_new_batch_makes_a_new_version(plant):
    land(plant, "20260301T113000.000000Z", NOW)
    assert publish(plant, run_id="second").tables["load"] == 2


def test_old_versions_are_pruned(plant):
    config = config_of(plant.home, keep_versions=2)
    for run in range(4):
        sell_more(config)
        publish(config, run_id=str(run))
    assert len([p for p in config.published.iterdir() if p.name != "current"]) == 2
    assert current(config).run_id == "3"


def test_the_link_is_relative(plant, tmp_path):
    assert not (plant.published / "current").readlink().is_absolute()
    moved = plant.home.rename(tmp_path / "moved")
    assert current(config_of(moved)).run_id == "first"


@pytest.mark.parametrize("status", [Status.FAILED, Status.ERROR])
def test_refused_data_is_not_published(plant, status):
    sell_more(plant)
    checked(plant, status)
    with pytest.raises(CheckFailed, match="erp_item__key_unique"):
        publish(plant, run_id="second")
    assert current(plant).run_id == "first"


def test_a_warning_does_not_hold_up_the_publication(plant):
    sell_more(plant)
    checked(plant, Status.FAILED, Severity.WARNING)
    assert publish(plant, run_id="second").is_new


def test_what_was_never_checked_is_not_published(plant):
    shutil.rmtree(plant.evidence)
    with pytest.raises(PublishError, match="never checked"):
        publish(plant, run_id="second")


def test_a_kpi_that_cannot_be_explained_is_not_published(plant):
    change(
        plant,
        "create view helper as select 1 as numerator",
        "create or replace view kpi_oee as select * from helper",
    )
    assert "helper" in publish(plant, run_id="second").tables  # it is published with the KPI
    change(plant, "drop view helper")
    with pytest.raises(PublishError):
        publish(plant, run_id="third")
    assert current(plant).run_id == "second"


def test_no_warehouse_is_said_plainly(plant):
    plant.warehouse.unlink()
    with pytest.raises(BuildError, match="There is no warehouse"):
        publish(plant, run_id="second")


def test_nothing_published_is_said_plainly(tmp_path):
    with pytest.raises(PublishError, match=r"Nothing is published .* `scorecard run`"):
        query(config_of(tmp_path), "select 1")


def test_reader_during_publish(plant):
    config = config_of(plant.home, keep_versions=1)
    code = (
        "import sys; from pathlib import Path; from exports import connect\n"
        "con = connect(config_of(Path(sys.argv[1])))\n"
        "sql = 'select sum(ideal_time_good_s) from fct_production'\n"
        "print('open', flush=True); sys.stdin.readline()\n"
        "print(con.execute(sql).fetchone()[0], con.execute('from kpi_value').fetchall() != [])"
    )
    with python(code, config, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout.readline() == "open\n"
        sell_more(config)
        old = current(config).path
        publish(config, run_id="second")
        assert not old.exists()  # pruned under the reader
        out, _ = reader.communicate("go on\n")
    assert out == f"{60 * 70000.25} True\n"
    # This process had the old version open before, too.
    assert scalar(config, "select sum(ideal_time_good_s) from fct_production") == 60 * 70001.25


def test_reader_blocks_writer(plant):
    """Whoever reads what is published holds no lock on what the pipeline writes."""
    code = (
        "import sys; from pathlib import Path; import duckdb\n"
        "path = Path(sys.argv[1]) / 'published/current/scorecard.duckdb'\n"
        "con = duckdb.connect(str(path), read_only=True)\n"
        "print(con.execute('select count(*) from kpi_value').fetchone(), flush=True)\n"
        "sys.stdin.readline()"
    )
    with python(code, plant, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout.readline().strip() == "(5,)"
        sell_more(plant)  # opens the warehouse to write
        publish(plant, run_id="second")
        reader.communicate("go on\n")
    assert current(plant).run_id == "second"
    # and no reader is ever led to the working file
    assert not any(p.samefile(plant.warehouse) for p in plant.published.rglob("*.duckdb"))


def test_a_killed_publication_leaves_the_old_one(plant):
    change(
        plant,
        "insert into fct_production select a.* from fct_production a, range(20000) r",
    )
    before = current(plant).version
    code = (
        "import sys; from pathlib import Path; from exports import publish\n"
        "publish(config_of(Path(sys.argv[1])), run_id='killed', "
        "progress=lambda text: print(text, flush=True))"
    )
    seen = []
    for step in (
        "Publishing dim_kpi",
        "Publishing kpi_value",
        "Publishing scorecard.duckdb",
        "Aud",
    ):
        with python(code, plant, stdout=subprocess.PIPE) as run:
            for line in run.stdout:
                if line.startswith(step):
                    break
            time.sleep(0.02)
            run.send_signal(signal.SIGKILL)
        assert run.wait() == -signal.SIGKILL
        seen.append(list(plant.published.glob(".tmp-*")) != [])
        assert current(plant).version == before
        assert scalar(plant, "select count(*) from fct_production") == 60
    assert all(seen)
    after = publish(plant, run_id="whole")
    assert scalar(plant, "select count(*) from fct_production") == 60 * 20001
    assert sorted(p.name for p in plant.published.iterdir()) == [before, after.version, "current"]


def test_a_version_never_pointed_to_is_swept(plant):
    old = current(plant).version
    sell_more(plant)
    orphan = publish(plant, run_id="second")
    link = plant.published / "current"
    link.unlink()
    link.symlink_to(old)
    sell_more(plant)
    after = publish(plant, run_id="third")
    assert not orphan.path.exists()
    assert current(plant).version == after.version


def test_the_disk_says_no(plant):
    sell_more(plant)
    plant.warehouse.write_bytes(b"this is no database" * 1000)
    with pytest.raises(PublishError, match="could not be written"):
        publish(plant, run_id="second")
    assert current(plant).run_id == "first"
    assert not list(plant.published.glob(".tmp-*"))


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "attach '/tmp/other.duckdb' as other",
        "copy kpi_value to '/tmp/stolen.csv'",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "insert into kpi_value select * from kpi_value",
        "drop table kpi_value",
        "create table mine as select 1",
        "install httpfs",
    ],
)
def test_bi_sandbox(template, sql):
    with pytest.raises(QueryError):
        query(template, sql)


def test_a_wrong_query_is_one_sentence_with_a_hint(template):
    with pytest.raises(QueryError) as e:
        query(template, "select * from kpi_valu")
    assert "\n" not in str(e.value)
    assert "kpi_valu does not exist" in e.value.message
    assert 'Did you mean "kpi_value"' in e.value.hint
    with pytest.raises(QueryError, match="show tables"):
        query(template, "selec 1")


def test_published_files_refuse_writers(template):
    assert not any(
        p.stat().st_mode & 0o222 for p in current(template).path.rglob("*") if p.is_file()
    )


def test_connect_gives_a_connection_to_read(template):
    with connect(template) as con:
        assert con.execute("select count(*) from kpi_value").fetchone() == (5,)
    assert isinstance(query(template, "from kpi_value"), pa.Table)


def test_evidence_that_a_publication_names_cannot_vanish(plant):
    sell_more(plant)
    newest = checked(plant)
    publish(plant, run_id="second")
    assert verify(plant).ok
    newest.unlink()
    found = verify(plant)
    assert found.broken == newest.name
    assert "publication" in found.reason
