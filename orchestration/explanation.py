"""What `scorecard explain` prints: how a KPI's value came about, down to the source rows.

Belongs here: the queries for it and how they are shown. Everything comes from the connection,
whose `dim_kpi.contribution_sql` is the very SQL that the value was computed with. Does not belong
here: computing a value anew in any other way.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from exports import connect
from models.errors import ScorecardError
from models.strategy import SEGMENT_CONTEXT, WITH_BOOKS
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
    select place.node_id, coalesce(readiness.first_day, $start) as first_day
    from dim_organization as place
    join kpi_readiness as readiness on readiness.node_id = place.site_id
        or (place.site_id is null and readiness.node_level = 'enterprise')
    where readiness.kpi_id = $kpi and readiness.missing is null
)
select contribution.* from contribution
{place}
cross join today
join recorded
    on recorded.node_id = coalesce(contribution.eliminated_node_id, contribution.node_id)
where {here}
    and {then}
    and ($shift is null or contribution.shift_id in (
        select shift_id from dim_shift where shift_code = $shift
    ))
"""
HAPPENED = """
contribution.date_day between greatest($start, recorded.first_day) and least($end, today.date_day)
"""
HELD = """
contribution.date_day <= least($end, today.date_day)
and coalesce(contribution.valid_to, date '9999-12-31') >= $start
"""
"""A row of a set holds for days, and counts in every period in which it does, or did on the eve."""
VERSIONS = """
select version.version, min(date_day) as "first day", max(date_day) as "last day", count(*) as rows,
    sum(behind.numerator) as numerator, sum(behind.denominator) as denominator, version.formula
from ({behind}) as behind
join dim_kpi_version as version
    on version.kpi_id = $kpi
    and behind.date_day >= coalesce(version.valid_from, behind.date_day)
    and behind.date_day < version.valid_to
group by version.version, version.formula
"""
LABEL_WIDTH = 12
MEMBERS = {
    "set": (
        """
        select member,
            coalesce(bool_or(denominator > 0 and date_day <= base_day and until > base_day), false)
                as "in the base",
            coalesce(bool_or(numerator > 0 and date_day <= last_day and until > last_day), false)
                as "on the last day"
        from (
            select *, coalesce(valid_to, date '9999-12-31') as until,
                case $base when 'start' then cast($start as date) - 1 else last_day end as base_day
            from ({behind})
            cross join (
                select least($end, period_end) as last_day from dim_period
                where period_type = 'month_to_date' and is_current
            )
        )
        group by member having "in the base"
        """,
        '"on the last day", member',
        "Members of the base, those that do not count first",
    ),
    "product": (
        """
        select member, sum(numerator) as numerator, sum(denominator) as denominator,
            cast(sum(numerator) as double) / cast(sum(denominator) as double) as ratio
        from ({behind}) group by member having sum(denominator) <> 0
        """,
        "ratio, member",
        "Members whose ratios are multiplied, the worst first",
    ),
    "none": (
        """
        select member, count(*) as observations, min(numerator) as smallest,
            cast(avg(numerator) as double) as mean, max(numerator) as largest, max(lsl) as lsl,
            min(usl) as usl
        from ({behind}) group by member
        """,
        "observations desc, member",
        "What was observed of each member",
    ),
}
"""Roll-up class -> what each member of a KPI that is no sum adds to its value, how its members are
ordered, and what they are called."""


@dataclass(frozen=True)
class Where:
    """A node, with all that lies below it, and a period."""

    node: str
    when: Period

    @property
    def parameters(self) -> dict[str, Any]:
        """For `behind`."""
        return {
            "node": self.node,
            "start": self.when.start,
            "end": self.when.end,
            "shift": self.when.shift_code,
        }


def behind(definition: Mapping[str, Any], where: Where, sql: str | None = None) -> str:
    """SQL of the contribution rows behind a value.

    They are those at a node and all that lies below it, or of a segment, in a period or shift until
    today; none of a site that does not record all that the KPI needs, or did not yet. `sql` stands
    for other rows than the KPI's, such as its losses. Parameters: those of `where`, and the KPI as
    `kpi`.
    """
    segment, is_segment, _ = where.node.partition(":")
    if is_segment:
        columns = SEGMENT_CONTEXT[segment]  # type: ignore[index]  # as in dim_node
        place = "\n".join(
            f"left join segment_member as by_{column} on by_{column}.segment = '{segment}' "
            f"and by_{column}.context_column = '{column}' "
            f"and by_{column}.code = contribution.{column}"
            for column in columns
        )
        here = f"coalesce({', '.join(f'by_{column}.node_id' for column in columns)}) = $node"
        if segment in WITH_BOOKS:
            here += " and contribution.eliminated_node_id is null"
    else:
        place = (
            "join organization_closure as closure on closure.descendant_id = contribution.node_id"
        )
        here = "closure.ancestor_id = $node"
    return BEHIND.format(
        sql=sql or definition["contribution_sql"],
        place=place,
        here=here,
        then=HELD if definition["rollup"] == "set" else HAPPENED,
    )


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
        definition |= version_of(connection, kpi, value["kpi_version"])
        console = output.console()
        console.print(
            f"\n[bold]{escape(definition['kpi_name'])}[/]  {escape(name)}, {when.label}"
            f"{' [yellow](provisional)[/]' if when.is_provisional else ''}\n"
        )
        _print_value(console, definition, value)
        if definition["derived_from"]:
            _print_components(console, connection, definition, Where(node, when))
        else:
            _print_versions(console, connection, definition, Where(node, when))
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
    cell = {"kpi": kpi, "type": where.when.type, **where.parameters}
    found = rows(
        connection,
        """
        select * from kpi_value
        where kpi_id = $kpi and node_id = $node
            and period_type = $type and period_start = $start and period_end = $end
            and shift_code is not distinct from $shift
        """,
        cell,
    )
    if not found:
        why = rows(
            connection,
            """
            select no_data_reason from scorecard
            where kpi_id = $kpi and node_id = $node
                and period_type = $type and period_start = $start and period_end = $end
                and $shift is null
            """,
            cell,
        )
        reason = f": {why[0]['no_data_reason']}" if why else ""
        raise ScorecardError(
            f"{kpi} has no data for {where.node} in {where.when.label}{reason}.",
            "`scorecard show` says what has data, or name another period.",
        )
    return found[0]


