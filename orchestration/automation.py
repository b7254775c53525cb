"""When runs start by themselves: every morning, and when a source has something new.

Belongs here: the job, its schedule and its sensor. Does not belong here: what a run does.
"""

from __future__ import annotations

from collections.abc import Iterator  # noqa: TC003 - Dagster resolves the sensor's annotations
from typing import TYPE_CHECKING

import dagster as dg

from sources.extract import has_new_data
from sources.landing import manifests

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import (
        UnresolvedAssetJobDefinition,
    )

    from models.config import Config

JOB = "pipeline"
MORNING = "0 5 * * *"
LOOK_EVERY_SECONDS = 60


def pipeline_job() -> UnresolvedAssetJobDefinition:
    """Everything, from source to publication, in one process."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description="Reads the sources, computes the warehouse, checks it and publishes it.",
        executor_def=dg.in_process_executor,
    )


def daily_schedule(job: UnresolvedAssetJobDefinition, config: Config) -> dg.ScheduleDefinition:
    """At five in the morning of the enterprise."""
    return dg.ScheduleDefinition(
        name="every_morning",
        job=job,
        cron_schedule=MORNING,
        execution_timezone=config.enterprise.time_zone,
        description="Brings yesterday into the scorecard before work begins.",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def new_data_sensor(job: UnresolvedAssetJobDefinition, config: Config) -> dg.SensorDefinition:
    """Starts a run when a source has rows that are not landed; switched on by hand."""

    @dg.sensor(
        name="new_source_data",
        job=job,
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Starts a run as soon as a source has rows that are not landed yet.",
    )
    def new_source_data(
        context: dg.SensorEvaluationContext,
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        busy = dg.RunsFilter(
            statuses=[
                dg.DagsterRunStatus.QUEUED,
                dg.DagsterRunStatus.STARTING,
                dg.DagsterRunStatus.STARTED,
            ]
        )
        if context.instance.get_runs_count(busy):
            yield dg.SkipReason("A run is under way.")
            return
        new = [s.name for s in config.sources if has_new_data(s, config)]
        if not new:
            yield dg.SkipReason("No source has anything new.")
            return
        # One request per state of the landing: a run that fails is not started again and again.
        landed = {
            s.name: [m.batch_id for m in manifests(config.landing, s.name)][-1:]
            for s in config.sources
        }
        yield dg.RunRequest(
            run_key=" ".join(f"{name}:{''.join(batch)}" for name, batch in landed.items()),
            tags={"new_data_in": ", ".join(new)},
        )

    return new_source_data
