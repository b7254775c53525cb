"""A build that fails or is killed: the warehouse opens again, and nobody sees what it left.

dbt is the real one, over a little project of its own; whoever crashes is a process of its own.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from little_project import little_project
from small_plant import NOW, build, change

from expectations import Category, CheckReport, CheckResult, Severity, Status, record
from exports import current, publish, query
from models.errors import BuildError
from orchestration import assets, resident, warehouse
from orchestration.settings import RunSettings
from orchestration.translator import Translator, model_keys

GIVEN = """
create schema old; create table old.t as select 1 as a;
create table product as select i as id, 'p' || i as name, i * 1.5::decimal(18, 2) as price
    from range(1000) as r (i);
create view dear as select * from product where price > 100;
"""
STATEMENTS = {
    "create table as": "create table made as from product",
    "create large table": "create table big as select i, hash(i) as h from range(300000) r (i)",
    "create and fill": "create table made (id bigint not null);"
    "insert into made select id from product",
    "create or replace table": "create or replace table product as select 1 as id",
    "rename aside and take over": "create table new as select 7 as id;"
    "alter table product rename to former; alter table new rename to product; drop table former",
    "drop table": "drop table product cascade",
    "create view": "create view cheap as select * from product where price < 10",
    "replace view": "create or replace view dear as select 1 as one",
    "rename view": "alter view dear rename to costly",
    "drop view": "drop view if exists dear cascade",
    "create schema": "create schema if not exists other; create table other.t as select 1 as a",
    "drop schema": "drop schema if exists old cascade",
    "add column": "alter table product add column weight double",
    "drop column": "alter table product drop column price",
    "change type": "alter table product alter column id type varchar",
    "comment": "comment on table product is 'what is sold'",
    "insert": "insert into product select id + 1000, name, price from product",
    "update": "update product set price = price * 2 where id % 2 = 0",
    "delete": "delete from product where id % 3 = 0",
}
"""What dbt and the publication do to a database file."""
CRASH = """
import json, os, signal, sys
from pathlib import Path
import duckdb
folder, commit, statements = Path(sys.argv[1]), sys.argv[2] == "commit", json.load(sys.stdin)
connections = []
for number, statement in enumerate(statements):
    direct = duckdb.connect(str(folder / f"{number}-direct.duckdb"))
    direct.execute(f"attach '{folder}/{number}-attached.duckdb' as attached")
    attached = direct.cursor()
    attached.execute("use attached")
    for connection in (direct, attached):
        connections.append(connection)
        connection.execute("begin")
        connection.execute(statement)
        if commit:
            connection.execute("commit")
os.kill(os.getpid(), signal.SIGKILL)
"""
WAYS = ("direct", "attached")


def contents(con):
    """Everything that a database holds, in words that can be compared."""
    tables = con.execute(
        "select schema_name, table_name, comment from duckdb_tables() order by all"
    ).fetchall()
    return {
        "schemas": con.execute(
            "select schema_name from duckdb_schemas() "
            "where not internal and database_name = current_database() order by 1"
        ).fetchall(),
        "columns": con.execute(
            "select schema_name, table_name, column_name, data_type, is_nullable "
            "from duckdb_columns() where not internal order by all"
        ).fetchall(),
        "views": con.execute(
            "select view_name, sql from duckdb_views() where not internal order by all"
        ).fetchall(),
        "tables": tables,
        "rows": {
            (schema, name): con.execute(
                f'select count(*), sum(hash(t)::hugeint) from "{schema}"."{name}" as t'
            ).fetchone()
            for schema, name, _ in tables
        },
    }


@pytest.fixture(scope="module", params=["commit", "no commit"])
def crashed(request, tmp_path_factory):
    """Databases, one per statement and way, whose process was killed; True if all was committed."""
    folder = tmp_path_factory.mktemp("crashed")
    with duckdb.connect(str(folder / "given.duckdb")) as con:
        con.execute(GIVEN)
    for number, _ in enumerate(STATEMENTS):
        for way in WAYS:
            shutil.copy(folder / "given.duckdb", folder / f"{number}-{way}.duckdb")
    done = subprocess.run(
        [sys.executable, "-c", CRASH, folder, request.param],
        input=json.dumps(list(STATEMENTS.values())),
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    return folder, request.param == "commit"


@pytest.mark.parametrize("kind", STATEMENTS)
def test_ddl_replay(crashed, kind):
    """What was committed is there after a crash, and nothing else."""
    folder, committed = crashed
    with duckdb.connect() as undisturbed:
        undisturbed.execute(GIVEN)
        before = contents(undisturbed)
        undisturbed.execute(STATEMENTS[kind])
        after = contents(undisturbed)
    assert after != before
    for way in WAYS:
        path = folder / f"{list(STATEMENTS).index(kind)}-{way}.duckdb"
        if committed:  # else there is nothing to be replayed
            assert path.with_suffix(".duckdb.wal").stat().st_size > 0
        with duckdb.connect(str(path)) as con:
            assert contents(con) == (after if committed else before)


# --- builds ------------------------------------------------------------------------------------

MODELS = {
    "sales/stg_sale.sql": "{{ config(materialized='table') }} select id from raw_sale",
    "sales/fct_production.sql": """{{ config(materialized='table') }}
        -- takes hours if so it is switched
        select production.*
        from raw_production as production, (select count(*) from {{ ref('stg_sale') }}) as sale
        where (
            select count(*) from raw_switch as switch, range(switch.slow) as r (i)
            where hash(i) = 0
        ) >= 0""",
    "sales/sales.yml": "models: [{name: stg_sale, columns: [{name: id, data_tests: [not_null]}]}]",
}
FIGURE = "select sum(ideal_time_good_s) from fct_production"


def given(config, *, sale=1, slow=0):
    """Set what the little project reads; the figure grows by one a row. A sale must be known."""
    change(
        config,
        f"create or replace table raw_switch as select {slow} as slow",
        f"create or replace table raw_sale as select {'null' if sale is None else sale}::int as id",
        "create table if not exists raw_production as from fct_production",
        "update raw_production set ideal_time_good_s = ideal_time_good_s + 1",
    )


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """A plant that was published once; its next build is one of a little dbt project."""
    folder = tmp_path_factory.mktemp("plant")
    config = build(folder / "home")
    checked(config)
    publish(config, run_id="first")
    given(config)
    with little_project(folder / "project", MODELS):
        warehouse.prepare(config)
        yield config


def checked(config):
    """Record that the data may be published."""
    passed = CheckResult(
        check_id="stg_sale__filled",
        description="There are sales",
        category=Category.COMPLETENESS,
        table_name="stg_sale",
        column_name=None,
        severity=Severity.BLOCKING,
        status=Status.PASSED,
        observed=0.0,
        threshold=0.0,
        unit="share",
        evaluated_count=1,
        unexpected_count=0,
        failing_keys=(),
        detail="",
        checked_at=NOW,
    )
    record(CheckReport("run", (passed,)), config)


class KillsDbt:
    """Progress that kills dbt, as it looks on, when the first model is there."""

    def __init__(self):
        self.killed = []

    @contextmanager
    def step(self, what):  # noqa: ARG002 - every step is watched
        yield self

    def update(self, text):
        if "stg_sale" in text:
            for pid in children("scorecard-dbt"):
                os.kill(pid, signal.SIGKILL)
                self.killed.append(pid)


def children(command):
    """Processes of that command that this process has started."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text("utf-8").rpartition(")")[2].split()[1])
            words = (stat.parent / "cmdline").read_text("utf-8")
        except (OSError, UnicodeDecodeError):  # it has ended
            continue
        if parent == os.getpid() and command in words:
            yield int(stat.parent.name)


