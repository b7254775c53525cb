import json
import multiprocessing
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from models.config import Config
from models.errors import BusyError, ScorecardError
from orchestration import cli, output, scorecard_view
from orchestration.configuration import DEMO, find_config_file
from orchestration.lock import exclusive
from orchestration.period import find_period

CONFIG = """
enterprise: {code: ACME, name: Acme, time_zone: Europe/Berlin, currency: EUR}
sources: [{name: feed, system: files, path: feed}]
"""


@pytest.fixture
def config_file(tmp_path, monkeypatch):
    monkeypatch.delenv("SCORECARD_HOME", raising=False)
    path = tmp_path / "scorecard.yml"
    path.write_text(CONFIG, "utf-8")
    return path


def command(*arguments, **kwargs):
    return subprocess.run(
        [Path(sys.executable).with_name("scorecard"), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **kwargs,
    )


class TestErrors:
    def test_a_missing_file_is_one_sentence_and_a_hint(self, tmp_path):
        done = command("show", "--config", tmp_path / "absent.yml")
        assert done.returncode == 2
        sentence, hint = done.stderr.strip().splitlines()
        assert "absent.yml cannot be read" in sentence
        assert "--config" in hint
        assert done.stdout == ""

    def test_a_wrong_field_is_named(self, config_file):
        config_file.write_text(CONFIG.replace("EUR", "Euro"), "utf-8")
        done = command("show", "--config", config_file)
        assert done.returncode == 2
        assert "enterprise.currency" in done.stderr

    @pytest.mark.parametrize("arguments", [["show"], ["explain", "oee"], ["query", "select 1"]])
    def test_nothing_published(self, config_file, arguments):
        done = command(*arguments, "--config", config_file)
        assert done.returncode == 7
        assert "Nothing is published" in done.stderr
        assert "scorecard run" in done.stderr

    def test_an_unforeseen_error_keeps_its_traceback_in_a_file(self, monkeypatch, capsys):
        def fail(**_):
            raise ZeroDivisionError("one\nover nought")

        monkeypatch.setattr(cli.cli, "main", fail)
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert stopped.value.code == 1
        printed = capsys.readouterr().err
        assert "one over nought" in printed
        assert "Traceback" not in printed
        log = Path(printed.strip().splitlines()[-1].removeprefix("  The whole log is ").rstrip("."))
        assert "ZeroDivisionError" in log.read_text("utf-8")
        log.unlink()

    def test_an_interrupt_is_no_traceback(self, monkeypatch, capsys):
        def fail(**_):
            raise KeyboardInterrupt

        monkeypatch.setattr(cli.cli, "main", fail)
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert stopped.value.code == 130
        assert "Interrupted" in capsys.readouterr().err

    def test_an_unknown_option_is_a_usage_error(self):
        done = command("show", "--perid", "2026-10")
        assert done.returncode == 2
        assert "--period" in done.stderr


def test_reading_commands_do_not_wait_for_dagster():
    program = (
        "import sys, orchestration.cli, orchestration.scorecard_view, orchestration.explanation;"
        "print([m for m in sys.modules if m.startswith(('dagster', 'dbt', 'great_expectations'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_help_names_every_command():
    shown = CliRunner().invoke(cli.cli, ["--help"]).output
    for name in ("run", "show", "explain", "query", "ui"):
        assert f"\n  {name} " in shown


class TestWhichConfiguration:
    def test_the_file_named_comes_first(self, monkeypatch, tmp_path):
        monkeypatch.setenv("SCORECARD_CONFIG", "other.yml")
        assert find_config_file(tmp_path / "mine.yml") == tmp_path / "mine.yml"

    def test_then_the_environment_even_if_the_file_is_absent(self, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("SCORECARD_CONFIG", "absent.yml")
        assert find_config_file() == Path("absent.yml")

    def test_then_the_working_directory(self, monkeypatch, config_file):
        monkeypatch.delenv("SCORECARD_CONFIG", raising=False)
        monkeypatch.chdir(config_file.parent)
        assert find_config_file() == Path("scorecard.yml")

    def test_then_the_demo(self, monkeypatch, tmp_path):
        monkeypatch.delenv("SCORECARD_CONFIG", raising=False)
        monkeypatch.chdir(tmp_path)
        assert find_config_file() == DEMO


def hold(home, held, release):
    with exclusive(home, "a test"):
        held.set()
        release.wait(30)


class TestLock:
    def test_a_second_process_is_told_who_holds_it(self, tmp_path):
        context = multiprocessing.get_context("spawn")
        held, release = context.Event(), context.Event()
        process = context.Process(target=hold, args=(tmp_path, held, release))
        process.start()
        try:
            assert held.wait(30)
            message = f"a test .process {process.pid}"
            with pytest.raises(BusyError, match=message), exclusive(tmp_path, "me"):
                pass
        finally:
            release.set()
            process.join(30)
        with exclusive(tmp_path, "me"):
            pass

    def test_a_killed_holder_holds_nothing(self, tmp_path):
        context = multiprocessing.get_context("spawn")
        held, release = context.Event(), context.Event()
        process = context.Process(target=hold, args=(tmp_path, held, release))
        process.start()
        assert held.wait(30)
        process.kill()
        process.join(30)
        with exclusive(tmp_path, "me"):
            pass

    def test_the_same_process_may_enter_again(self, tmp_path):
        with exclusive(tmp_path, "outer"):
            with exclusive(tmp_path, "inner"):
                pass
            assert json.loads((tmp_path / "lock").read_text("utf-8"))["what"] == "outer"


class TestOutput:
    ROWS = (("a", 1.5), ("[b]", None))

    def test_json(self, capsys):
        output.table(["k", "v"], self.ROWS, "json")
        assert json.loads(capsys.readouterr().out) == [
            {"k": "a", "v": 1.5},
            {"k": "[b]", "v": None},
        ]

    def test_csv(self, capsys):
        output.table(["k", "v"], self.ROWS, "csv")
        assert capsys.readouterr().out.splitlines() == ["k,v", "a,1.5", "[b],"]

    def test_table_shows_brackets_as_they_are(self, capsys):
        output.table(["k", "v"], self.ROWS, "table")
        assert "[b]" in capsys.readouterr().out


@pytest.fixture(scope="module")
def values():
    """A scorecard with a fiscal year from April; October is not over."""
    connection = duckdb.connect()
    connection.execute(
        """
        create table kpi_value(node_id varchar, period_type varchar, period_start date,
            period_end date, is_provisional boolean, shift_code varchar);
        create table scorecard as select * exclude shift_code from kpi_value;
        insert into scorecard values
            ('ACME', 'month', '2026-11-01', '2026-11-30', true),
            ('NEW', 'month', '2026-10-01', '2026-10-31', true);
        insert into kpi_value values
            ('ACME', 'month', '2026-09-01', '2026-09-30', false, null),
            ('ACME', 'month', '2026-10-01', '2026-10-31', true, null),
            ('ACME', 'week', '2026-10-19', '2026-10-25', false, null),
            ('ACME', 'day', '2026-10-20', '2026-10-20', false, null),
            ('ACME', 'quarter', '2026-01-01', '2026-03-31', false, null),
            ('ACME', 'quarter', '2026-07-01', '2026-09-30', false, null),
            ('ACME', 'year', '2026-04-01', '2027-03-31', true, null),
            ('ACME', 'rolling_12_months', '2025-10-01', '2026-09-30', false, null),
            ('ACME', 'rolling_12_months', '2025-11-01', '2026-10-31', true, null),
            ('ACME', 'shift', '2026-10-20', '2026-10-20', false, 'D'),
            ('ACME', 'shift', '2026-10-20', '2026-10-20', false, 'N'),
            ('ACME', 'month_to_date', '2026-10-01', '2026-10-19', false, null),
            ('ACME', 'month_to_date', '2026-10-01', '2026-10-20', true, null);
        create table dim_period(period_type varchar, period_start date, period_end date,
            label varchar);
        insert into dim_period values
            ('month', '2026-09-01', '2026-09-30', '2026-09'),
            ('month', '2026-10-01', '2026-10-31', '2026-10'),
            ('week', '2026-10-19', '2026-10-25', '2026-W43'),
            ('day', '2026-10-20', '2026-10-20', '2026-10-20'),
            ('quarter', '2026-01-01', '2026-03-31', '2025-Q4'),
            ('quarter', '2026-07-01', '2026-09-30', '2026-Q2'),
            ('year', '2026-04-01', '2027-03-31', '2026'),
            ('rolling_12_months', '2025-10-01', '2026-09-30', '2026-09-R12'),
            ('rolling_12_months', '2025-11-01', '2026-10-31', '2026-10-R12'),
            ('shift', '2026-10-20', '2026-10-20', '2026-10-20'),
            ('month_to_date', '2026-10-01', '2026-10-19', 'mtd'),
            ('month_to_date', '2026-10-01', '2026-10-20', 'mtd');
        """
    )
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("text", "kind", "start", "end"),
    [
        (None, "month", "2026-10-01", "2026-10-31"),
        ("2026-09", "month", "2026-09-01", "2026-09-30"),
        ("2026-W43", "week", "2026-10-19", "2026-10-25"),
        ("2026-10-20", "day", "2026-10-20", "2026-10-20"),
        ("2026-09-R12", "rolling_12_months", "2025-10-01", "2026-09-30"),
        ("rolling", "rolling_12_months", "2025-11-01", "2026-10-31"),
        ("2026-10-20/N", "shift", "2026-10-20", "2026-10-20"),
        ("2026-Q2", "quarter", "2026-07-01", "2026-09-30"),
        ("2025-Q4", "quarter", "2026-01-01", "2026-03-31"),
        ("2026", "year", "2026-04-01", "2027-03-31"),
        ("mtd", "month_to_date", "2026-10-01", "2026-10-20"),
    ],
)
def test_a_period_is_found(values, text, kind, start, end):
    period = find_period(values, text, "ACME")
    assert (period.type, str(period.start), str(period.end)) == (kind, start, end)


def test_the_newest_month_is_marked_provisional(values):
    assert find_period(values, None, "ACME").is_provisional
    assert not find_period(values, "2026-09", "ACME").is_provisional


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-05", "2026-10, 2026-09"), ("October", "Write 2026-10"), ("ytd", "no values")],
)
def test_a_period_that_is_not_there_lists_what_is(values, text, expected):
    with pytest.raises(ScorecardError, match=expected):
        find_period(values, text, "ACME")


def test_a_node_without_any_value_has_the_periods_of_the_scorecard(values):
    """Of a node with values, only those that have some."""
    assert find_period(values, None, "NEW").label == "2026-10"
    assert find_period(values, None, "ACME").label == "2026-10"
    with pytest.raises(ScorecardError, match="no values for any week"):
        find_period(values, "2026-W43", "NEW")


def test_effectiveness_is_capped_for_display_only_and_only_if_wanted():
    rows = [
        {"kpi_id": "effectiveness", "value": 104.0},
        {"kpi_id": "effectiveness", "value": None},
        {"kpi_id": "oee", "value": 104.0},
    ]
    enterprise = {"code": "E", "name": "E", "time_zone": "UTC", "currency": "EUR"}

    def shown(**conventions):
        config = Config(
            enterprise=enterprise | {"conventions": conventions},
            sources=[{"name": "s", "system": "files", "path": "feed"}],
        )
        return [row["value"] for row in scorecard_view.as_shown(rows, config)]

    assert shown() == [104.0, None, 104.0]
    assert shown(effectiveness_shown_max=100) == [100.0, None, 104.0]
