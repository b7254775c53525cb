"""Command line of the simulated plant: `python -m sources.demo --help`."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from models.errors import ScorecardError
from sources.demo.plant import continue_plant, generate

if TYPE_CHECKING:
    from sources.demo.plant import PlantReport


def main(arguments: list[str] | None = None) -> int:
    """Make or continue a plant; returns the exit code."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days"),
        TimeElapsedColumn(),
    )
    begun = time.perf_counter()
    try:
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("Simulating", total=None)

            def progress(day: date, done: int, todo: int) -> None:
                bar.update(task, description=f"Simulating {day}", completed=done, total=todo)

            if options.go_on:
                report = continue_plant(options.out, minutes=options.minutes, progress=progress)
            else:
                report = generate(
                    options.out,
                    days=options.days,
                    scale=options.scale,
                    seed=options.seed,
                    end=options.end,
                    progress=progress,
                )
    except ScorecardError as e:
        console.print(f"[red]{e.message}[/red] {e.hint}")
        return e.exit_code
    _print(console, report, time.perf_counter() - begun)
    return 0


def _print(console: Console, report: PlantReport, seconds: float) -> None:
    period = f"{report.start:%Y-%m-%d %H:%M} to {report.until:%Y-%m-%d %H:%M} UTC"
    console.print(f"[bold]Simulated plant[/bold] in {report.folder}, {period}")
    rows = sum(report.rows.values())
    states, counts = report.rows["mc_log"], report.rows["qty_tick"]
    console.print(f"{rows:,} rows, of which {states:,} machine states and {counts:,} counts")
    if report.written:
        speed = report.written / max(seconds, 1e-9)
        console.print(f"{report.written:,} rows written in {seconds:.1f} s ({speed:,.0f} a second)")
    else:
        console.print("Nothing to do: it was made with these settings before.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sources.demo", description="Simulate the MES and ERP databases of a plant."
    )
    parser.add_argument("--out", type=Path, default=Path("var/demo"), help="folder (%(default)s)")
    parser.add_argument("--days", type=int, default=184, help="days simulated (%(default)s)")
    parser.add_argument(
        "--end", type=date.fromisoformat, default=date(2026, 10, 31), help="last day (%(default)s)"
    )
    parser.add_argument(
        "--scale", type=float, default=1.0, help="density of machine events (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=42, help="another seed, another plant")
    parser.add_argument(
        "--continue",
        dest="go_on",
        action="store_true",
        help="let the plant in --out live on instead",
    )
    parser.add_argument("--minutes", type=int, default=60, help="how long to live on (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