def run(config, progress=None):
    """Compute and publish as Dagster does, without a source and without the catalogue of checks."""
    manifest = json.loads(warehouse.prepare(config).read_text("utf-8"))
    models = model_keys(manifest)
    return dg.materialize(
        [
            assets.dbt_models(config, manifest, Translator(config, {}), progress=progress),
            assets.published_asset(config, sorted(models.values()), progress=progress),
        ],
        resources={"run": RunSettings(home=str(config.home), full=True)},
        raise_on_error=False,
    )


def figure(config):
    return query(config, FIGURE).column(0)[0].as_py()


@pytest.mark.filterwarnings("ignore:AssetExecutionContext.op is")  # dagster-dbt calls it
@pytest.mark.parametrize(
    ("sale", "killer", "said"),
    [
        pytest.param(None, None, "not_null_stg_sale_id failed", id="a test fails"),
        pytest.param(2, KillsDbt(), "dbt ended before it had computed everything", id="killed"),
    ],
)
def test_dbt_fail_mid_build(plant, sale, killer, said):
    """Half a build is in the warehouse, and nobody who reads sees it; the next one completes it."""
    version, before = current(plant).version, figure(plant)
    given(plant, sale=sale, slow=10**13 if killer else 0)
    result = run(plant, killer)
    assert not result.success
    [failure] = [e.step_failure_data.error for e in result.all_events if e.is_step_failure]
    assert said in failure.message
    assert killer is None or len(killer.killed) == 1
    assert dg.AssetKey("published") not in {
        e.asset_key for e in result.get_asset_materialization_events()
    }
    assert (current(plant).version, figure(plant)) == (version, before)
    with duckdb.connect(str(plant.warehouse)) as con:  # nobody holds it, and it is whole
        assert con.execute("from stg_sale").fetchall() == [(sale,)]
        assert con.execute(FIGURE).fetchone() == (before,)
    given(plant)
    assert run(plant).success
    assert current(plant).version > version
    assert figure(plant) > before


# --- dbt that stays ------------------------------------------------------------------------------

WRITE = """
import sys, duckdb
with duckdb.connect(sys.argv[1]) as con:
    con.execute("create or replace table from_elsewhere as select 1 as a")
"""


def writes_from_elsewhere(config):
    """True if another process may write to the warehouse now."""
    done = subprocess.run(
        [sys.executable, "-c", WRITE, config.warehouse], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 or "Could not set lock" in done.stderr, done.stderr
    return done.returncode == 0


def test_dbt_inprocess_lock(plant, monkeypatch):
    """dbt that is kept in process holds the file until it is told; a build tells it, come what may.

    Other runs of dbt are processes of their own, whose locks end with them.
    """
    held = []
    release = DuckDBConnectionManager.close_all_connections

    def look_and_release():
        held.append(not writes_from_elsewhere(plant))
        release()

    monkeypatch.setattr(DuckDBConnectionManager, "close_all_connections", look_and_release)
    given(plant)
    build = resident.ResidentBuild(plant)
    assert writes_from_elsewhere(plant)
    assert build.build(full=True) > 0
    assert writes_from_elsewhere(plant)
    given(plant, sale=None)
    with pytest.raises(BuildError, match="not_null_stg_sale_id"):
        build.build(full=True)
    assert writes_from_elsewhere(plant)
    assert held == [True, True]
