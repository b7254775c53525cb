"""The Dagster graph: what it holds, and that it can be loaded as Dagster loads it."""

import logging
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
from dagster._daemon.monitoring import concurrency

from expectations import catalogue
from models.config import load_config
from models.contract import canonical_tables
from models.errors import ConfigError
from models.strategy import strategy
from orchestration.checks import quality_checks
from orchestration.definitions import build_defs
from orchestration.run import open_instance
from orchestration.settings import end_orphans
from orchestration.warehouse import manifest_path, prepare
from sources.extract import source_tables

ROOT = Path(__file__).parents[2]
DAGSTER = Path(sys.executable).with_name("dagster")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def config(home):
    demo = load_config(ROOT / "examples/demo.yml")
    return demo.model_copy(update={"home": home})


@pytest.fixture(scope="module")
def definitions(config):
    return build_defs(config)


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def specs(graph):
    return {key: graph.get(key) for key in graph.get_all_asset_keys()}


def test_each_source_table_is_an_asset_and_feeds_its_base_model(config, graph):
    nodes = specs(graph)
    for source in config.sources:
        for table in source_tables(source):
            key = dg.AssetKey(["landing", source.name, table.name])
            assert nodes[key].group_name == "arrival"
            base = dg.AssetKey(["base", f"base_{source.system}__{table.name}"])
            assert key in nodes[base].parent_keys


def test_each_asset_has_a_group_an_owner_and_a_description(graph):
    for key, node in specs(graph).items():
        assert node.group_name not in {None, "default"}, key
        assert node.owners, key
        assert node.description, key


def test_facts_are_grouped_by_perspective(graph):
    groups = {node.group_name for key, node in specs(graph).items() if key.path[0] == "star"}
    assert groups >= {"financial", "customer", "internal_process", "learning_growth"}


def test_a_kpi_belongs_to_its_owner(graph):
    owners = {key.path[-1]: node.owners for key, node in specs(graph).items()}
    for kpi in strategy().kpis:
        if not kpi.derived_from:
            assert owners[f"kpi_{kpi.id}"] == ["team:" + kpi.owner.lower().replace(" ", "-")]


def test_lineage_leads_from_source_table_to_publication(graph):
    published = dg.AssetKey("published")
    seen, todo = set(), [published]
    while todo:
        key = todo.pop()
        if key not in seen:
            seen.add(key)
            todo += graph.get(key).parent_keys
    assert dg.AssetKey(["landing", "demo_mes", "mc_log"]) in seen
    assert dg.AssetKey("definitions") in seen
    assert {dg.AssetKey(["canonical", name]) for name in canonical_tables()} <= seen


def test_every_blocking_suite_guards_the_publication(graph):
    parents = graph.get(dg.AssetKey("published")).parent_keys
    blocking = [
        key
        for key in graph.asset_check_keys
        if graph.get_check_spec(key) and graph.get_check_spec(key).blocking
    ]
    assert len(blocking) > len(canonical_tables())
    assert {key.asset_key for key in blocking} <= parents


def test_local_times_of_a_table_that_nobody_lands_are_refused(config):
    sources = [
        source.model_copy(update={"local_times": {"nowhere": ("t",)} if number == 0 else {}})
        for number, source in enumerate(config.sources)
    ]
    asked = config.model_copy(update={"sources": tuple(sources)})
    models = {check.table: dg.AssetKey(check.table) for check in catalogue(config)}
    with pytest.raises(ConfigError, match=r"__nowhere is checked, but no system in use lands"):
        quality_checks(asked, models, progress=None)


def test_the_warehouse_has_one_writer(definitions):
    job = definitions.resolve_job_def("pipeline")
    pools = {node.name: node.definition.pool for node in job.graph.nodes}
    for name, pool in pools.items():
        assert pool == "warehouse" or name == "definitions"


def test_the_schedule_runs_in_the_enterprises_morning(definitions, config):
    schedule = definitions.resolve_schedule_def("every_morning")
    assert schedule.cron_schedule == "0 5 * * *"
    assert schedule.execution_timezone == config.enterprise.time_zone


