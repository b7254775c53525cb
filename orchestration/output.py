"""Rows on standard output: as a table for people, as JSON or CSV for programs.

Belongs here: the three forms. Does not belong here: what the rows are.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Form = Literal["table", "json", "csv"]
NUMBERS = (int, float, Decimal)
WIDTH_OF_A_FILE = 110
"""Columns where output goes to a file or a pipe."""


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], form: Form) -> None:
    """Write rows in the form asked for."""
    if form == "json":
        dictionaries = [dict(zip(columns, row, strict=True)) for row in rows]
        sys.stdout.write(json.dumps(dictionaries, default=str, indent=2) + "\n")
    elif form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(columns)
        writer.writerows(rows)
    else:
        console().print(grid(columns, rows))


def console() -> Console:
    """Standard output with colours where it is a terminal."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDTH_OF_A_FILE
    return Console(highlight=False, width=width)


def grid(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """A plain table; numbers to the right."""
    rows = list(rows)
    result = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        numeric = any(isinstance(row[index], NUMBERS) for row in rows)
        result.add_column(escape(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        result.add_row(*("" if value is None else escape(str(value)) for value in row))
    return result
