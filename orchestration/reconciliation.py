"""The weekly look at everything: source and landing compared and repaired, small batches compacted.

Belongs here: the job, its schedule, and what Dagster shows of it. Does not belong here: comparing
(`sources.reconcile`), compacting (`sources.upkeep`).
"""

import dagster as dg

from models.config import Config, Source
from orchestration.assets import failing_clearly
from orchestration.keys import WAREHOUSE_POOL, landing_key
from orchestration.settings import RunSettings
from sources.reconcile import reconcile
from sources.upkeep import compact

JOB = "reconciliation"
SUNDAY_NIGHT = "0 3 * * 0"


def reconciliation_job(config: Config) -> dg.JobDefinition:
    """Two steps for each source; one that fails does not keep the others from theirs."""

    @dg.job(
        name=JOB,
        description="Compares every landed table with its source and repairs it; compacts batches.",
        executor_def=dg.in_process_executor,
        resource_defs={"run": RunSettings(home=str(config.home))},
    )
    def reconciliation() -> None:
        for source in config.sources:
            _compacting(source, config)(start=_comparing(source, config)())

    return reconciliation


def weekly_schedule(job: dg.JobDefinition, config: Config) -> dg.ScheduleDefinition:
    """At three in the night to Sunday of the enterprise, when sources have least to do."""
    return dg.ScheduleDefinition(
        name="every_sunday",
        job=job,
        cron_schedule=SUNDAY_NIGHT,
        execution_timezone=config.enterprise.time_zone,
        description="Finds and repairs what no daily run can see.",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def _comparing(source: Source, config: Config) -> dg.OpDefinition:
    @dg.op(
        name=f"reconcile_{source.name}",
        out=dg.Out(dg.Nothing),
        description=f"Compares every landed table of {source.name} with the source, and repairs.",
        pool=WAREHOUSE_POOL,
    )
    def compare(context: dg.OpExecutionContext, run: RunSettings) -> None:  # noqa: ARG001 - holding `run` holds the lock
        with failing_clearly():
            outcome = reconcile(source, config, progress=context.log.debug)
        for result in outcome.results:
            context.log_event(
                dg.AssetObservation(
                    landing_key(source.name, result.table_name),
                    metadata={
                        "missing": result.missing,
                        "stale": result.stale,
                        "extra": result.extra,
                        "repaired": result.repaired,
                        "seconds": result.seconds,
                    },
                )
            )
        for failure in outcome.failures:
            with failing_clearly():
                raise failure

    return compare


def _compacting(source: Source, config: Config) -> dg.OpDefinition:
    @dg.op(
        name=f"compact_{source.name}",
        ins={"start": dg.In(dg.Nothing)},
        out=dg.Out(dg.Nothing),
        description=f"Makes one batch of {source.name}'s small ones; old versions expire.",
        pool=WAREHOUSE_POOL,
    )
    def compact_batches(context: dg.OpExecutionContext, run: RunSettings) -> None:  # noqa: ARG001 - holding `run` holds the lock
        with failing_clearly():
            context.log.info(compact(source, config).summary)

    return compact_batches
