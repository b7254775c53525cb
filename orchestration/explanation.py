"""What `scorecard explain` prints: how a KPI's value came about, down to the source rows.

Belongs here: the queries for it and how they are shown. Everything comes from the connection,
whose `dim_kpi.contribution_sql` is the very SQL that the value was computed with. Does not belong
here: computing a value anew in any other way.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from exports import connect
from models.errors import ScorecardError
from orchestration import output
from orchestration.period import find_period
from orchestration.published import rows
from orchestration.scorecard_view import STATUS, node_name, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb
    from rich.console import Console
    from rich.table import Table

    from models.config import Config
    from orchestration.period import Period

BEHIND = """
with contribution as ({sql}),
today as (
    select period_end as date_day from dim_period
    where period_type = 'month_to_date' and is_current
),
recorded as (
    select coalesce(first_day, $start) as first_day from kpi_readiness where kpi_id = $kpi
)
select contribution.* from contribution
join organization_closure as closure on closure.descendant_id = contribution.node_id
cross join today
cross join recorded
where closure.ancestor_id = $node
    and contribution.date_day between greatest($start, recorded.first_day)
        and least($end, today.date_day)
"""
"""Contribution rows of a KPI at a node, with all that lies below it, in a period until today; none
from before all that the KPI needs was recorded."""
LABEL_WIDTH = 12


@dataclass(frozen=True)
class Where:
    """A node, with all that lies below it, and a period."""

    node: str
    when: Period

    @property
    def parameters(self) -> dict[str, Any]:
        """For BEHIND."""
        return {"node": self.node, "start": self.when.start, "end": self.when.end}


def explain_kpi(
    config: Config, kpi: str, node: str | None, period: str | None, sample: int
) -> None:
    """Print where the value of `kpi` at `node` in `period` comes from.

    `sample` is how many of the rows behind it are shown per fact table.

    Raises `ScorecardError` that lists what exists if there is no such KPI, node or period.
    """
    node = node or config.enterprise.code
    with connect(config) as connection:
        definition = definition_of(connection, kpi)
        name = node_name(connection, node)
        when = find_period(connection, period, node)
        value = value_of(connection, kpi, Where(node, when))
        console = output.console()
        console.print(
            f"\n[bold]{escape(definition['kpi_name'])}[/]  {escape(name)}, {when.label}"
            f"{' [yellow](provisional)[/]' if when.is_provisional else ''}\n"
        )
        _print_value(console, definition, value)
        if definition["derived_from"]:
            _print_components(console, connection, definition, Where(node, when))
        else:
            _print_rows(console, connection, definition, Where(node, when), sample)


def definition_of(connection: duckdb.DuckDBPyConnection, kpi: str) -> dict[str, Any]:
    """Row of dim_kpi. Raises `ScorecardError` that lists the KPIs if there is no such one."""
    found = rows(connection, "select * from dim_kpi where kpi_id = $kpi", {"kpi": kpi})
    if not found:
        known = rows(connection, "select kpi_id from dim_kpi order by kpi_id")
        names = ", ".join(row["kpi_id"] for row in known)
        raise ScorecardError(f"There is no KPI {kpi!r}.", f"There are: {names}.")
    return found[0]


def value_of(connection: duckdb.DuckDBPyConnection, kpi: str, where: Where) -> dict[str, Any]:
    """Row of kpi_value. Raises `ScorecardError` if there is no data."""
    found = rows(
        connection,
        """
        select * from kpi_value
        where kpi_id = $kpi and node_id = $node
            and period_type = $type and period_start = $start and period_end = $end
        """,
        {"kpi": kpi, "type": where.when.type, **where.parameters},
    )
    if not found:
        raise ScorecardError(
            f"{kpi} has no data for {where.node} in {where.when.label}.",
            "`scorecard show` says what it lacks, or name another period.",
        )
    return found[0]


def _print_value(console: Console, definition: Mapping[str, Any], value: Mapping[str, Any]) -> None:
    unit, decimals = definition["unit"], definition["decimals"]
    shown = f"[bold]{quantity(value['value'], decimals)}[/] {escape(unit)}"
    facts = {"value": shown}
    if value["numerator"] is not None:
        divisor = f"{value['denominator']:,.2f}"
        if definition["denominator_offset"]:
            divisor = f"({divisor} + {definition['denominator_offset']:g})"
        facts["computed"] = (
            f"{definition['scale']:g} * {value['numerator']:,.2f} / {divisor} = {value['value']!r}"
        )
        facts["numerator"] = escape(definition["numerator"])
        facts["denominator"] = escape(definition["denominator"])
    if value["target"] is not None:
        target, red_flag = (quantity(value[name], decimals) for name in ("target", "red_flag"))
        facts["target"] = f"{target}, red flag {red_flag}"
    facts["status"] = STATUS[value["status"]] + (
        f", score {value['score']:.1f} of 10" if value["score"] is not None else ""
    )
    facts["complete"] = f"{value['completeness']:.1%} of what it needs was there"
    facts["formula"] = escape(definition["formula"])
    facts["definition"] = f"version {definition['version']}, {escape(definition['standard'])}"
    facts["owner"] = escape(definition["owner"])
    for label, fact in facts.items():
        console.print(f"  [dim]{label:<{LABEL_WIDTH}}[/]{fact}")


def _print_components(
    console: Console,
    connection: duckdb.DuckDBPyConnection,
    definition: Mapping[str, Any],
    where: Where,
) -> None:
    components = definition["derived_from"].split(", ")
    table = []
    for component in components:
        part = definition_of(connection, component)
        value = value_of(connection, component, where)["value"]
        table.append((component, part["kpi_name"], quantity(value, part["decimals"]), part["unit"]))
    console.print("\nComputed from these KPIs; each can be explained in turn:")
    console.print(output.grid(["kpi", "name", "value", "unit"], table))


def _print_rows(
    console: Console,
    connection: duckdb.DuckDBPyConnection,
    definition: Mapping[str, Any],
    where: Where,
    sample: int,
) -> None:
    sql = definition["contribution_sql"]
    behind = BEHIND.format(sql=sql)
    parameters = {"kpi": definition["kpi_id"], **where.parameters}
    console.print("\n[bold]Rows behind it[/]")
    console.print(
        _grid(
            connection,
            f"""
            select fact as "fact table", source_system as source, count(*) as rows,
                count(distinct batch_id) as batches,
                sum(numerator) as numerator, sum(denominator) as denominator
            from ({behind}) as behind group by all order by fact, source_system
            """,
            parameters,
        )
    )
    console.print(f"[bold]The largest {sample} of each fact table[/]")
    console.print(
        _grid(
            connection,
            f"""
            select fact as "fact table", source_system as source, source_pk as "source key",
                node_id as node, date_day as day, numerator, denominator, batch_id as batch
            from ({behind}) as behind
            qualify row_number() over (
                partition by fact order by abs(numerator) + abs(denominator) desc, source_pk
            ) <= {sample:d}
            order by fact, abs(numerator) + abs(denominator) desc, source_pk
            """,
            parameters,
        )
    )
    console.print("[bold]SQL, on the published tables[/]")
    console.print(f"[dim]{escape(sql.strip())}[/]", soft_wrap=True)


def _grid(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any]) -> Table:
    found = rows(connection, sql, parameters)
    columns = list(found[0]) if found else []
    return output.grid(columns, [[_readable(cell) for cell in row.values()] for row in found])


def _readable(cell: object) -> object:
    """Parts with at most six decimals: they carry twelve."""
    if isinstance(cell, float | Decimal):
        return f"{cell:,.6f}".rstrip("0").rstrip(".")
    return cell
