"""The Dagster graph as a whole; `workspace.yaml` loads `defs` from here.

Belongs here: putting the parts together. Does not belong here: the parts, and anything slow or
read from the environment at import: `defs` does its work when Dagster calls it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.assets import (
    EXTRACTION_RETRIES,
    dbt_models,
    definitions_asset,
    landing_assets,
    published_asset,
)
from orchestration.automation import daily_schedule, new_data_sensor, pipeline_job
from orchestration.checks import quality_checks
from orchestration.configuration import find_config
from orchestration.reconciliation import reconciliation_job, weekly_schedule
from orchestration.settings import RunSettings
from orchestration.translator import Translator, model_keys
from orchestration.warehouse import prepare
from sources.extract import source_tables

if TYPE_CHECKING:
    from models.config import Config
    from orchestration.progress import Progress


def build_defs(
    config: Config | None = None,
    *,
    progress: Progress | None = None,
    retries: int = EXTRACTION_RETRIES,
) -> dg.Definitions:
    """Build the graph for a configuration; without one, for the one found.

    `progress` hears what a run does (Dagster's log if empty); `retries` is how often an extraction
    is tried again. Raises `ConfigError` or `BuildError`, which a code location shows as they are.
    """
    config = config or find_config()
    manifest = json.loads(prepare(config).read_text("utf-8"))
    tables = {source.name: source_tables(source) for source in config.sources}
    translator = Translator(
        config, {name: frozenset(t.name for t in specs) for name, specs in tables.items()}
    )
    models = model_keys(manifest)
    checks = quality_checks(config, models, progress=progress)
    scorecard = [key for key in models.values() if key.path[0] == "scorecard"]
    guarded = [spec.asset_key for spec in checks.check_specs if spec.blocking]
    job, reconciliation = pipeline_job(), reconciliation_job(config)
    return dg.Definitions(
        assets=[
            *(
                landing_assets(
                    source, config, tables[source.name], progress=progress, retries=retries
                )
                for source in config.sources
            ),
            definitions_asset(config, progress=progress),
            dbt_models(config, manifest, translator, progress=progress),
            published_asset(config, sorted({*scorecard, *guarded}), progress=progress),
        ],
        asset_checks=[checks],
        jobs=[job, reconciliation],
        schedules=[daily_schedule(job, config), weekly_schedule(reconciliation, config)],
        sensors=[new_data_sensor(job, config)],
        resources={"run": RunSettings(home=str(config.home))},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The graph for the configuration that is found."""
    return build_defs()
