"""Commands about what has landed: `reconcile`, `landing ...` and `quarantine ...`.

Belongs here: their options and what they print. Does not belong here: the work (`sources`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from models.errors import ConfigError, ScorecardError
from orchestration import output
from orchestration.configuration import find_config
from orchestration.lock import exclusive
from orchestration.options import as_option, config_option
from orchestration.terminal import TerminalProgress, print_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from models.config import Config, Source
    from sources.landing import Manifest

source_option = click.option("--source", metavar="SOURCE", help="One source; all if empty.")
table_option = click.option("--table", metavar="TABLE", help="One table; all if empty.")


@click.command()
@config_option
@source_option
@table_option
@click.option("--dry-run", is_flag=True, help="Compare and tell; repair nothing.")
@click.option(
    "--approve-deletes",
    "approved",
    metavar="SOURCE.TABLE",
    multiple=True,
    help="Believe that most rows of this table are gone. May be given several times.",
)
@as_option
def reconcile(  # noqa: PLR0913, PLR0917 - the command's options
    config: Path | None,
    source: str | None,
    table: str | None,
    dry_run: bool,
    approved: tuple[str, ...],
    form: output.Form,
) -> None:
    """Compare whole tables of sources and landing, and repair what differs."""
    found = find_config(config)
    approvals = _approvals(found, approved)
    chosen = [s for s in _sources(found, source) if not approvals or source or s.name in approvals]
    wanted = {s.name: _tables(s, table) for s in chosen}
    if table and not any(wanted.values()):
        raise ConfigError(
            f"No source has a table {table!r}.", "`scorecard landing show` lists all."
        )
    with exclusive(found.home, "`scorecard reconcile`"):
        _reconcile(
            found,
            {s: wanted[s.name] for s in chosen if wanted[s.name] or not table},
            approvals,
            form,
            dry_run=dry_run,
        )


def _approvals(config: Config, approved: Iterable[str]) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    for name in approved:
        source, _, table = name.partition(".")
        _sources(config, source)
        tables.setdefault(source, []).append(table)
    return tables


def _reconcile(
    config: Config,
    wanted: Mapping[Source, Sequence[str]],
    approvals: Mapping[str, Sequence[str]],
    form: output.Form,
    *,
    dry_run: bool = False,
) -> None:
    """Reconcile the tables of each source; a source that fails does not keep others from it."""
    from sources.reconcile import SCHEMA, reconcile  # noqa: PLC0415 - reads DuckDB

    progress, failures, rows = TerminalProgress(), [], []
    for source, tables in wanted.items():
        approved = approvals.get(source.name, ())
        try:
            with progress.step(f"comparing {source.name}") as step:
                outcome = reconcile(
                    source,
                    config,
                    tables=[*tables, *approved] if approved or tables else (),
                    approved=approved,
                    dry_run=dry_run,
                    progress=step.update,
                )
                differences = sum(result.differences for result in outcome.results)
                step.summary = f"{len(outcome.results)} tables, {differences:,} differences"
                step.failed = bool(outcome.failures)
        except ScorecardError as e:
            failures.append(e)
        else:
            failures += outcome.failures
            rows += [[getattr(r, name) for name in SCHEMA.names] for r in outcome.results]
    shown = [[*row[:-1], round(row[-1], 3)] for row in rows]
    output.table(SCHEMA.names, shown, form)
    _end_with(failures)


def _end_with(failures: Sequence[ScorecardError]) -> None:
    """Print all failures; the last is how the command ends."""
    for failure in failures[:-1]:
        print_error(failure)
    if failures:
        raise failures[-1]


@click.group()
def landing() -> None:
    """Look after the change log of each source."""


@landing.command("list")
@config_option
@source_option
@as_option
def list_batches(config: Path | None, source: str | None, form: output.Form) -> None:
    """List all batches, newest first."""
    from sources.landing import SourceLanding, manifests  # noqa: PLC0415 - reads Parquet

    found = find_config(config)
    rows = [
        (
            manifest.source,
            manifest.batch_id,
            manifest.extracted_at.isoformat(" ", "seconds"),
            sum(bool(entry.file_sha256) for entry in manifest.tables.values()),
            sum(entry.rows for entry in manifest.tables.values()),
            sum(entry.quarantined for entry in manifest.tables.values()),
            ", ".join(name for name, entry in manifest.tables.items() if entry.stopped),
            len(manifest.replaces),
            sum(path.stat().st_size for path in folder.iterdir()),
        )
        for known in _sources(found, source)
        for folder, manifest in zip(
            SourceLanding(found.landing, known.name).folders(),
            manifests(found.landing, known.name),
            strict=True,
        )
    ]
    output.table(
        (
            "source",
            "batch",
            "extracted_at",
            "tables",
            "rows",
            "quarantined",
            "stopped",
            "replaces",
            "bytes",
        ),
        rows[::-1],
        form,
    )


@landing.command()
@click.argument("batch", required=False)
@config_option
@source_option
@as_option
def show(config: Path | None, batch: str | None, source: str | None, form: output.Form) -> None:
    """Show what BATCH says of each table; the newest batches if it is empty."""
    from sources.landing import manifests  # noqa: PLC0415 - reads Parquet

    found = find_config(config)
    rows = []
    for known in _sources(found, source):
        all_batches = manifests(found.landing, known.name)
        for manifest in (
            [m for m in all_batches if m.batch_id == batch] if batch else all_batches[-1:]
        ):
            rows += _entries(manifest)
    if batch and not rows:
        raise ConfigError(f"There is no batch {batch!r}.", "`scorecard landing list` lists all.")
    output.table(
        (
            "source",
            "batch",
            "table",
            "upserts",
            "deletes",
            "quarantined",
            "watermark",
            "source_rows",
            "landed_rows",
            "schema",
            "stopped",
        ),
        rows,
        form,
    )


def _entries(manifest: Manifest) -> list[tuple[Any, ...]]:
    return [
        (
            manifest.source,
            manifest.batch_id,
            name,
            entry.upserts,
            entry.deletes,
            entry.quarantined,
            entry.watermark,
            entry.source_rows,
            entry.landed_rows,
            ", ".join(
                f"{event.column} {event.what} "
                f"({' to '.join(filter(None, (event.before, event.after)))})"
                for event in manifest.events
                if event.table == name
            ),
            entry.stopped,
        )
        for name, entry in manifest.tables.items()
    ]


@landing.command()
@config_option
@source_option
def verify(config: Path | None, source: str | None) -> None:
    """Check every landed file against its manifest, and the manifests against each other."""
    from sources.landing import verify as verify_source  # noqa: PLC0415 - reads Parquet

    found = find_config(config)
    progress, failures = TerminalProgress(), list[ScorecardError]()
    for known in _sources(found, source):
        try:
            with progress.step(f"verifying {known.name}") as step:
                batches = verify_source(found.landing, known.name)
                step.summary = f"{batches} batches are what was landed"
        except ScorecardError as e:
            failures.append(e)
    _end_with(failures)


@landing.command()
@config_option
@source_option
def compact(config: Path | None, source: str | None) -> None:
    """Make one batch of many small ones; let rows expire by `keep_history_days`."""
    from sources.upkeep import compact as compact_source  # noqa: PLC0415 - reads DuckDB

    found = find_config(config)
    progress = TerminalProgress()
    # also against dbt, which may have listed a file that is about to go
    with exclusive(found.home, "`scorecard landing compact`"):
        for known in _sources(found, source):
            with progress.step(f"compacting {known.name}") as step:
                step.summary = compact_source(known, found).summary


@click.group()
def quarantine() -> None:
    """Rows put aside because they could not be landed."""


@quarantine.command("list")
@config_option
@source_option
@table_option
@click.option("--rows", is_flag=True, help="Show the rows as well; they may be confidential.")
@as_option
def list_aside(
    config: Path | None,
    source: str | None,
    table: str | None,
    rows: bool,
    form: output.Form,
) -> None:
    """List the rows that are put aside now, each with the reason."""
    found = find_config(config)
    columns = ("source", "table", "key", "reason", "batch", "row")
    listed = [
        (known.name, name, key, reason, batch, row)
        for known in _sources(found, source)
        for name, key, reason, row, batch in _aside(found, known)
        if table in {None, name}
    ]
    kept = len(columns) if rows else -1
    output.table(columns[:kept], [row[:kept] for row in listed], form)


@quarantine.command()
@config_option
@source_option
@table_option
@as_option
def release(config: Path | None, source: str | None, table: str | None, form: output.Form) -> None:
    """Look again at the rows put aside: land what is mended, drop what is gone, keep the rest.

    Every run does so by itself for keys that it can ask the source for.
    """
    found = find_config(config)
    with exclusive(found.home, "`scorecard quarantine release`"):
        aside = {
            known: sorted({row[0] for row in _aside(found, known) if table in {None, row[0]}})
            for known in _sources(found, source)
        }
        before = sum(len(_aside(found, known)) for known in aside)
        try:
            _reconcile(found, {known: names for known, names in aside.items() if names}, {}, form)
        finally:
            left = sum(len(_aside(found, known)) for known in aside)
            click.echo(f"{before - left} released, {left} still put aside.", err=True)


def _aside(config: Config, source: Source) -> list[tuple[Any, ...]]:
    import duckdb  # noqa: PLC0415 - slow

    from sources.changes import rows_aside  # noqa: PLC0415 - as above
    from sources.landing import SourceLanding  # noqa: PLC0415 - as above

    relation = rows_aside(SourceLanding(config.landing, source.name))
    if relation is None:
        return []
    with duckdb.connect() as duck:
        return duck.execute(f"FROM ({relation}) ORDER BY ALL").fetchall()


def _sources(config: Config, name: str | None) -> list[Source]:
    """The source of that name, or all. Raises `ConfigError` if there is none."""
    if name is None:
        return [*config.sources]
    for source in config.sources:
        if source.name == name:
            return [source]
    known = ", ".join(source.name for source in config.sources)
    raise ConfigError(f"There is no source {name!r}.", f"Configured are {known}.")


def _tables(source: Source, name: str | None) -> list[str]:
    from sources.spec import load_system  # noqa: PLC0415 - parses YAML

    known = [table.name for table in load_system(source.system).tables]
    return [table for table in known if table == name] if name else []


COMMANDS = (reconcile, landing, quarantine)
