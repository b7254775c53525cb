"""The `scorecard` command from source to publication, as a person uses it."""

import csv
import json
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from dbt_command import dbt_command

from exports import connect
from models.config import load_config
from models.errors import ScorecardError
from models.strategy import strategy
from orchestration.change import attributed, compare
from orchestration.metrics import METRICFLOW
from orchestration.semantic import semantic_kpis
from orchestration.warehouse import counted_tables, manifest_path

ROOT = Path(__file__).parents[2]
SCORECARD = Path(sys.executable).with_name("scorecard")
DAYS = 14
README = re.findall(r"^\S+/scorecard .*$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
TIMEOUT_S = 600
NO_NETWORK = ("unshare", "--map-root-user", "--net")
PHASES = ("reading demo_mes", "computing", "making", "publishing")


@dataclass(frozen=True)
class Enterprise:
    """A configuration of its own, and the command on it."""

    config: Path
    home: Path
    within: tuple[str, ...] = ()
    """Command that the `scorecard` command runs in."""

    @property
    def environment(self):
        return os.environ | {"SCORECARD_HOME": str(self.home), "COLUMNS": "120"}

    def start(self, *arguments):
        return subprocess.Popen(
            [*self.within, SCORECARD, *arguments, "--config", self.config],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )

    def command(self, *arguments):
        """Exit code, standard output, standard error."""
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=TIMEOUT_S)
        return process.returncode, out, err

    def run(self):
        """A run that must succeed; returns what it printed."""
        code, _, err = self.command("run")
        assert code == 0, err
        return err

    def rows(self, sql):
        with duckdb.connect(
            str(self.home / "published/current/scorecard.duckdb"), read_only=True
        ) as c:
            return c.execute(sql).fetchall()

    @property
    def version(self):
        return (self.home / "published/current").resolve().name

    @property
    def batches(self):
        return sorted(str(p) for p in (self.home / "landing").glob("*/batch=*"))

    @property
    def records(self):
        return sorted(p.name for p in (self.home / "evidence").glob("*.parquet"))

    def with_config(self, folder, **replacements):
        """The same state under another configuration."""
        text = self.config.read_text("utf-8")
        for old, new in replacements.items():
            assert old in text
            text = text.replace(old, new)
        changed = folder / "scorecard.yml"
        changed.write_text(text, "utf-8")
        return Enterprise(changed, self.home)


VOLATILE = ("batch_id", "extracted_at", "_batch", "_extracted_at")
"""Columns that say when a row arrived, not what it is."""
VOLATILE_TABLE = "kpi_source"
"""Sums per batch: another number of batches has other rows."""


def fingerprints(warehouse):
    """Content of every table of a warehouse, whatever the order of its rows."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = connection.execute(
            """
            select table_name, string_agg('"' || column_name || '"', ', ' order by column_index)
            from duckdb_columns()
            where table_name in (select table_name from duckdb_tables())
                and table_name <> $volatile_table and not list_contains($volatile, column_name)
            group by all order by all
            """,
            {"volatile": list(VOLATILE), "volatile_table": VOLATILE_TABLE},
        ).fetchall()
        return {
            name: connection.execute(
                f"select count(*), sum(hash(row({columns}))::hugeint) from {name}"
            ).fetchone()
            for name, columns in tables
        }


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """A simulated plant of two weeks: the folder of its databases."""
    folder = tmp_path_factory.mktemp("plant")
    subprocess.run(
        [sys.executable, "-m", "sources.demo", "--out", folder, "--days", str(DAYS)],
        check=True,
        capture_output=True,
        cwd=ROOT,
    )
    return folder


def without_network():
    """Whether this machine lets us take the network away."""
    return (
        shutil.which(NO_NETWORK[0]) is not None
        and subprocess.run([*NO_NETWORK, "true"], check=False, capture_output=True).returncode == 0
    )


def on(plant, folder):
    """The demo's configuration on that plant, with its state in `folder`."""
    config = folder / "scorecard.yml"
    demo = (ROOT / "examples/demo.yml").read_text("utf-8")
    config.write_text(demo.replace("../var/demo/", f"{plant}/"), "utf-8")
    return Enterprise(config, folder / "home")


@pytest.fixture(scope="module")
def demo(plant, tmp_path_factory):
    """The demo after one undisturbed run."""
    enterprise = on(plant, tmp_path_factory.mktemp("demo"))
    if without_network():
        enterprise = replace(enterprise, within=NO_NETWORK)
    enterprise.run()
    return enterprise


