"""Periods as people write them.

Belongs here: 2026-10, 2026-W43, 2026-Q3, 2026, 2026-10-31, mtd, qtd, ytd. Quarters and years are
the enterprise's fiscal ones, as in `dim_date`. Does not belong here: what is shown for a period.
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
}
LABEL = """
case period_type
    when 'day' then strftime(period_start, '%Y-%m-%d')
    when 'week' then strftime(period_start, '%G-W%V')
    when 'month' then strftime(period_start, '%Y-%m')
    when 'quarter'
        then fiscal_year || '-Q' || (datediff('month', year_start, period_start) // 3 + 1)
    when 'year' then fiscal_year::varchar
    else period_type[1] || 'td'
end
"""
"""How a period is written, over the values joined with dim_date on the last day."""
NAMED = 12


@dataclass(frozen=True)
class Period:
    """A period for which something is published."""

    type: str
    start: date
    end: date
    label: str
    is_provisional: bool


def find_period(connection: duckdb.DuckDBPyConnection, text: str | None, node: str) -> Period:
    """The period named, or the newest month, for which `node` has values.

    Of the periods to date only those of the newest day. Raises `ScorecardError` that lists the
    periods there are.
    """
    kind = _kind(text)
    periods = [
        Period(**row)
        for row in rows(
            connection,
            f"""
            select period_type as type, period_start as start, period_end as end, {LABEL} as label,
                bool_or(is_provisional) as is_provisional
            from kpi_value join dim_date on date_day = period_end
            where period_type = $kind and node_id = $node
            group by all
            order by period_end desc
            """,
            {"kind": kind, "node": node},
        )
    ]
    if not periods:
        raise ScorecardError(f"{node} has no values for any {kind.replace('_', ' ')}.")
    for period in periods:
        if text in {period.label, None}:
            return period
    labels = ", ".join(p.label for p in periods[:NAMED])
    raise ScorecardError(f"There is nothing for {text}.", f"The newest there are: {labels}.")


def _kind(text: str | None) -> str:
    if text is None:
        return "month"
    for kind, shape in SHAPES.items():
        if shape.fullmatch(text):
            return kind
    raise ScorecardError(
        f"{text!r} is no period.",
        "Write 2026-10, 2026-W43, 2026-Q3, 2026, 2026-10-31, mtd, qtd or ytd.",
    )
