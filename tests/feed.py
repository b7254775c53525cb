"""A folder of CSV files in canonical shape, and the whole pipeline over it.

Does not belong here: which rows, and what must come of them.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration import published
from orchestration.explanation import Where, behind, definition_of
from orchestration.period import find_period

if TYPE_CHECKING:
    from collections.abc import Iterator

SCORECARD = Path(sys.executable).with_name("scorecard")
TIMEOUT_S = 1800


@dataclass
class Feed:
    """Rows by canonical table; a column that a row does not name is empty."""

    tables: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def add(self, table: str, **row: object) -> None:
        """Add one row."""
        self.tables.setdefault(table, []).append(row)

    def write(self, folder: Path) -> None:
        """Write one file per table."""
        folder.mkdir(parents=True)
        for name, rows in self.tables.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(rows)


@dataclass(frozen=True)
class Published:
    """The version that a run has published."""

    folder: Path

    def rows(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        """Rows of a query on the published DuckDB file."""
        path = self.folder / "scorecard.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    def behind(self, kpi: str, node: str, period: str, select: str) -> list[dict[str, object]]:
        """What a query says of `behind`, the rows that `scorecard explain` names for a value."""
        with duckdb.connect(str(self.folder / "scorecard.duckdb"), read_only=True) as connection:
            definition = definition_of(connection, kpi)
            where = Where(node, find_period(connection, period, node))
            return published.rows(
                connection,
                f"with behind as ({behind(definition, where)}) {select}",
                {"kpi": kpi, **where.parameters},
            )

    def value(
        self, kpi: str, node: str, period_type: str, start: str, end: str | None = None
    ) -> float | None:
        """Value of a KPI, None where there is none; periods to date need their last day, too."""
        found = self.rows(
            """
            select value from kpi_value
            where kpi_id = ? and node_id = ? and period_type = ? and period_start = ?
                and period_end = coalesce(cast(? as date), period_end)
            """,
            *(kpi, node, period_type, start, end),
        )
        assert len(found) <= 1, f"{kpi} at {node} has {len(found)} values from {start} on"
        return found[0][0] if found else None  # type: ignore[return-value]


def run(config: Path, home: Path) -> Published:
    """Run the pipeline as a person would; it must succeed."""
    command(config, home, "run")
    return Published((home / "published/current").resolve())


def command(config: Path, home: Path, *arguments: str) -> str:
    """What a `scorecard` command prints; it must succeed."""
    done = subprocess.run(
        [SCORECARD, *arguments, "--config", config],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
        env=os.environ | {"SCORECARD_HOME": str(home)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def numbers(prefix: str) -> Iterator[str]:
    """Identifiers that differ: prefix-1, prefix-2 ..."""
    number = 0
    while True:
        number += 1
        yield f"{prefix}-{number}"