class Again(NamedTuple):
    """What was there before a second run without new data, what it printed, and what it left."""

    before: tuple
    after: tuple
    checked: int
    shown: str
    refused: tuple
    pid: int


@pytest.fixture(scope="module")
def again(demo):
    """A second run of the demo, and a third that was tried while it was under way."""

    def state():
        return demo.batches, demo.version, fingerprints(demo.home / "warehouse/warehouse.duckdb")

    before, checked = state(), len(demo.records)
    with demo.start("run") as run:
        try:
            first = wait_for(run, "reading")
            refused = demo.command("run")
        finally:
            _, rest = run.communicate(timeout=TIMEOUT_S)
    assert run.returncode == 0, first + rest
    return Again(before, state(), len(demo.records) - checked, first + rest, refused, run.pid)


class TestOneRun:
    @pytest.mark.parametrize("line", README)
    def test_commands_of_the_readme(self, demo, line):
        command, *arguments = shlex.split(line, comments=True)
        assert command == ".venv/bin/scorecard"
        code, out, err = demo.command(*arguments)
        assert (code, err) == (0, "")
        assert out.strip()

    def test_values_stand_at_every_level_where_a_kpi_is_defined(self, demo):
        levels = dict(
            demo.rows("select node_level, count(distinct kpi_id) from kpi_value group by 1")
        )
        assert set(levels) >= {"enterprise", "site", "area", "line", "machine", "item_group"}
        assert levels["enterprise"] >= 30
        assert min(levels.values()) >= 8

    def test_query(self, demo):
        code, out, _ = demo.command("query", "select 40 + 2 as answer", "--as", "csv")
        assert (code, out.split()) == (0, ["answer", "42"])

    def test_a_query_cannot_write_or_leave_the_publication(self, demo):
        for sql in ("create table x as select 1", "select * from read_text('/etc/hostname')"):
            code, out, err = demo.command("query", sql)
            assert code != 0, out
            assert "Traceback" not in err

    def test_show_groups_by_perspective(self, demo):
        code, out, _ = demo.command("show")
        assert code == 0
        order = [out.index(p) for p in ("Financial", "Customer", "Internal process", "Learning")]
        assert order == sorted(order)
        assert "Overall equipment effectiveness" in out
        assert "2026-10" in out

    @pytest.mark.parametrize(
        "period", ["2026-10", "2026-W43", "2026-Q4", "2026", "2026-10-20", "ytd"]
    )
    def test_show_takes_every_kind_of_period(self, demo, period):
        code, out, err = demo.command("show", "--period", period, "--as", "json")
        assert code == 0, err
        assert '"oee"' in out

    def test_show_lists_the_nodes_there_are(self, demo):
        code, _, err = demo.command("show", "--node", "nowhere")
        assert code == 1
        assert "nowhere" in err
        assert "BRE" in err

    def test_explain_shows_parts_that_sum_to_the_value(self, demo):
        ((value, numerator, denominator),) = demo.rows(
            """
            select value, numerator, denominator from kpi_value join dim_strategy
                on node_id = enterprise_id
            where kpi_id = 'oee' and period_type = 'month' and period_start = '2026-10-01'
            """
        )
        assert value == pytest.approx(100 * numerator / denominator, rel=1e-12)
        ((sql,),) = demo.rows("select contribution_sql from dim_kpi where kpi_id = 'oee'")
        ((summed_numerator, summed_denominator),) = demo.rows(
            f"""
            select sum(numerator), sum(denominator) from ({sql})
            where date_day between '2026-10-01' and '2026-10-31'
            """
        )
        assert (float(summed_numerator), float(summed_denominator)) == (numerator, denominator)
        code, out, err = demo.command("explain", "oee", "--period", "2026-10")
        assert code == 0, err
        assert "fct_production" in out
        assert "fct_state_time" in out
        assert "batch" in out

    def test_every_kpi_with_a_value_can_be_explained(self, demo):
        kpis = [
            kpi
            for (kpi,) in demo.rows(
                """
                select distinct kpi_id from kpi_value join dim_strategy on node_id = enterprise_id
                where period_type = 'month' and period_start = '2026-10-01' order by 1
                """
            )
        ]
        derived = dict(demo.rows("select kpi_id, derived_from from dim_kpi"))
        rollups = dict(
            demo.rows(
                "select rollup, max(kpi_id) from kpi_value join dim_kpi "
                "using (kpi_id) join dim_strategy on node_id = enterprise_id "
                "where period_type = 'month' and period_start = '2026-10-01' group by 1"
            )
        )
        # Each costs half a second; these are one of each kind.
        sample = {"oee", "dio", *rollups.values()} | {kpi for kpi in kpis if derived[kpi]}
        for kpi in sample & set(kpis):
            code, out, err = demo.command("explain", kpi, "--period", "2026-10")
            assert code == 0, err
            assert ("Computed from these KPIs" in out) == bool(derived[kpi])

    def test_an_unknown_kpi_lists_those_there_are(self, demo):
        code, _, err = demo.command("explain", "oe")
        assert code == 1
        assert "availability" in err

    def test_the_terminal_shows_progress_and_none_of_daggers_noise(self, again):
        shown = again.shown
        for phase in ("reading demo_mes", "reading demo_erp", "computing", "checks", "publishing"):
            assert phase in shown
        assert "DEBUG" not in shown
        assert "dagster" not in shown.replace("starting Dagster", "")


