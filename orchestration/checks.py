"""The quality checks as Dagster asset checks.

Belongs here: which asset a check of the catalogue belongs to, and what becomes of its result. Does
not belong here: what is checked and how (`expectations`).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from expectations import Check, CheckResult, Severity, Status, catalogue, record, run_checks
from expectations.catalogue import landing_relation
from models.config import Config
from models.errors import CheckFailed
from orchestration.assets import failing_clearly
from orchestration.keys import WAREHOUSE_POOL, batch_key
from orchestration.progress import LogProgress, Progress
from orchestration.settings import RunSettings

NAMED_FAILURES = 3


def quality_checks(
    config: Config, models: Mapping[str, dg.AssetKey], *, progress: Progress | None
) -> dg.AssetChecksDefinition:
    """All checks in one step: after the models, which are built in one, before the publication.

    `models`: asset keys of dbt's models by name.
    """
    batches = {landing_relation(s.name): batch_key(s.name) for s in config.sources}
    keys = {check.id: {**models, **batches}[check.table] for check in catalogue(config)}

    @dg.multi_asset_check(
        name="check_warehouse",
        specs=[_spec(check, keys[check.id]) for check in catalogue(config)],
        description="Makes every check of the catalogue and keeps the evidence.",
        pool=WAREHOUSE_POOL,
    )
    def check_warehouse(
        context: dg.AssetCheckExecutionContext,
        run: RunSettings,  # noqa: ARG001 - holding `run` holds the lock
    ) -> Iterator[dg.AssetCheckResult]:
        watcher = progress or LogProgress(context.log)
        with failing_clearly(), watcher.step(f"making {len(keys)} checks") as step:
            report = run_checks(
                config, run_id=context.run.run_id, warehouse=config.warehouse, progress=step.update
            )
            # Kept before anything else can fail: a refusal needs its evidence most of all.
            evidence = record(report, config)
            step.failed = bool(report.blocking_failures)
            step.summary = ", ".join(
                f"{report.count(status)} {status.replace('_', ' ')}"
                for status in Status
                if report.count(status)
            )
        for result in report.results:
            yield _result(result, keys[result.check_id])
        with failing_clearly():
            if report.blocking_failures:
                raise _refusal(report.blocking_failures, evidence)

    return check_warehouse


def _spec(check: Check, key: dg.AssetKey) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        name=check.id,
        asset=key,
        description=check.description,
        blocking=check.severity is Severity.BLOCKING,
        metadata={"category": check.category.value, "column": check.column or ""},
    )


def _result(result: CheckResult, key: dg.AssetKey) -> dg.AssetCheckResult:
    facts: dict[str, Any] = {
        "status": result.status.value,
        "observed": result.observed,
        "threshold": result.threshold,
        "unit": result.unit,
        "evaluated": result.evaluated_count,
        "unexpected": result.unexpected_count,
        "failing_keys": dg.MetadataValue.json(list(result.failing_keys)),
        "detail": result.detail,
    }
    return dg.AssetCheckResult(
        passed=result.status not in {Status.FAILED, Status.ERROR},
        asset_key=key,
        check_name=result.check_id,
        severity=(
            dg.AssetCheckSeverity.ERROR
            if result.severity is Severity.BLOCKING
            else dg.AssetCheckSeverity.WARN
        ),
        description=result.detail or result.description,
        metadata={name: fact for name, fact in facts.items() if fact is not None},
    )


def _refusal(failures: Sequence[CheckResult], evidence: Path) -> CheckFailed:
    named = "; ".join(f"{f.table_name}: {f.description}" for f in failures[:NAMED_FAILURES])
    more = f" and {len(failures) - NAMED_FAILURES} more" if len(failures) > NAMED_FAILURES else ""
    return CheckFailed(
        f"Nothing was published, because {len(failures)} blocking checks failed: {named}{more}.",
        f"The evidence is {evidence}; what was published before stays.",
    )