class TestSensor:
    @pytest.fixture
    def look(self, definitions, monkeypatch):
        def look(instance, news):
            monkeypatch.setattr(
                "orchestration.automation.has_new_data", lambda source, _: source.name in news
            )
            sensor = definitions.resolve_sensor_def("new_source_data")
            with dg.build_sensor_context(instance=instance) as context:
                return sensor.evaluate_tick(context)

        return look

    def test_it_starts_a_run_when_a_source_has_something_new(self, look):
        with dg.DagsterInstance.ephemeral() as instance:
            (request,) = look(instance, {"demo_erp"}).run_requests
        assert request.tags["new_data_in"] == "demo_erp"
        assert request.run_key

    def test_it_rests_when_there_is_nothing(self, look):
        with dg.DagsterInstance.ephemeral() as instance:
            tick = look(instance, set())
        assert not tick.run_requests
        assert "nothing" in tick.skip_message.lower() or "anything new" in tick.skip_message

    def test_it_rests_while_a_run_is_under_way(self, look):
        with dg.DagsterInstance.ephemeral() as instance:
            instance.create_run(**started_run())
            tick = look(instance, {"demo_erp"})
        assert not tick.run_requests


def started_run():
    names = (
        "execution_plan_snapshot job_snapshot parent_job_snapshot root_run_id parent_run_id "
        "step_keys_to_execute resolved_op_selection op_selection asset_selection "
        "asset_check_selection remote_job_origin job_code_origin asset_graph"
    )
    empty = dict.fromkeys(names.split())
    return empty | {
        "job_name": "pipeline",
        "run_id": None,
        "run_config": {},
        "status": dg.DagsterRunStatus.STARTED,
        "tags": {},
    }


def test_a_run_whose_process_was_killed_does_not_block_the_next():
    with dg.DagsterInstance.ephemeral() as instance:
        dead = instance.create_run(**started_run())
        mine = instance.create_run(**started_run())
        end_orphans(instance, mine.run_id)
        assert instance.get_run_by_id(dead.run_id).status is dg.DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(mine.run_id).status is dg.DagsterRunStatus.STARTED


def test_pool_slot_leak(tmp_path, monkeypatch):
    """The daemon takes back what a killed run held in a pool, a while after the run has ended."""
    config = SimpleNamespace(home=tmp_path)
    with open_instance(config) as instance:
        wait = instance.run_monitoring_settings["free_slots_after_run_end_seconds"]
        storage = instance.event_log_storage
        storage.set_concurrency_slots("warehouse", 1)
        dead = instance.create_run(**started_run())
        instance.report_engine_event("started", dead)
        assert storage.claim_concurrency_slot("warehouse", dead.run_id, "step").is_claimed
        later = "0" * 32
        assert not storage.claim_concurrency_slot("warehouse", later, "step").is_claimed
        end_orphans(instance)
        workspace = SimpleNamespace(instance=instance)
        look = concurrency.execute_concurrency_slots_iteration(workspace, logging.getLogger("test"))
        later_on = datetime.now(UTC) + timedelta(seconds=wait + 5)
        monkeypatch.setattr(concurrency, "get_current_datetime", lambda: later_on)
        list(look)
        assert storage.claim_concurrency_slot("warehouse", later, "step").is_claimed


@pytest.mark.usefixtures("definitions")
def test_the_project_is_parsed_once(config):
    manifest = prepare(config)
    before = manifest.stat().st_mtime_ns
    start = time.perf_counter()
    assert prepare(config) == manifest == manifest_path(config)
    assert time.perf_counter() - start < 2
    assert manifest.stat().st_mtime_ns == before


def test_a_broken_configuration_names_its_cause(monkeypatch, tmp_path):
    broken = tmp_path / "scorecard.yml"
    broken.write_text("enterprise: {}", "utf-8")
    monkeypatch.setenv("SCORECARD_CONFIG", str(broken))
    with pytest.raises(ConfigError, match=r"scorecard.yml: enterprise\.code"):
        build_defs()


def test_nothing_is_read_at_import():
    """Neither configuration nor environment, and nothing that takes seconds to load."""
    program = (
        "import sys, orchestration.definitions;"
        "print([m for m in ('great_expectations', 'pandas') if m in sys.modules])"
    )
    environment = os.environ | {"SCORECARD_CONFIG": "/nonexistent"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.usefixtures("definitions")
def test_dagster_validates_the_workspace(config, tmp_path):
    environment = os.environ | {
        "SCORECARD_HOME": str(config.home),
        "DAGSTER_HOME": str(tmp_path),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
    }
    done = subprocess.run(
        [DAGSTER, "definitions", "validate", "-w", "workspace.yaml"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