def test_two_runs_without_new_data_land_no_batch_and_change_no_row(again):
    assert again.after == again.before
    assert again.checked == 1


def test_a_failed_blocking_check_leaves_what_was_published(demo, tmp_path):
    """A source that must be fresh to the second is stale by the time of the checks."""
    stale = demo.with_config(
        tmp_path, **{"system: demo_mes\n": "system: demo_mes\n    freshness_hours: 0.0001\n"}
    )
    version, link, checked = (
        stale.version,
        (stale.home / "published/current").readlink(),
        stale.records,
    )
    code, _, err = stale.command("run")
    assert code == 6, err
    assert "Nothing was published" in err
    assert "demo_mes" in err
    assert (stale.home / "published/current").readlink() == link
    assert stale.version == version
    assert len(stale.records) == len(checked) + 1


def test_of_two_runs_at_once_the_second_says_who_is_running(again):
    code, _, err = again.refused
    assert code == 8
    assert f"process {again.pid}" in err


@pytest.mark.slow
def test_a_reader_is_not_disturbed_and_a_new_one_sees_the_new_version(demo, tmp_path):
    shutil.copytree(demo.home, tmp_path / "home", symlinks=True)
    copy = Enterprise(demo.config, tmp_path / "home")
    renamed = copy.with_config(tmp_path, **{"name: Norden Precision": "name: Renamed"})
    name = "select enterprise_name from dim_strategy"
    old = copy.version
    with duckdb.connect(
        str(copy.home / f"published/{old}/scorecard.duckdb"), read_only=True
    ) as reader:
        renamed.run()
        assert reader.execute(name).fetchall() == [("Norden Precision",)]
    assert renamed.version > old
    assert renamed.rows(name) == [("Renamed",)]


def test_dbt_unit_tests(demo):
    """They need the tables that they replace: the demo's, of which they change none."""
    config = load_config(demo.config).model_copy(update={"home": demo.home})
    passed = re.search(r"PASS=(\d+)", dbt_command(config, "test", "--select", "test_type:unit"))
    assert passed
    assert int(passed[1]) >= len(strategy().kpis) - sum(
        bool(kpi.derived_from) for kpi in strategy().kpis
    )


def test_a_fact_is_empty_where_what_it_counts_is(demo, tmp_path):
    """Whatever the shared dimensions hold: that is why an increment leaves it as it is then."""
    config = load_config(demo.config).model_copy(update={"home": demo.home})
    manifest = json.loads(manifest_path(config).read_text("utf-8"))
    target = tmp_path / "target"
    dbt_command(config, "compile", "--full-refresh", "--select", "star", "--target-path", target)
    warehouse = tmp_path / config.warehouse.name
    shutil.copy(config.warehouse, warehouse)
    examined = 0
    with duckdb.connect(str(warehouse)) as connection:
        for node in [node for node in manifest["nodes"] if counted_tables(manifest, node)]:
            counted = [manifest["nodes"][other] for other in counted_tables(manifest, node)]
            if any(other["config"]["materialized"] == "view" for other in counted):
                continue  # never taken for empty
            name = manifest["nodes"][node]["name"]
            (sql,) = (target / "compiled").rglob(f"{name}.sql")
            connection.execute("begin")
            for other in counted:
                connection.execute(f"delete from {other['name']}")
            (rows,) = connection.execute(
                f"select count(*) from ({sql.read_text('utf-8')}) as computed"
            ).fetchone()
            connection.execute("rollback")
            assert rows == 0, name
            examined += connection.execute(f"select count(*) > 0 from {name}").fetchone()[0]
    assert examined > 20


