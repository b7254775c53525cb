"""The commands of whoever looks after the landing, and the weekly job."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import quote

import dagster as dg
import pytest
from click.testing import CliRunner
from extraction_rig import make_rig

from models.errors import ConfigError, LandingError, SourceError
from orchestration.assets import landing_assets
from orchestration.cli import cli
from orchestration.keys import landing_key
from orchestration.reconciliation import reconciliation_job, weekly_schedule
from orchestration.run import open_instance
from orchestration.settings import RunSettings
from sources.extract import source_tables
from sources.spec import load_system

# a command's process ends with its copy of standard error; here several share one process
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

SYSTEM = """
description: A vendor
database: sqlite
tables:
  event: {key: [id], change: cursor, cursor: changed}
  stock: {key: [item], change: full}
"""


@pytest.fixture
def vendor(tmp_path):
    vendor = sqlite3.connect(tmp_path / "vendor.sqlite", isolation_level=None)
    with closing(vendor):
        vendor.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, qty INTEGER, changed DATETIME)")
        vendor.execute("CREATE TABLE stock (item TEXT, qty INTEGER)")
        for id_ in range(100):
            vendor.execute("INSERT INTO event VALUES (?, 1, '2026-10-01 12:00:00')", (id_,))
            vendor.execute("INSERT INTO stock VALUES (?, 1)", (f"I{id_}",))
        vendor.execute("INSERT INTO event VALUES (100, 'many', '2026-10-01 12:00:00')")
        yield vendor


@pytest.fixture
def rig(vendor, tmp_path, monkeypatch):  # noqa: ARG001 - the vendor fills the file
    monkeypatch.delenv("SCORECARD_HOME", raising=False)
    rig = make_rig(monkeypatch, tmp_path, SYSTEM, path=tmp_path / "vendor.sqlite")
    rig.run()
    (tmp_path / "scorecard.yml").write_text(
        "enterprise: {code: E, name: E, time_zone: Europe/Berlin, currency: EUR}\n"
        "sources: [{name: plant, system: vendor, path: vendor.sqlite}]\nhome: home\n"
    )
    return rig


@pytest.fixture
def scorecard(tmp_path):
    def scorecard(*arguments, fails=None):
        command = [*arguments, "--config", str(tmp_path / "scorecard.yml")]
        done = CliRunner().invoke(cli, command)
        if fails is None:
            assert done.exception is None, done.output
        else:
            assert isinstance(done.exception, fails)
        return json.loads(done.stdout) if "json" in arguments else done

    return scorecard


def test_reconcile(rig, vendor, scorecard):
    vendor.execute("DELETE FROM event WHERE id = 5")
    [event, stock] = scorecard("reconcile", "--dry-run", "--as", "json")
    assert (event["table_name"], event["extra"], event["repaired"]) == ("event", 1, 0)
    assert stock["extra"] == 0
    [event] = scorecard("reconcile", "--source", "plant", "--table", "event", "--as", "json")
    assert (event["extra"], event["repaired"]) == (1, 1)
    assert len(rig.live("event")) == 99
    scorecard("reconcile", "--table", "events", fails=ConfigError)
    scorecard("reconcile", "--source", "factory", fails=ConfigError)


def test_reconcile_approves_a_mass_deletion(rig, vendor, scorecard):
    vendor.execute("DELETE FROM stock WHERE item < 'I7'")
    held = scorecard("reconcile", fails=SourceError)
    assert "--approve-deletes plant.stock" in str(held.exception)
    assert len(rig.live("stock")) == 100
    [stock] = scorecard("reconcile", "--approve-deletes", "plant.stock", "--as", "json")
    assert stock["repaired"] == stock["extra"] > 50
    assert len(rig.live("stock")) == 100 - stock["repaired"]


def test_landing(rig, vendor, scorecard):
    vendor.execute("ALTER TABLE stock ADD COLUMN place TEXT")
    rig.run()
    newest, first = scorecard("landing", "list", "--as", "json")
    assert (first["tables"], first["rows"], first["quarantined"]) == (2, 200, 1)
    assert (newest["tables"], newest["rows"]) == (1, 0)
    event, stock = scorecard("landing", "show", "--as", "json")
    assert (event["schema"], stock["schema"]) == ("", "place added (VARCHAR)")
    event, stock = scorecard("landing", "show", first["batch"], "--as", "json")
    assert (event["upserts"], event["quarantined"], event["landed_rows"]) == (100, 1, 100)
    scorecard("landing", "show", "20000101T000000.000000Z", fails=ConfigError)
    scorecard("landing", "verify")
    for step in range(8):
        vendor.execute("UPDATE stock SET qty = ?", (step + 2,))
        rig.run()
    scorecard("landing", "compact")
    [compacted] = scorecard("landing", "list", "--as", "json")
    assert compacted["replaces"] == 10


def test_landing_verify_finds_a_tampered_file(rig, scorecard):
    path = rig.folder() / f"batch={rig.manifests()[0].batch_id}" / "event.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    found = scorecard("landing", "verify", fails=LandingError)
    assert "event.parquet is not what was landed" in str(found.exception)


def test_quarantine(rig, vendor, scorecard):
    vendor.execute("INSERT INTO stock VALUES (NULL, 1)")
    rig.run()
    event, stock = scorecard("quarantine", "list", "--as", "json")
    assert event["key"] == '{"id":100}'
    assert event["reason"] == "qty: text 'many' is no BIGINT"
    assert (stock["key"], stock["reason"]) == ('{"item":null}', "item: the key is empty")
    assert "row" not in event
    [stock] = scorecard("quarantine", "list", "--table", "stock", "--rows", "--as", "json")
    assert json.loads(stock["row"]) == {"item": None, "qty": 1}
    still = scorecard("quarantine", "release")
    assert "0 released, 2 still put aside." in still.stderr
    vendor.execute("UPDATE event SET qty = 1 WHERE id = 100")
    vendor.execute("DELETE FROM stock WHERE item IS NULL")
    assert (
        "2 released, 0 still put aside."
        in scorecard("quarantine", "release", "--table", "event").stderr
    )
    assert scorecard("quarantine", "list", "--as", "json") == []
    assert len(rig.live("event")) == 101


def test_weekly_job(rig, vendor):
    vendor.execute("DELETE FROM event WHERE id = 5")
    job = reconciliation_job(rig.config)
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance)
        assert result.success
        seen = {
            event.asset_key: event.asset_observation_data.asset_observation.metadata
            for event in result.get_asset_observation_events()
        }
    assert seen[landing_key("plant", "event")]["repaired"].value == 1
    assert len(rig.live("event")) == 99
    schedule = weekly_schedule(job, rig.config)
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2026, 11, 29, 2, tzinfo=UTC)
    )
    assert len(schedule.evaluate_tick(context).run_requests) == 1


def test_secret_leak_scan(rig, tmp_path, monkeypatch, capfd):
    """A password is in nothing that a failed run leaves behind: record, logs, output, error."""
    canary = "canary/p@ss:word"
    written = quote(canary, safe="")
    monkeypatch.setenv(
        "PLANT_URL", f"postgresql://x:{written}@127.0.0.1:1/plant?password={written}"
    )
    systems = tmp_path / "systems" / "vendor.yml"
    systems.write_text(SYSTEM.replace("sqlite", "postgresql"), encoding="utf-8")
    load_system.cache_clear()
    source = rig.source.model_copy(update={"path": None, "url_env": "PLANT_URL"})
    assets = landing_assets(source, rig.config, source_tables(source), progress=None, retries=0)
    with open_instance(rig.config) as instance:
        result = dg.materialize(
            [assets],
            instance=instance,
            resources={"run": RunSettings(home=str(rig.config.home))},
            raise_on_error=False,
        )
        assert not result.success
        seen = [str(event) for event in instance.all_logs(result.run_id)]
        assert any("cannot be read" in text for text in seen)
    seen += capfd.readouterr()
    seen += [p.read_bytes().decode(errors="replace") for p in tmp_path.rglob("*") if p.is_file()]
    assert len(seen) > 10
    for text in seen:
        assert canary not in text
        assert written not in text


def test_a_stopped_table_fails_alone_in_dagster(rig, vendor):
    vendor.execute("ALTER TABLE stock RENAME COLUMN qty TO amount")
    vendor.execute("INSERT INTO event VALUES (200, 1, '2026-10-01 12:05:00')")
    assets = landing_assets(
        rig.source, rig.config, source_tables(rig.source), progress=None, retries=0
    )
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [assets],
            instance=instance,
            resources={"run": RunSettings(home=str(rig.config.home))},
            raise_on_error=False,
        )
    assert not result.success
    [failure] = result.get_step_failure_events()
    assert (
        "'qty' of table stock (BIGINT) is gone"
        in failure.step_failure_data.user_failure_data.description
    )
    landed = {event.asset_key for event in result.get_asset_materialization_events()}
    assert landing_key("plant", "event") in landed
    assert landing_key("plant", "stock") not in landed
    assert (200, 1) in rig.live("event", "id, qty")
