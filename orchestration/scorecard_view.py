"""What `scorecard show` prints: the scorecard of one node for one period.

Belongs here: the queries for it and the table in the terminal. Does not belong here: computing
anything; every figure shown is published.
"""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from exports import connect
from models.errors import ScorecardError
from orchestration import output
from orchestration.period import find_period
from orchestration.published import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb
    from rich.console import RenderableType

    from models.config import Config
    from orchestration.period import Period

STATUS = {
    "green": "[green]● on target[/]",
    "amber": "[yellow]▲ watch[/]",
    "red": "[red]■ off target[/]",
    "no_target": "[dim]○ no target[/]",
    "no_data": "[dim]- no data[/]",
    "not_meaningful": "[dim]≠ not meaningful[/]",
}
"""A symbol besides the colour: one man in twelve cannot tell red from green."""
ARROW = {"up": "↑", "down": "↓", "flat": "→", None: ""}
COLUMNS = (
    "perspective_id, perspective_name, objective_id, objective_name, kpi_id, kpi_name, "
    "node_id, node_level, period_type, period_start, period_end, is_provisional, "
    "role, value, unit, decimals, target, score, status, completeness, "
)
COMPARED = f"""
select {COLUMNS} previous_value, delta, favourable_delta, trend, no_data_reason
from scorecard
"""
UNCOMPARED = f"""
select {COLUMNS} null as previous_value, null as delta, null as favourable_delta, null as trend,
    null as no_data_reason
from kpi_value
join dim_kpi using (kpi_id)
join dim_objective using (objective_id, perspective_id)
"""
"""The scorecard, which a manager reads by month, quarter and year at nodes of the organization, has
neither shifts, days, weeks and rolling months, nor segments."""
SCORED = {"month", "quarter", "year", "month_to_date", "quarter_to_date", "year_to_date"}
ONE = """
where node_id = $node and period_type = $type and period_start = $start and period_end = $end
"""
OF_SHIFT = "and shift_code is not distinct from $shift"
CORE = "and role = 'core'"
NODES_NAMED = 40
BLANK = ("",) * 5
"""Cells between name and score in the row of a perspective or objective."""


def show_scorecard(
    config: Config,
    node: str | None,
    period: str | None,
    form: output.Form,
    *,
    diagnostics: bool = False,
) -> None:
    """Print the scorecard of `node` (default: the enterprise) for `period` (newest month).

    `diagnostics` adds the KPIs that are not on the scorecard but help to find causes.

    Raises `ScorecardError` that lists what exists if there is no such node or period.
    """
    node = node or config.enterprise.code
    with connect(config) as connection:
        name = node_name(connection, node)
        when = find_period(connection, period, node)
        rows = _rows(connection, when, node, diagnostics=diagnostics)
        if form != "table":
            output.table(list(rows[0]), [list(row.values()) for row in rows], form)
            return
        scores = _scores(connection, when, node)
    provisional = " [yellow](provisional: the period is not over)[/]" if when.is_provisional else ""
    console = output.console()
    console.print(
        f"\n[bold]{escape(name)}[/] [dim]{escape(node)}[/]  "
        f"{when.label}, {when.start} to {when.end}{provisional}"
    )
    console.print(_table(as_shown(rows, config), scores))
    for reason, names in _without_data(rows).items():
        console.print(
            Padding(f"[dim]no data, {escape(reason)}: {escape(', '.join(names))}[/]", (0, 2))
        )


def node_name(connection: duckdb.DuckDBPyConnection, node: str) -> str:
    """Name of a node; `ScorecardError` lists the nodes there are."""
    nodes = {
        row["node_id"]: row["node_name"]
        for row in rows(
            connection,
            "select node_id, node_name from dim_node left join dim_organization as place "
            "using (node_id, node_name) order by place.sort_order nulls last, node_id",
        )
    }
    if node not in nodes:
        known = ", ".join(list(nodes)[:NODES_NAMED])
        raise ScorecardError(f"There is no node {node!r}.", f"There are: {known}.")
    return str(nodes[node])