@pytest.mark.skipif(not METRICFLOW.exists(), reason="MetricFlow is not installed: make semantic")
@pytest.mark.parametrize(
    ("group_by", "period_type", "level"),
    [
        pytest.param("metric_time__month", "month", "enterprise", marks=pytest.mark.slow),
        ("metric_time__week,node__site_id", "week", "site"),
        pytest.param(
            "metric_time__fiscal_year,node__line_id", "year", "line", marks=pytest.mark.slow
        ),
    ],
)
def test_metrics_answer_as_the_published_values(demo, tmp_path, group_by, period_type, level):
    kpis = [kpi.id for kpi in semantic_kpis(strategy())]
    answer = tmp_path / "answer.csv"
    arguments = ("query", "--metrics", ",".join(kpis), "--group-by", group_by, "--csv", answer)
    code, out, err = demo.command("metrics", *arguments)
    assert code == 0, out + err
    time_column, *node_column = group_by.split(",")
    answered = {
        (kpi, row[node_column[0]] if node_column else "NORDEN", row[time_column][:10]): float(
            row[kpi]
        )
        for row in csv.DictReader(answer.read_text("utf-8").splitlines())
        for kpi in kpis
        if row[kpi]
    }
    published = {
        (kpi, node, str(start)): value
        for kpi, node, start, value in demo.rows(
            f"""
            select kpi_id, node_id, period_start, value from kpi_value
            where period_type = '{period_type}' and node_level = '{level}'
            """
        )
        if kpi in kpis
    }
    assert {kpi for kpi, _, _ in published} > {"oee"}
    assert {key: answered.get(key) for key in published} == pytest.approx(published)


def wait_for(process, text):
    """Read what a run prints until a line has the text; return it."""
    read = ""
    for line in process.stderr:
        read += line
        if text in line:
            return read
    pytest.fail(f"the run ended before it printed {text!r}")


@pytest.mark.slow
def test_a_run_killed_at_any_moment_leaves_nothing_behind(demo, plant, tmp_path):
    """Killed in each phase at a random moment, the next run gives what an undisturbed one gives."""
    victim = on(plant, tmp_path)
    moment = random.Random(20261031)
    figures = """
        select * from kpi_value
        order by kpi_id, node_id, period_type, period_start, period_end, shift_code
    """
    for phase in PHASES:
        with victim.start("run") as process:
            wait_for(process, phase)
            time.sleep(moment.uniform(0, 3))
            process.send_signal(signal.SIGKILL)
            reached = phase + process.stderr.read()
        published = (victim.home / "published/current").exists()
        if "publishing" in reached:  # the run may have been quicker than the kill
            assert not published or victim.rows(figures) == demo.rows(figures)
        else:
            assert not published
    victim.run()
    assert fingerprints(victim.home / "warehouse/warehouse.duckdb") == fingerprints(
        demo.home / "warehouse/warehouse.duckdb"
    )
    assert victim.rows(figures) == demo.rows(figures)
    assert not list(victim.home.glob("landing/*/.tmp-*"))
    assert not list(victim.home.glob("published/.tmp-*"))


def test_no_egress(demo):
    """The whole run of the demo, from its sources to the publication, had no network at all."""
    if not demo.within:
        pytest.skip("no network namespaces on this machine")
    code = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    tried = subprocess.run(
        [*NO_NETWORK, sys.executable, "-c", code], check=False, capture_output=True, text=True
    )
    assert "Network is unreachable" in tried.stderr
    assert demo.rows("select count(*) > 0 from kpi_value") == [(True,)]


