"""The `scorecard` command from source to publication, as a person uses it."""

import csv
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from models.config import load_config
from models.strategy import strategy
from orchestration.warehouse import DBT, PROJECT, dbt_environment, vars_argument

ROOT = Path(__file__).parents[2]
SCORECARD = Path(sys.executable).with_name("scorecard")
DAYS = 14
README = re.findall(r"^\S+/scorecard .*$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
TIMEOUT_S = 600
SHIFT_START = datetime.fromisoformat("2026-03-02T06:00:00")
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


def fingerprints(warehouse):
    """Content of every table of a warehouse, whatever the order of its rows."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = connection.execute(
            """
            select table_name, string_agg('"' || column_name || '"', ', ' order by column_index)
            from duckdb_columns()
            where table_name in (select table_name from duckdb_tables())
                and not list_contains($volatile, column_name)
            group by all order by all
            """,
            {"volatile": list(VOLATILE)},
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
    enterprise.run()
    return enterprise


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
        assert set(levels) == {"enterprise", "site", "area", "line", "machine"}
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
        # Each costs half a second; these are one of each kind.
        sample = {"oee", "dio", "net_sales"} | {kpi for kpi in kpis if derived[kpi]}
        for kpi in sample & set(kpis):
            code, out, err = demo.command("explain", kpi, "--period", "2026-10")
            assert code == 0, err
            assert ("Computed from these KPIs" in out) == bool(derived[kpi])

    def test_an_unknown_kpi_lists_those_there_are(self, demo):
        code, _, err = demo.command("explain", "oe")
        assert code == 1
        assert "availability" in err

    def test_the_terminal_shows_progress_and_none_of_daggers_noise(self, demo):
        shown = demo.run()
        for phase in ("reading demo_mes", "reading demo_erp", "computing", "checks", "publishing"):
            assert phase in shown
        assert "DEBUG" not in shown
        assert "dagster" not in shown.replace("starting Dagster", "")


def test_two_runs_without_new_data_land_no_batch_and_change_no_row(demo):
    before = demo.batches, demo.version, fingerprints(demo.home / "warehouse/warehouse.duckdb")
    checked = len(demo.records)
    demo.run()
    after = demo.batches, demo.version, fingerprints(demo.home / "warehouse/warehouse.duckdb")
    assert after == before
    assert len(demo.records) == checked + 1


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


def test_of_two_runs_at_once_the_second_says_who_is_running(demo):
    with demo.start("run") as first:
        try:
            wait_for(first, "reading")
            code, _, err = demo.command("run")
            assert code == 8
            assert f"process {first.pid}" in err
        finally:
            _, err = first.communicate(timeout=TIMEOUT_S)
    assert first.returncode == 0, err


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


def test_dbt_unit_tests(demo, tmp_path):
    """They need the tables that they replace: the demo's, of which they change none."""
    config = load_config(demo.config).model_copy(update={"home": demo.home})
    with dbt_environment(config):
        done = subprocess.run(
            [
                *(DBT, "--no-use-colors", "test", "--select", "test_type:unit"),
                *("--target-path", tmp_path, *vars_argument(config)),
            ],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    passed = re.search(r"PASS=(\d+)", done.stdout)
    assert passed
    assert int(passed[1]) >= len(strategy().kpis) - sum(
        bool(kpi.derived_from) for kpi in strategy().kpis
    )


def wait_for(process, text):
    """Read what a run prints until a line has the text."""
    for line in process.stderr:
        if text in line:
            return
    pytest.fail(f"the run ended before it printed {text!r}")


def test_a_run_killed_at_any_moment_leaves_nothing_behind(demo, plant, tmp_path):
    """Killed in each phase at a random moment, the next run gives what an undisturbed one gives."""
    victim = on(plant, tmp_path)
    moment = random.Random(20261031)
    figures = """
        select * from kpi_value order by kpi_id, node_id, period_type, period_start, period_end
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


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """The worked examples after a run; counts come in parts, which must change nothing."""
    folder = tmp_path_factory.mktemp("examples")
    feed = Feed(folder / "feed")
    feed.node("S", "site", "")
    for line in ("W1", "W4"):
        feed.node(line, "line", "S")
    # W1: shift of 480 min, breaks of 60, stops of 47; 1.0 s a piece; 19,271 made, 423 rejected.
    feed.machine("W1-M", "W1", run=373, stop=47, planned=60)
    feed.count("W1-M", total=19271, good=18848, pri_s=1, parts=7)
    # W4: planned 100 and 300 min, run 90 and 150; one a minute; 80 of 80 and 135 of 150 good.
    feed.machine("W4-M1", "W4", run=90, stop=10, planned=0)
    feed.count("W4-M1", total=80, good=80, pri_s=60, parts=1)
    feed.machine("W4-M2", "W4", run=150, stop=150, planned=0)
    feed.count("W4-M2", total=150, good=135, pri_s=60, parts=3)
    feed.write()
    config = folder / "scorecard.yml"
    config.write_text(
        """
        enterprise: {code: OEE, name: Examples, time_zone: UTC, currency: EUR, as_of: data}
        sources: [{name: feed, system: files, path: feed}]
        """,
        "utf-8",
    )
    enterprise = Enterprise(config, folder / "home", NO_NETWORK if without_network() else ())
    enterprise.run()
    return enterprise


def without_network():
    """Whether this machine lets us take the network away."""
    return (
        shutil.which(NO_NETWORK[0]) is not None
        and subprocess.run([*NO_NETWORK, "true"], check=False, capture_output=True).returncode == 0
    )


def test_no_egress(examples):
    """The whole run of the examples, from the feed to the publication, had no network at all."""
    if not examples.within:
        pytest.skip("no network namespaces on this machine")
    code = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    tried = subprocess.run(
        [*NO_NETWORK, sys.executable, "-c", code], check=False, capture_output=True, text=True
    )
    assert "Network is unreachable" in tried.stderr
    assert examples.rows("select count(*) > 0 from kpi_value") == [(True,)]


def test_corrupt_wal(examples, tmp_path):
    """A damaged working file is refused; deleted, it is computed again from the landing."""
    shutil.copytree(examples.home, tmp_path / "home", symlinks=True)
    victim = Enterprise(examples.config, tmp_path / "home")
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
    assert victim.rows(figures) == examples.rows(figures)


class TestWorkedExamples:
    """Published examples of OEE, put through a folder of files; see the figures in each test."""

    def value(self, examples, kpi, node):
        rows = examples.rows(
            f"""
            select value from kpi_value where kpi_id = '{kpi}' and node_id = '{node}'
            and period_type = 'day' and period_start = '2026-03-02'
            """
        )
        return rows[0][0] if rows else None

    @pytest.mark.parametrize(
        ("kpi", "exact", "published"),
        [
            ("availability", 100 * 373 / 420, 88.8095),
            ("effectiveness", 100 * 19271 / (373 * 60), 86.1081),
            ("oee_quality", 100 * 18848 / 19271, 97.8050),
            ("oee", 100 * 18848 / (420 * 60), 74.7937),
        ],
    )
    @pytest.mark.parametrize("node", ["W1-M", "W1"])
    def test_w1(self, examples, kpi, exact, published, node):
        value = self.value(examples, kpi, node)
        assert value == exact
        assert round(value, 4) == published

    @pytest.mark.parametrize(
        ("node", "published"), [("W4-M1", 80.0), ("W4-M2", 45.0), ("W4", 53.75)]
    )
    def test_w4_is_a_ratio_of_sums_not_a_mean_of_ratios(self, examples, node, published):
        assert self.value(examples, "oee", node) == published

    def test_what_was_not_reported_is_no_data_not_zero(self, examples):
        statuses = dict(
            examples.rows(
                "select distinct kpi_id, status from scorecard where node_id = 'OEE' "
                "and period_type = 'month' and period_start = '2026-03-01'"
            )
        )
        assert statuses["otif"] == "no_data"
        assert statuses["oee"] != "no_data"
        assert self.value(examples, "otif", "OEE") is None


class Feed:
    """CSV files in canonical shape for a few machines."""

    def __init__(self, folder):
        self.folder = folder
        self.tables = {
            "erp_item": [
                {
                    "item_code": "PART",
                    "name": "Part",
                    "type": "finished",
                    "base_uom": "PCE",
                }
            ]
        }

    def add(self, table, **row):
        self.tables.setdefault(table, []).append(row)

    def node(self, code, level, parent):
        self.add("mes_equipment", equipment_code=code, name=code, level=level, parent_code=parent)

    def machine(self, code, line, *, run, stop, planned):
        """A shift that consists of these minutes."""
        self.node(code, "machine", line)
        self.add(
            "mes_shift",
            equipment_code=code,
            start_ts=SHIFT_START,
            end_ts=SHIFT_START + timedelta(minutes=run + stop + planned),
            shift_code="E",
            production_date=SHIFT_START.date(),
            planned_break_min=planned,
        )
        start = SHIFT_START
        for state, minutes in (("RUN", run), ("STOP", stop), ("PLANNED", planned)):
            end = start + timedelta(minutes=minutes)
            if minutes:
                self.add(
                    "mes_equipment_state",
                    equipment_code=code,
                    start_ts=start,
                    end_ts=end,
                    state=state,
                )
            start = end

    def count(self, code, *, total, good, pri_s, parts):
        """A shift's count in several reports."""
        for part in range(parts):
            made = total // parts + (part < total % parts)
            fine = good // parts + (part < good % parts)
            self.add(
                "mes_production_count",
                count_id=f"{code}-{part}",
                is_final_op="true",
                equipment_code=code,
                item_code="PART",
                counted_at=SHIFT_START + timedelta(minutes=part + 1),
                qty_total=made,
                qty_good=fine,
                qty_scrap=made - fine,
                qty_rework=0,
                pri_s=pri_s,
            )

    def write(self):
        self.folder.mkdir(parents=True)
        for name, rows in self.tables.items():
            with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)


def test_the_readme_and_help_name_the_same_commands():
    readme = (ROOT / "README.md").read_text("utf-8")
    done = subprocess.run([SCORECARD, "--help"], capture_output=True, text=True, check=True)
    known = set(re.findall(r"^  (\w+) ", done.stdout, re.MULTILINE))
    assert set(re.findall(r"\.venv/bin/scorecard (\w+)", readme)) <= known
