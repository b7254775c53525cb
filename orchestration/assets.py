"""The assets: landed tables, definitions, dbt's models, the publication.

Belongs here: one function per kind of asset, which calls the package that does the work and hands
its figures to Dagster. Does not belong here: checks (`orchestration.checks`), the work itself.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq
from dagster_dbt import DagsterDbtCliRuntimeError, DbtCliResource, dbt_assets

from exports import publish
from models.config import Config, Source
from models.errors import BuildError, ScorecardError, SourceError
from models.strategy import strategy
from orchestration.keys import (
    ARRIVAL,
    DATA_TEAM,
    DEFINITIONS,
    DELIVERY,
    PUBLISHED,
    WAREHOUSE_POOL,
    batch_key,
    landing_key,
)
from orchestration.progress import LogProgress, Progress
from orchestration.settings import RunSettings
from orchestration.translator import Translator, model_key
from orchestration.warehouse import (
    DBT,
    PROJECT,
    BuildMark,
    dbt_environment,
    dbt_target,
    selection,
    vars_argument,
)
from sources.definitions import write_definitions
from sources.extract import ExtractReport, TableReport, extract
from sources.spec import TableSpec

EXTRACTION_RETRIES = 3
FIRST_RETRY_SECONDS = 10
RESULTS = "run_results.json"
NO_BATCH = "none: nothing had changed"
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
"""They test the SQL, not the data: `make test` runs them."""


def landing_assets(
    source: Source,
    config: Config,
    tables: Sequence[TableSpec],
    *,
    progress: Progress | None,
    retries: int,
) -> dg.AssetsDefinition:
    """One asset per table of the source, read in one step because they share one snapshot."""

    @dg.multi_asset(
        name=f"extract_{source.name}",
        specs=[
            dg.AssetSpec(
                landing_key(source.name, table.name),
                description=table.description,
                group_name=ARRIVAL,
                owners=[DATA_TEAM],
                kinds={"parquet"},
                metadata={"source": source.name, "system": source.system},
            )
            for table in tables
        ]
        + [
            dg.AssetSpec(
                batch_key(source.name),
                description=f"The newest batch of {source.name}: all its tables in one snapshot.",
                group_name=ARRIVAL,
                owners=[DATA_TEAM],
                kinds={"parquet"},
            )
        ],
        description=f"Reads what changed in {source.name} ({source.system}) in one snapshot.",
        retry_policy=dg.RetryPolicy(
            max_retries=retries,
            delay=FIRST_RETRY_SECONDS,
            backoff=dg.Backoff.EXPONENTIAL,
            jitter=dg.Jitter.PLUS_MINUS,
        )
        if retries
        else None,
        pool=WAREHOUSE_POOL,
    )
    def extract_source(
        context: dg.AssetExecutionContext, run: RunSettings
    ) -> Iterator[dg.MaterializeResult[None]]:
        watcher = progress or LogProgress(context.log)
        with failing_clearly(), watcher.step(f"reading {source.name}") as step:
            report = extract(source, config, full=run.full, progress=step.update)
            step.summary = summary(report)
        yield dg.MaterializeResult(
            asset_key=batch_key(source.name),
            metadata={
                "batch": report.batch_id or NO_BATCH,
                "extracted_at": _instant(report.extracted_at),
            },
        )
        for name, table in report.tables.items():
            yield dg.MaterializeResult(
                asset_key=landing_key(source.name, name),
                metadata=_metadata(report, name, table, config.landing / source.name),
            )
        # last, so that Dagster shows every other table as landed; nothing is computed from a
        # batch that lacks one
        if report.failure:
            with failing_clearly():
                raise report.failure

    return extract_source


def summary(report: ExtractReport) -> str:
    """What an extraction brought, in a few words."""
    if report.batch_id is None:
        return f"{len(report.tables)} tables, nothing new"
    changed = sum(t.upserts + t.deletes for t in report.tables.values())
    quarantined = sum(t.quarantined for t in report.tables.values())
    text = f"{len(report.tables)} tables, {changed:,} rows"
    if report.stopped:
        text += f", {len(report.stopped)} stopped"
    return f"{text}, {quarantined:,} in quarantine" if quarantined else text


def _metadata(report: ExtractReport, name: str, table: TableReport, folder: Path) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "rows": table.rows,
        "upserts": table.upserts,
        "deletes": table.deletes,
        "quarantined": table.quarantined,
        "watermark": table.watermark or "none: every run reads the whole table",
        "batch": report.batch_id or NO_BATCH,
        "extracted_at": _instant(report.extracted_at),
    }
    if table.newest_change:
        facts["newest_change"] = table.newest_change
    if table.source_rows is not None:
        facts["dagster/row_count"] = table.source_rows
    landed = folder / f"batch={report.batch_id}" / f"{name}.parquet"
    if landed.exists():
        facts["dagster/column_schema"] = dg.TableSchema(
            columns=[dg.TableColumn(f.name, str(f.type)) for f in pq.read_schema(landed)]
        )
    return facts


def _instant(naive_utc: datetime) -> dg.TimestampMetadataValue:
    return dg.MetadataValue.timestamp(naive_utc.replace(tzinfo=UTC))


class failing_clearly:  # noqa: N801 - reads as a phrase where it is used
    """Turn our errors into Dagster failures that say one sentence, retried only where that helps.

    A source that cannot be reached may be back in a minute; nothing else mends itself.
    """

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ScorecardError):
            raise dg.Failure(str(error), allow_retries=type(error) is SourceError) from error


def definitions_asset(config: Config, *, progress: Progress | None) -> dg.AssetsDefinition:
    """Strategy, KPIs and enterprise as tables."""

    @dg.asset(
        key=DEFINITIONS,
        description="Strategy, objectives, KPIs, targets and the enterprise as tables.",
        group_name=ARRIVAL,
        owners=[DATA_TEAM],
        kinds={"yaml", "parquet"},
    )
    def definitions(context: dg.AssetExecutionContext, run: RunSettings) -> None:  # noqa: ARG001 - holding `run` holds the lock
        watcher = progress or LogProgress(context.log)
        with failing_clearly(), watcher.step("reading the definitions") as step:
            write_definitions(config, strategy(), folder=config.definitions)
            kpis = strategy().kpis
            step.summary = f"{len(kpis)} KPIs for {len(strategy().objectives)} objectives"

    return definitions


def dbt_models(
    config: Config,
    manifest: Mapping[str, Any],
    translator: Translator,
    *,
    progress: Progress | None,
) -> dg.AssetsDefinition:
    """All models of the dbt project, built in one step."""

    @dbt_assets(
        manifest=manifest,
        dagster_dbt_translator=translator,
        name="compute_warehouse",
        pool=WAREHOUSE_POOL,
    )
    def compute_warehouse(context: dg.AssetExecutionContext, run: RunSettings) -> Iterator[Any]:
        watcher = progress or LogProgress(context.log)
        models = context.selected_asset_keys
        mark = BuildMark(config)
        with failing_clearly(), watcher.step(f"computing {len(models)} tables and views") as step:
            if mark.is_current and not run.full:
                step.summary = "nothing to do: computed from these batches before"
                for key in TopologicalSorter(context.assets_def.asset_deps).static_order():
                    if key in models:
                        yield dg.MaterializeResult(asset_key=key, metadata={"computed": False})
                return
            full = run.full or not mark.allows_increment
            outdated = None if full else mark.outdated(manifest)
            mark.begin(full=full)
            done = 0
            waiting = _Unchanged(context, manifest, outdated)
            for event in _build(config, context, waiting.arguments, full=full):
                if isinstance(event, dg.Output):
                    done += 1
                    name = event.output_name.replace("__", " ", 1)
                    step.update(f"{name}, {done} of {len(models)}")
                    yield from waiting.before(context.asset_key_for_output(event.output_name))
                yield event
            yield from waiting.rest()
            if not context.is_subset:
                mark.complete()
            step.summary = (
                f"{done} done" if full else f"{done} done, {len(models) - done} unchanged"
            )

    return compute_warehouse


class _Unchanged:
    """The models that an increment leaves alone: dbt is told so, Dagster that they are there."""

    def __init__(
        self,
        context: dg.AssetExecutionContext,
        manifest: Mapping[str, Any],
        outdated: AbstractSet[str] | None,
    ) -> None:
        """`outdated`: unique ids of the models to compute; all of them if none are given."""
        nodes = manifest["nodes"]
        models = {i for i, node in nodes.items() if node["resource_type"] == "model"}
        idle = set[str]() if outdated is None else models - outdated
        self.arguments = ["--exclude", " ".join(selection(manifest, idle))] if idle else []
        self._above = context.assets_def.asset_deps
        order = TopologicalSorter(self._above).static_order()
        waiting = {model_key(nodes[i]) for i in idle} & context.selected_asset_keys
        self._waiting = [key for key in order if key in waiting]

    def before(self, key: dg.AssetKey) -> Iterator[dg.MaterializeResult[None]]:
        """Those above a model, which Dagster must hear of before it."""
        above, unseen = set[dg.AssetKey](), [key]
        while unseen:
            for upper in self._above.get(unseen.pop(), ()):
                if upper not in above:
                    above.add(upper)
                    unseen.append(upper)
        yield from self._tell([key for key in self._waiting if key in above])

    def rest(self) -> Iterator[dg.MaterializeResult[None]]:
        """All others."""
        yield from self._tell(list(self._waiting))

    def _tell(self, keys: Sequence[dg.AssetKey]) -> Iterator[dg.MaterializeResult[None]]:
        for key in keys:
            self._waiting.remove(key)
            yield dg.MaterializeResult(asset_key=key, metadata={"computed": False})


class _Dbt(DbtCliResource):
    """dbt as a command, and no more than that.

    Dagster would load dbt into this process, too, to ask the warehouse for rows and columns that
    nobody wants from there: seconds of each run.
    """

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> None:  # type: ignore[override]
        del args


def _build(
    config: Config, context: dg.AssetExecutionContext, selection: Sequence[str], *, full: bool
) -> Iterator[Any]:
    """Run `dbt build`; raises `BuildError` in dbt's words."""
    arguments = ["build", *WITHOUT_UNIT_TESTS, *vars_argument(config), *selection]
    if full:
        arguments.append("--full-refresh")
    target = dbt_target(config)
    config.warehouse.parent.mkdir(parents=True, exist_ok=True)
    (target / RESULTS).unlink(missing_ok=True)
    with dbt_environment(config):
        dbt = _Dbt(project_dir=str(PROJECT), profiles_dir=str(PROJECT), dbt_executable=str(DBT))
        build = dbt.cli(arguments, context=context, target_path=target)
        try:
            yield from build.stream()
        except DagsterDbtCliRuntimeError as e:
            raise _build_error(target) from e


