"""The quality checks as Dagster asset checks.

Belongs here: which asset a check of the catalogue belongs to, and what becomes of its result. Does
not belong here: what is checked and how (`expectations`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import dagster as dg

from expectations import CheckResult, Severity, Status, catalogue, record, run_checks
from expectations.catalogue import landing_relation
from models.config import Config
from models.errors import CheckFailed, ConfigError
from orchestration.assets import failing_clearly
from orchestration.keys import WAREHOUSE_POOL, batch_key
from orchestration.progress import LogProgress, Progress
from orchestration.settings import RunSettings

SUITE = {Severity.BLOCKING: "must_hold", Severity.WARNING: "should_hold"}
NAMED_FAILURES = 3
SHOWN = 100


def quality_checks(
    config: Config, models: Mapping[str, dg.AssetKey], *, progress: Progress | None
) -> dg.AssetChecksDefinition:
    """All checks in one step: after the models, which are built in one, before the publication.

    In Dagster a check is a suite: the checks of one table that block, or those that warn. Every
    single one is in the evidence. `models`: asset keys of dbt's models by name.
    """
    keys = {**models, **{landing_relation(s.name): batch_key(s.name) for s in config.sources}}
    checks = catalogue(config)
    for check in checks:
        if check.table not in keys:
            raise ConfigError(
                f"{check.table} is checked, but no system in use lands such a table.",
                "Mend `local_times` of the source in scorecard.yml.",
            )
    suite_of = {check.id: (check.table, check.severity) for check in checks}
    suites = dict.fromkeys(suite_of.values())

    @dg.multi_asset_check(
        name="check_warehouse",
        specs=[
            dg.AssetCheckSpec(
                name=SUITE[severity],
                asset=keys[table],
                description="\n".join(
                    f"- {check.description}"
                    for check in checks
                    if suite_of[check.id] == (table, severity)
                ),
                blocking=severity is Severity.BLOCKING,
            )
            for table, severity in suites
        ],
        description="Makes every check of the catalogue and keeps the evidence.",
        pool=WAREHOUSE_POOL,
    )
    def check_warehouse(
        context: dg.AssetCheckExecutionContext,
        run: RunSettings,  # noqa: ARG001 - holding `run` holds the lock
    ) -> Iterator[dg.AssetCheckResult]:
        watcher = progress or LogProgress(context.log)
        with failing_clearly(), watcher.step(f"making {len(checks)} checks") as step:
            report = run_checks(
                config, run_id=context.run.run_id, warehouse=config.warehouse, progress=step.update
            )
            # Kept before anything else can fail: a refusal needs its evidence most of all.
            evidence = record(report, config)
            step.failed = bool(report.blocking_failures)
            step.summary = report.summary
        for table, severity in suites:
            results = [r for r in report.results if suite_of[r.check_id] == (table, severity)]
            yield _suite_result(results, keys[table], severity)
        with failing_clearly():
            if report.blocking_failures:
                raise _refusal(report.blocking_failures, evidence)

    return check_warehouse


def _suite_result(
    results: Sequence[CheckResult], key: dg.AssetKey, severity: Severity
) -> dg.AssetCheckResult:
    wrong = [r for r in results if not _is_fine(r)]
    return dg.AssetCheckResult(
        passed=not wrong,
        asset_key=key,
        check_name=SUITE[severity],
        severity=(
            dg.AssetCheckSeverity.ERROR
            if severity is Severity.BLOCKING
            else dg.AssetCheckSeverity.WARN
        ),
        description="; ".join(r.detail or r.description for r in wrong) or None,
        metadata={
            "checks": len(results),
            "evaluated": max(r.evaluated_count for r in results),
            "unexpected": sum(r.unexpected_count for r in results),
            "results": dg.MetadataValue.table(
                [dg.TableRecord(_row(result)) for result in sorted(results, key=_is_fine)[:SHOWN]],
                dg.TableSchema([dg.TableColumn(name) for name in _row(results[0])]),
            ),
        },
    )


def _is_fine(result: CheckResult) -> bool:
    return result.status not in {Status.FAILED, Status.ERROR}


def _row(result: CheckResult) -> dict[str, str | float | int]:
    return {
        "check": result.check_id,
        "status": result.status.value,
        "observed": "" if result.observed is None else result.observed,
        "threshold": "" if result.threshold is None else result.threshold,
        "unit": result.unit,
        "evaluated": result.evaluated_count,
        "unexpected": result.unexpected_count,
        "failing keys": json.dumps(list(result.failing_keys)),
        "detail": result.detail,
    }


def _refusal(failures: Sequence[CheckResult], evidence: Path) -> CheckFailed:
    named = "; ".join(f"{f.table_name}: {f.description}" for f in failures[:NAMED_FAILURES])
    more = f" and {len(failures) - NAMED_FAILURES} more" if len(failures) > NAMED_FAILURES else ""
    return CheckFailed(
        f"Nothing was published, because {len(failures)} blocking checks failed: {named}{more}.",
        f"The evidence is {evidence}; what was published before stays.",
    )