@pytest.mark.slow
def test_corrupt_wal(demo, tmp_path):
    """A damaged working file is refused; deleted, it is computed again from the landing."""
    shutil.copytree(demo.home, tmp_path / "home", symlinks=True)
    victim = Enterprise(demo.config, tmp_path / "home")
    version, figures = victim.version, "from kpi_value order by all"
    warehouse = victim.home / "warehouse"
    for path in warehouse.iterdir():
        if path.is_file():
            data = bytearray(path.read_bytes())
            data[: len(data) // 2] = bytes(b ^ 0x55 for b in data[: len(data) // 2])
            path.write_bytes(data)
    code, _, err = victim.command("run", "--full")
    assert code not in {0, 1}, err
    assert victim.version == version
    shutil.rmtree(warehouse)
    victim.run()
    assert victim.rows(figures) == demo.rows(figures)


class TestChange:
    """What moved a KPI from one week to the next."""

    @pytest.fixture
    def connection(self, demo):
        config = load_config(demo.config).model_copy(update={"home": demo.home})
        with connect(config) as connection:
            yield connection

    @pytest.mark.parametrize("by", ["node", "item", "cause", "shift", "component"])
    def test_the_parts_of_every_kpi_add_up_to_its_change(self, connection, by):
        counted = 0
        for kpi in strategy().kpis:
            if kpi.rollup in {"set", "none"} or (kpi.rollup == "derived") != (by == "component"):
                continue
            try:
                change = compare(connection, kpi.id, "NORDEN", "2026-W44", "2026-W43")
            except ScorecardError:
                continue  # without a value in one of the weeks
            parts = attributed(connection, change, by)
            assert sum(row[4] for row in parts) == pytest.approx(
                change.new - change.old, abs=1e-6 * max(1, abs(change.new))
            ), kpi.id
            counted += 1
        assert counted >= (1 if by == "component" else 20)

    def test_a_cause_weighs_what_it_took_of_the_busy_time(self, connection):
        """Beside SQL on the facts: the share of each reason in planned busy time."""
        shares = connection.execute(
            """
            with busy as (
                select iso_week as week, coalesce(reason_code, state) as cause,
                    sum(adet_s + aust_s + idle_s) as lost,
                    sum(sum(pbt_s)) over (partition by week) as busy
                from fct_state_time join dim_date using (date_day)
                where iso_week in (43, 44) group by 1, 2
            )
            select cause, -100 * (
                coalesce(sum(lost / busy) filter (week = 44), 0)
                - coalesce(sum(lost / busy) filter (week = 43), 0)
            ) from busy group by cause
            """
        ).fetchall()
        change = compare(connection, "availability", "NORDEN", "2026-W44", "2026-W43")
        effects = {row[0]: row[4] for row in attributed(connection, change, "cause")}
        assert len(effects) > 3
        assert effects == pytest.approx({c: s for c, s in shares if c in effects})

    def test_sources_and_batches_stand_behind_every_value(self, connection):
        """The sums of each value of the enterprise are those of the batches that it names."""
        off = connection.execute(
            """
            select value.kpi_id, value.period_start
            from kpi_value as value
            join dim_kpi using (kpi_id)
            join organization_closure as closure on closure.ancestor_id = value.node_id
            join kpi_source as source
                on source.kpi_id = value.kpi_id and source.node_id = closure.descendant_id
                and source.date_day between value.period_start and value.period_end
            where value.period_type = 'month' and value.node_level = 'enterprise'
                and dim_kpi.rollup = 'ratio'
            group by all
            having abs(sum(source.numerator) - any_value(value.numerator)) > 1e-6
                or abs(sum(source.denominator) - any_value(value.denominator)) > 1e-6
                or min(source.row_count) < 1
            """
        ).fetchall()
        assert off == []
        # An order compared between two sources came in a batch of each.
        assert connection.execute(
            "select distinct kpi_id from kpi_source where batch_id is null"
        ).fetchall() == [("mes_erp_agreement",)]
        counted, there = connection.execute(
            """
            select
                (select sum(row_count) from kpi_source where kpi_id = 'availability'),
                (
                    select count(*) from clock, fct_state_time
                    join dim_organization using (node_id)
                    join kpi_readiness on kpi_id = 'availability'
                        and kpi_readiness.node_id = site_id
                    where date_day <= as_of_date and date_day >= coalesce(first_day, date_day)
                )
            """
        ).fetchone()
        assert counted == there

    def test_people_see_nodes_and_causes(self, demo):
        code, out, err = demo.command(
            "explain", "oee", "--period", "2026-W44", "--against", "2026-W43"
        )
        assert (code, err) == (0, "")
        assert out.index("By node") < out.index("By cause")
        assert "sum" in out

    def test_what_is_not_made_of_sums_is_refused(self, demo):
        kpi = next(kpi.id for kpi in strategy().kpis if kpi.rollup == "set")
        code, _, err = demo.command("explain", kpi, "--against", "previous")
        assert code != 0
        assert "not made of sums" in err


def test_the_readme_and_help_name_the_same_commands():
    readme = (ROOT / "README.md").read_text("utf-8")
    done = subprocess.run([SCORECARD, "--help"], capture_output=True, text=True, check=True)
    known = set(re.findall(r"^  (\w+) ", done.stdout, re.MULTILINE))
    assert set(re.findall(r"\.venv/bin/scorecard (\w+)", readme)) <= known