def _build_error(target: Path) -> BuildError:
    """What went wrong first."""
    log = f"The whole log is {target / 'dbt.log'}."
    results = target / RESULTS
    if results.exists():
        for result in json.loads(results.read_text("utf-8"))["results"]:
            if result["status"] in {"error", "fail"}:
                message = " ".join(str(result["message"]).split())
                return BuildError(f"{result['unique_id'].split('.')[2]} failed: {message}.", log)
    return BuildError("dbt ended before it had computed everything.", log)


def published_asset(
    config: Config, made_from: Sequence[dg.AssetKey], *, progress: Progress | None
) -> dg.AssetsDefinition:
    """The publication; blocked by the blocking checks of what it is made from."""

    @dg.asset(
        key=PUBLISHED,
        deps=made_from,
        description="What everybody reads: Parquet, a read-only DuckDB file, Evidence's layout.",
        group_name=DELIVERY,
        owners=[DATA_TEAM],
        kinds={"parquet", "duckdb"},
        pool=WAREHOUSE_POOL,
    )
    def published(
        context: dg.AssetExecutionContext,
        run: RunSettings,  # noqa: ARG001 - holding `run` holds the lock
    ) -> dg.MaterializeResult[None]:
        watcher = progress or LogProgress(context.log)
        with failing_clearly(), watcher.step("publishing") as step:
            publication = publish(config, run_id=context.run.run_id, progress=step.update)
            rows = sum(publication.tables.values())
            outcome = f"{len(publication.tables)} tables, {rows:,} rows"
            step.summary = outcome if publication.is_new else "nothing changed since the last one"
        return dg.MaterializeResult(
            metadata={
                "version": publication.version,
                "new": publication.is_new,
                "path": dg.MetadataValue.path(publication.path),
                "tables": len(publication.tables),
                "rows": rows,
            }
        )

    return published