def version_of(connection: duckdb.DuckDBPyConnection, kpi: str, version: int) -> dict[str, Any]:
    """Row of dim_kpi_version: the words of a version and since when it counts."""
    (found,) = rows(
        connection,
        "select * from dim_kpi_version where kpi_id = $kpi and version = $version",
        {"kpi": kpi, "version": version},
    )
    return found


def components_of(
    connection: duckdb.DuckDBPyConnection, kpi: str, version: int
) -> dict[str, Fraction]:
    """What a version of a derived KPI is computed from, by name, and the factor of each."""
    found = rows(
        connection,
        """
        select component_id, factor from kpi_component
        where kpi_id = $kpi and version = $version order by component_id
        """,
        {"kpi": kpi, "version": version},
    )
    return {row["component_id"]: Fraction(str(row["factor"])) for row in found}


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
    since = f" since {definition['valid_from']}" if definition["valid_from"] else ""
    facts["definition"] = (
        f"version {definition['version']}{since}, {escape(definition['standard'])}"
    )
    facts["owner"] = escape(definition["owner"])
    for label, fact in facts.items():
        console.print(f"  [dim]{label:<{LABEL_WIDTH}}[/]{fact}")


def _print_components(
    console: Console,
    connection: duckdb.DuckDBPyConnection,
    definition: Mapping[str, Any],
    where: Where,
) -> None:
    table = []
    for component in components_of(connection, definition["kpi_id"], definition["version"]):
        part = definition_of(connection, component)
        value = value_of(connection, component, where)
        shown = quantity(value["value"], part["decimals"])
        table.append((component, part["kpi_name"], shown, part["unit"], value["kpi_version"]))
    console.print("\nComputed from these KPIs; each can be explained in turn:")
    console.print(output.grid(["kpi", "name", "value", "unit", "version"], table))


def _print_versions(
    console: Console,
    connection: duckdb.DuckDBPyConnection,
    definition: Mapping[str, Any],
    where: Where,
) -> None:
    """What each version of the formula adds to the value, where more than one does."""
    if definition["valid_from"] is None:  # the oldest one counts the last day, and so all days
        return
    found = VERSIONS.format(behind=behind(definition, where))
    parameters = {"kpi": definition["kpi_id"], **where.parameters}
    (versions,) = rows(connection, f"select count(*) as number from ({found})", parameters)
    if versions["number"] > 1:
        console.print(
            "\n[bold]Versions of its formula[/], each on its days; the value is of their sums"
        )
        console.print(_grid(connection, f"{found} order by version", parameters))


def _print_rows(
    console: Console,
    connection: duckdb.DuckDBPyConnection,
    definition: Mapping[str, Any],
    where: Where,
    sample: int,
) -> None:
    found = behind(definition, where)
    parameters = {"kpi": definition["kpi_id"], **where.parameters}
    members = MEMBERS.get(definition["rollup"])
    if members:
        _print_members(console, connection, definition, found, parameters, sample)
    sums = "" if members else ", sum(numerator) as numerator, sum(denominator) as denominator"
    console.print("\n[bold]Rows behind it[/]")
    console.print(
        _grid(
            connection,
            f"""
            select fact as "fact table", source_system as source, count(*) as rows,
                count(distinct batch_id) as batches {sums}
            from ({found}) as behind group by all order by fact, source_system
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
            from ({found}) as behind
            qualify row_number() over (
                partition by fact order by abs(numerator) + abs(denominator) desc, source_pk
            ) <= {sample:d}
            order by fact, abs(numerator) + abs(denominator) desc, source_pk
            """,
            parameters,
        )
    )
    console.print("[bold]SQL, on the published tables[/]")
    console.print(f"[dim]{escape(definition['contribution_sql'].strip())}[/]", soft_wrap=True)


def _print_members(  # noqa: PLR0913, PLR0917 - what the rows behind a value are asked for
    console: Console,
    connection: duckdb.DuckDBPyConnection,
    definition: Mapping[str, Any],
    found: str,
    parameters: Mapping[str, Any],
    sample: int,
) -> None:
    sql, order, title = MEMBERS[definition["rollup"]]
    base = definition["set_base"]
    given = {**parameters, "base": base} if base else parameters
    members = sql.format(behind=found)
    (counted,) = rows(connection, f"select count(*) as members from ({members})", given)
    console.print(f"\n[bold]{title}[/] ({min(sample, counted['members'])} of {counted['members']})")
    console.print(
        _grid(connection, f"select * from ({members}) order by {order} limit {sample:d}", given)
    )


def _grid(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any]) -> Table:
    found = rows(connection, sql, parameters)
    columns = list(found[0]) if found else []
    return output.grid(columns, [[_readable(cell) for cell in row.values()] for row in found])


def _readable(cell: object) -> object:
    """Parts with at most six decimals: they carry twelve."""
    if isinstance(cell, float | Decimal):
        return f"{cell:,.6f}".rstrip("0").rstrip(".")
    return cell
