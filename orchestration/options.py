"""Options that several commands share.

Does not belong here: options of one command alone.
"""

from __future__ import annotations

from pathlib import Path

import click

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The enterprise's scorecard.yml.",
)
as_option = click.option(
    "--as",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="Form of the output.",
)
