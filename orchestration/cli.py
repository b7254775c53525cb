"""The `scorecard` command.

Belongs here: options, exit codes, and how an error ends a command. Does not belong here: what a
command shows (`orchestration.scorecard_view`, `orchestration.explanation`) or does (`run`, `ui`).
Dagster takes seconds to import, so only the commands that need it do.
"""

from __future__ import annotations

import sys
import tempfile
import traceback
from typing import TYPE_CHECKING

import click

from models.errors import ScorecardError
from orchestration import feed_cli, landing_cli, output, source_cli
from orchestration.configuration import find_config, find_config_file
from orchestration.options import as_option, config_option
from orchestration.terminal import TerminalProgress, print_error

if TYPE_CHECKING:
    from pathlib import Path

INTERRUPTED = 130

node_option = click.option(
    "--node", metavar="NODE", help="Site, area, line or machine; the enterprise if empty."
)
period_option = click.option(
    "--period",
    metavar="PERIOD",
    help="2026-10, 2026-W43, 2026-Q3, 2026, 2026-10-31, mtd, qtd, ytd; the newest month if empty.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Balanced scorecard from MES and ERP data."""


for command in (*landing_cli.COMMANDS, *source_cli.COMMANDS, *feed_cli.COMMANDS):
    cli.add_command(command)


@cli.command()
@config_option
@click.option("--full", is_flag=True, help="Read and compute everything from the beginning.")
def run(config: Path | None, *, full: bool) -> None:
    """Run the whole pipeline once, from the sources to a new publication."""
    found = find_config(config)
    progress = TerminalProgress()
    with progress.step("starting Dagster") as step:
        from orchestration.run import run_pipeline  # noqa: PLC0415 - slow

        step.summary = found.enterprise.name
    run_pipeline(found, full=full, progress=progress)


@cli.command()
@config_option
@node_option
@period_option
@as_option
@click.option(
    "--all", "diagnostics", is_flag=True, help="Also the KPIs that only help to find causes."
)
def show(
    config: Path | None,
    node: str | None,
    period: str | None,
    form: output.Form,
    *,
    diagnostics: bool,
) -> None:
    """Show the scorecard of a node for a period."""
    from orchestration.scorecard_view import show_scorecard  # noqa: PLC0415 - reads DuckDB

    show_scorecard(find_config(config), node, period, form, diagnostics=diagnostics)


@cli.command()
@click.argument("kpi")
@config_option
@node_option
@period_option
@click.option(
    "--rows", default=5, show_default=True, help="How many source rows to show as a sample."
)
@click.option(
    "--against",
    metavar="PERIOD",
    help="Instead, what moved the value since then: previous, year (a year ago) or a period.",
)
@click.option(
    "--by",
    type=click.Choice(["node", "item", "cause", "customer", "supplier", "shift", "component"]),
    help="With --against: to what the change is attributed.",
)
@as_option
def explain(  # noqa: PLR0913, PLR0917 - the command's options
    kpi: str,
    config: Path | None,
    node: str | None,
    period: str | None,
    rows: int,
    against: str | None,
    by: str | None,
    form: output.Form,
) -> None:
    """Explain a KPI's value, or what moved it: its parts and the source rows behind them."""
    found = find_config(config)
    if against:
        from orchestration.change import explain_change  # noqa: PLC0415 - reads DuckDB

        explain_change(found, kpi, node, period, against=against, by=by, form=form)
        return
    if by or form != "table":
        raise ScorecardError(
            "--by and --as belong to --against.", "For instance: explain oee --against previous."
        )
    from orchestration.explanation import explain_kpi  # noqa: PLC0415 - reads DuckDB

    explain_kpi(found, kpi, node, period, rows)


@cli.command()
@click.argument("sql")
@config_option
@as_option
def query(sql: str, config: Path | None, form: output.Form) -> None:
    """Run a query on the published tables, read-only."""
    from exports import query as run_query  # noqa: PLC0415 - reads DuckDB

    result = run_query(find_config(config), sql)
    rows = list(zip(*(column.to_pylist() for column in result.columns), strict=True))
    output.table(result.column_names, rows, form)


@cli.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    epilog="For instance: scorecard metrics query --metrics oee --group-by metric_time__month",
)
@config_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def metrics(config: Path | None, arguments: tuple[str, ...]) -> None:
    """Ask MetricFlow (mf) for KPIs by node and time: list metrics, query, ..."""
    from orchestration.metrics import metricflow  # noqa: PLC0415 - reads DuckDB

    sys.exit(metricflow(find_config(config), arguments))


@cli.command()
@config_option
@click.option("--port", default=3000, show_default=True, help="First port to try.")
def ui(config: Path | None, port: int) -> None:
    """Open Dagster on this machine: graph, runs, checks, schedule and sensor."""
    file = find_config_file(config)
    found = find_config(file)
    from orchestration.ui import serve  # noqa: PLC0415 - slow

    serve(found, file, port)


def main() -> None:
    """Entry point of the command: an error becomes one sentence, a hint and an exit code."""
    try:
        sys.exit(cli.main(standalone_mode=False))
    except click.ClickException as e:
        e.show()
        sys.exit(e.exit_code)
    except ScorecardError as e:
        print_error(e)
        sys.exit(e.exit_code)
    except (click.Abort, KeyboardInterrupt):
        print_error(ScorecardError("Interrupted.", "What was published before stays."))
        sys.exit(INTERRUPTED)
    except Exception as e:  # noqa: BLE001 - the last resort: nobody should meet a traceback
        print_error(_unexpected(e))
        sys.exit(ScorecardError.exit_code)


def _unexpected(error: Exception) -> ScorecardError:
    """Keep the traceback in a file and say where."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="scorecard-", suffix=".log", delete=False
    ) as log:
        traceback.print_exception(error, file=log)
    what = " ".join(str(error).split()) or type(error).__name__
    return ScorecardError(f"Something unforeseen happened: {what}", f"The whole log is {log.name}.")
