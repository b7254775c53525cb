"""Commands about file feeds: `feed template` and `feed check`.

Belongs here: their options and what they print. Does not belong here: reading and writing files
(`sources.feed`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from models.errors import ConfigError, SourceError
from orchestration import output
from orchestration.configuration import find_config
from orchestration.options import as_option, config_option

if TYPE_CHECKING:
    from models.config import Config
    from orchestration.output import Form
    from sources.feed import FeedTable

SHOWN = 20
"""Bad rows of one table that are listed where people read."""


@click.group()
def feed() -> None:
    """Files in canonical shape: templates to fill in, and a check before a run."""


@feed.command()
@click.argument("tables", nargs=-1)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("feed"),
    show_default=True,
    help="Folder to write to.",
)
@click.option(
    "--as",
    "form",
    type=click.Choice(["csv", "xlsx"]),
    default="csv",
    show_default=True,
    help="Form of the files.",
)
def template(tables: tuple[str, ...], out: Path, form: Literal["csv", "xlsx"]) -> None:
    """Write templates of canonical TABLES, all if none is named: header, examples, meaning."""
    from sources.feed import write_templates  # noqa: PLC0415 - reads DuckDB

    for path in write_templates(tables, out, form):
        click.echo(str(path))


@feed.command("check")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@config_option
@as_option
def check_feed(folder: Path | None, config: Path | None, form: Form) -> None:
    """Read FOLDER as a run would and say what is wrong; the configured feeds if it is empty.

    Nothing lands. Ends with 3 if a file cannot be read or a row would be put aside.
    """
    from sources.feed import check_folder  # noqa: PLC0415 - reads DuckDB

    folders = [folder] if folder else _configured(find_config(config))
    found = [table for each in folders for table in check_folder(each)]
    _print(found, form)
    bad = sum(len(table.aside) for table in found)
    stopped = sum(bool(table.fault) for table in found)
    if bad or stopped:
        raise SourceError(
            f"{bad:,} rows would be put aside, and {stopped} tables cannot be read.",
            "Mend the lines named; the other rows would land.",
        )


def _print(found: list[FeedTable], form: Form) -> None:
    if form == "table":
        columns: tuple[str, ...] = ("table", "files", "good rows", "put aside", "superseded")
        rows = [
            (
                t.table,
                ", ".join(t.files[:3]) + (", ..." if len(t.files) > 3 else ""),  # noqa: PLR2004 - enough to know them by
                "cannot be read" if t.fault else t.good,
                len(t.aside),
                t.superseded,
            )
            for t in found
        ]
        output.table(columns, rows, form)
        for t in found:
            for reason in ((t.fault,) if t.fault else t.aside)[:SHOWN]:
                click.echo(reason)
            if len(t.aside) > SHOWN:
                click.echo(f"... and {len(t.aside) - SHOWN:,} more of {t.table}")
        return
    columns = ("table", "files", "good_rows", "put_aside", "superseded", "fault", "reasons")
    output.table(
        columns,
        [
            (t.table, list(t.files), t.good, len(t.aside), t.superseded, t.fault, list(t.aside))
            for t in found
        ],
        form,
    )


def _configured(config: Config) -> list[Path]:
    folders = [s.path for s in config.sources if s.system == "files" and s.path]
    if not folders:
        raise ConfigError("No source of scorecard.yml is a feed.", "Name the folder.")
    return folders


COMMANDS = (feed,)