def quantity(value: float | None, decimals: int) -> str:
    """A value as people read it."""
    return "" if value is None else f"{value:,.{decimals}f}"


def _rows(
    connection: duckdb.DuckDBPyConnection, when: Period, node: str, *, diagnostics: bool
) -> list[dict[str, Any]]:
    compared = when.type in SCORED and ":" not in node
    query = COMPARED + ONE if compared else UNCOMPARED + ONE + OF_SHIFT
    return rows(
        connection,
        f"""
        select rows.* from ({query} {"" if diagnostics else CORE}) as rows
        join dim_perspective as perspective using (perspective_id)
        join dim_objective as objective using (objective_id)
        order by perspective.sort_order, objective.sort_order, kpi_name
        """,
        _parameters(when, node) | ({} if compared else {"shift": when.shift_code}),
    )


def as_shown(rows: list[dict[str, Any]], config: Config) -> list[dict[str, Any]]:
    """The rows with effectiveness no larger than the enterprise wants to see it."""
    cap = config.enterprise.conventions.effectiveness_shown_max
    if cap is None:
        return rows
    return [
        row | {"value": min(row["value"], cap)}
        if row["kpi_id"] == "effectiveness" and row["value"] is not None
        else row
        for row in rows
    ]


def _scores(
    connection: duckdb.DuckDBPyConnection, when: Period, node: str
) -> dict[str, float | None]:
    """Scores of perspectives and objectives by id."""
    found = rows(
        connection,
        f"""
        select perspective_id as id, score from perspective_score {ONE}
        union all
        select objective_id, score from objective_score {ONE}
        """,
        _parameters(when, node),
    )
    return {row["id"]: row["score"] for row in found}


def _parameters(when: Period, node: str) -> dict[str, Any]:
    return {"node": node, "type": when.type, "start": when.start, "end": when.end}


def _table(rows: list[dict[str, Any]], scores: Mapping[str, float | None]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("KPI", min_width=32)
    table.add_column("unit", style="dim")
    for heading in ("value", "", "target"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("score", justify="right")
    for perspective, of_perspective in groupby(rows, key=itemgetter("perspective_name")):
        kpis = list(of_perspective)
        table.add_section()
        score = scores.get(kpis[0]["perspective_id"])
        table.add_row(f"[bold]{escape(perspective)}[/]", *BLANK, _score(score, bold=True))
        for objective, of_objective in groupby(kpis, key=itemgetter("objective_name")):
            group = list(of_objective)
            score = scores.get(group[0]["objective_id"])
            name = Padding(f"[italic]{escape(objective)}[/]", (0, 0, 0, 2))
            table.add_row(name, *BLANK, _score(score))
            for kpi in group:
                table.add_row(*_cells(kpi))
    return table


def _without_data(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Names of the KPIs without a value by the reason for it, as it is published."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row["no_data_reason"]:
            found.setdefault(row["no_data_reason"], []).append(row["kpi_name"])
    return found


def _cells(kpi: Mapping[str, Any]) -> tuple[RenderableType, ...]:
    return (
        Padding(escape(kpi["kpi_name"]), (0, 0, 0, 4)),
        escape(kpi["unit"]),
        quantity(kpi["value"], kpi["decimals"]),
        _trend(kpi),
        quantity(kpi["target"], kpi["decimals"]),
        STATUS[kpi["status"]],
        _score(kpi["score"]),
    )


def _trend(kpi: Mapping[str, Any]) -> str:
    arrow = ARROW[kpi["trend"]]
    better = kpi["favourable_delta"]
    if not better or kpi["trend"] == "flat":
        return arrow
    return f"[green]{arrow}[/]" if better > 0 else f"[red]{arrow}[/]"


def _score(score: float | None, *, bold: bool = False) -> str:
    if score is None:
        return ""
    return f"[bold]{score:.1f}[/]" if bold else f"{score:.1f}"
