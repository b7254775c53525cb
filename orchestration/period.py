"""Periods as people write them.

Belongs here: 2026-10, 2026-W43, 2026-Q3, 2026, 2026-10-31, mtd, qtd, ytd, 2026-10-R12 and rolling
(twelve months), 2026-10-31/N (a shift). Months, quarters and years are the enterprise's fiscal
ones, named as in `dim_period`. Does not belong here: what is shown for a period.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.errors import ScorecardError
from orchestration.published import rows

if TYPE_CHECKING:
    from datetime import date

    import duckdb

SHAPES = {
    "day": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "week": re.compile(r"\d{4}-W\d{2}"),
    "month": re.compile(r"\d{4}-\d{2}"),
    "quarter": re.compile(r"\d{4}-Q[1-4]"),
    "year": re.compile(r"\d{4}"),
    "month_to_date": re.compile("mtd"),
    "quarter_to_date": re.compile("qtd"),
    "year_to_date": re.compile("ytd"),
    "rolling_12_months": re.compile(r"\d{4}-\d{2}-R12|rolling"),
    "shift": re.compile(r"\d{4}-\d{2}-\d{2}/.+"),
}
NAMED = 12


@dataclass(frozen=True)
class Period:
    """A period for which something is published."""

    type: str
    start: date
    end: date
    label: str
    is_provisional: bool
    shift_code: str | None = None
    """Of type shift: which one of that production day."""


def find_period(connection: duckdb.DuckDBPyConnection, text: str | None, node: str) -> Period:
    """The period named, or the newest month, for which `node` has values.

    Where it has none at all, the periods of the scorecard, which says why. Of the periods to date
    only those of the newest day. Raises `ScorecardError` that lists the periods there are.
    """
    kind = _kind(text)
    periods = _periods(connection, kind, node, "kpi_value") or _periods(
        connection, kind, node, "(select *, null as shift_code from scorecard)"
    )
    if not periods:
        raise ScorecardError(f"{node} has no values for any {kind.replace('_', ' ')}.")
    for period in periods:
        if text in {period.label, None, "rolling"}:
            return period
    labels = ", ".join(p.label for p in periods[:NAMED])
    raise ScorecardError(f"There is nothing for {text}.", f"The newest there are: {labels}.")


def _periods(
    connection: duckdb.DuckDBPyConnection, kind: str, node: str, published: str
) -> list[Period]:
    """The periods of a kind that a published relation has for a node, newest first."""
    return [
        Period(**row)
        for row in rows(
            connection,
            f"""
            select value.period_type as type, value.period_start as start,
                value.period_end as end, concat_ws('/', period.label, value.shift_code) as label,
                bool_or(value.is_provisional) as is_provisional, value.shift_code
            from {published} as value
            join dim_period as period using (period_type, period_start, period_end)
            where value.period_type = $kind and value.node_id = $node
            group by all
            order by value.period_end desc, value.shift_code
            """,
            {"kind": kind, "node": node},
        )
    ]


def _kind(text: str | None) -> str:
    if text is None:
        return "month"
    for kind, shape in SHAPES.items():
        if shape.fullmatch(text):
            return kind
    raise ScorecardError(
        f"{text!r} is no period.",
        "Write 2026-10, 2026-W43, 2026-Q3, 2026, 2026-10-31, mtd, qtd, ytd, 2026-10-R12 or rolling "
        "for twelve months, or 2026-10-31/N for shift N.",
    )
