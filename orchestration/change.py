"""What `scorecard explain --against` prints: what moved a KPI between two periods.

Belongs here: which rows are grouped by what, and how the parts are shown. Does not belong here: the
arithmetic (`orchestration.attribution`) and where a single value comes from
(`orchestration.explanation`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isclose, prod
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from exports import connect
from models.errors import ScorecardError
from orchestration import output
from orchestration.attribution import Effect, Part, by_component, by_ratio, by_share
from orchestration.explanation import Where, behind, components_of, definition_of, value_of
from orchestration.period import Period, find_period
from orchestration.published import rows
from orchestration.scorecard_view import node_name, quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

    from models.config import Config
    from orchestration.attribution import Parts

NODE, CAUSE, COMPONENT = "node", "cause", "component"
GROUPS = {
    NODE: "coalesce(child.node_id, behind.node_id)",
    "item": "item_code",
    CAUSE: "cause",
    "customer": "customer_code",
    "supplier": "supplier_code",
    "shift": "(select shift_code from dim_shift where dim_shift.shift_id = behind.shift_id)",
}
"""What a change can be attributed to, and the group of a contribution row in it."""
NAMES = {
    NODE: "select node_id as code, node_name as name from dim_organization",
    "item": "select item_code as code, item_name as name from dim_item",
    CAUSE: "select reason_code as code, reason_name as name from dim_reason",
    "customer": "select customer_code as code, customer_name as name from dim_customer",
    "supplier": "select supplier_code as code, supplier_name as name from dim_supplier",
    COMPONENT: "select kpi_id as code, kpi_name as name from dim_kpi",
}
GROUPED = """
select coalesce({group}, '') as code, sum(numerator) as numerator, sum(denominator) as denominator,
    count(distinct date_day) as days
from ({behind}) as behind
left join (
    select closure.descendant_id, child.node_id
    from dim_organization as child
    join organization_closure as closure on closure.ancestor_id = child.node_id
    where child.parent_id = $node
) as child on child.descendant_id = behind.node_id
group by 1
"""
TAKEN_OVER = """
select kpi_id, version, valid_from from dim_kpi_version
where valid_from > $start and valid_from <= $end
    and (kpi_id = $kpi or kpi_id in (select component_id from kpi_component where kpi_id = $kpi))
order by kpi_id, version
"""
"""Versions of a KPI's formula, or of those it is derived from, that begin between two days."""
SHOWN = 12
"""Parts that people see; JSON and CSV have all."""
UNNAMED = {
    NODE: "at the node itself",
    CAUSE: "no reason given",
    COMPONENT: "its formula changed",
}
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Comparison:
    """One KPI at one node in two periods."""

    definition: dict[str, Any]
    before: Where
    after: Where
    old: float
    new: float
    versions: tuple[int, int]
    """Versions of the formula that the two values were computed with."""

    @property
    def scale(self) -> Fraction:
        """Factor of the KPI's value, exactly as written in its definition."""
        return Fraction(str(self.definition["scale"]))


def explain_change(  # noqa: PLR0913 - the command's options
    config: Config,
    kpi: str,
    node: str | None,
    period: str | None,
    *,
    against: str,
    by: str | None,
    form: output.Form,
) -> None:
    """Print what moved `kpi` at `node` from the period `against` to `period`.

    `against` is `previous`, `year` (the same days a year ago) or a period; `by` is one of GROUPS or
    COMPONENT. Without it, people see nodes and causes, programs nodes.

    Raises `ScorecardError` for a KPI that is no sum, ratio of sums or derived from such, and where
    one of the periods has no value.
    """
    node = node or config.enterprise.code
    with connect(config) as connection:
        comparison = compare(connection, kpi, node, period, against)
        wanted = [by] if by else _by_default(comparison, form)
        found = {one: attributed(connection, comparison, one) for one in wanted}
        if form != "table":
            columns = [wanted[0], "name", "before", "after", "effect", "rate", "mix"]
            output.table(columns, found[wanted[0]], form)
            return
        _print(connection, comparison, found)


def compare(
    connection: duckdb.DuckDBPyConnection, kpi: str, node: str, period: str | None, against: str
) -> Comparison:
    """Values of a KPI at a node in `period` and in the one `against` which it is held.

    Raises `ScorecardError` as `explain_change` does.
    """
    definition = definition_of(connection, kpi)
    if definition["rollup"] not in {"additive", "ratio", "stock", "derived"}:
        raise ScorecardError(
            f"{kpi} is not made of sums, so its change has no parts that add up.",
            "`scorecard explain` without --against shows what is behind each of the two values.",
        )
    after = Where(node, find_period(connection, period, node))
    before = Where(node, _earlier(connection, after.when, node, against))
    old, new = (value_of(connection, kpi, where) for where in (before, after))
    versions = old["kpi_version"], new["kpi_version"]
    return Comparison(definition, before, after, old["value"], new["value"], versions)


def _earlier(
    connection: duckdb.DuckDBPyConnection, when: Period, node: str, against: str
) -> Period:
    prefix = {"previous": "previous", "year": "year_ago"}.get(against)
    if prefix is None:
        return find_period(connection, against, node)
    (found,) = rows(
        connection,
        f"""
        select other.period_type as type, other.period_start as start, other.period_end as end,
            other.label, other.is_provisional
        from dim_period as this
        left join dim_period as other
            on other.period_type = this.{prefix}_type and other.period_start = this.{prefix}_start
            and other.period_end = this.{prefix}_end
        where this.period_type = $type and this.period_start = $start and this.period_end = $end
        """,
        {"type": when.type, "start": when.start, "end": when.end},
    )
    if found["type"] is None:
        raise ScorecardError(
            f"There is no period to compare {when.label} with.", "Name one with --against."
        )
    # Of an open period the same days are compared, which have the label of a period to date.
    label = f"{found['start']} to {found['end']}"
    if when.shift_code is not None:
        label = f"{found['start']}/{when.shift_code}"
    return Period(**found | {"label": label, "shift_code": when.shift_code})


def _by_default(comparison: Comparison, form: output.Form) -> list[str]:
    if comparison.definition["rollup"] == "derived":
        return [COMPONENT]
    return [NODE, CAUSE] if form == "table" and comparison.definition["loss_sql"] else [NODE]


def attributed(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, by: str
) -> list[tuple[Any, ...]]:
    """Rows (code, name, before, after, effect, rate, mix), the largest effect first.

    Effects are in the KPI's unit and add up to its change; `before` and `after` are the group's own
    ratio, or its share of the whole where the denominator is not split.
    """
    derived = comparison.definition["rollup"] == "derived"
    if derived != (by == COMPONENT):
        raise ScorecardError(
            f"{comparison.definition['kpi_id']} cannot be attributed by {by}.",
            f"It can by {COMPONENT}; each component can then be explained in turn."
            if derived
            else f"It can by {', '.join(GROUPS)}.",
        )
    effects, own = (_components if derived else _groups)(connection, comparison, by)
    total = float(sum(effect.total for effect in effects))
    change = comparison.new - comparison.old
    if not isclose(total, change, rel_tol=TOLERANCE, abs_tol=TOLERANCE * abs(comparison.new or 1)):
        raise ScorecardError(
            f"The parts by {by} add up to {total}, but the value changed by {change}.",
            "The published tables do not fit each other: run `scorecard run --full`.",
        )
    names = {row["code"]: row["name"] for row in rows(connection, NAMES[by])} if by in NAMES else {}
    return [
        (
            effect.group,
            names.get(effect.group) or ("" if effect.group else UNNAMED.get(by, f"no {by}")),
            *own(effect.group),
            float(effect.total),
            float(effect.rate),
            float(effect.mix),
        )
        for effect in sorted(effects, key=lambda effect: (-abs(effect.total), effect.group))
        if effect.total or effect.group
    ]


def _components(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, _: str
) -> tuple[list[Effect], Any]:
    kpi = comparison.definition
    former, formula = (
        components_of(connection, kpi["kpi_id"], version) for version in comparison.versions
    )

    def values(parts: Iterable[str], at: Where) -> dict[str, Fraction]:
        return {part: Fraction(value_of(connection, part, at)["value"]) for part in parts}

    def computed(of: Mapping[str, Fraction], factors: Mapping[str, Fraction]) -> Fraction:
        terms = [factors[part] * of[part] for part in of]
        product = kpi["derived_as"] == "product"
        return comparison.scale * (prod(terms, start=Fraction(1)) if product else sum(terms))

    before, after = (values(formula, at) for at in (comparison.before, comparison.after))
    effects = by_component(before, after, lambda of: computed(of, formula))
    if formula != former:
        # What the new formula makes of the period before; the rest is that of its components.
        anew = computed(before, formula) - computed(values(former, comparison.before), former)
        effects.append(Effect("", anew, anew, Fraction(0)))

    def own(part: str) -> tuple[float | None, float | None]:
        return (float(before[part]), float(after[part])) if part else (None, None)

    return effects, own


def _groups(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, by: str
) -> tuple[list[Effect], Any]:
    kpi, scale = comparison.definition, comparison.scale
    losing = by == CAUSE and kpi["loss_sql"]
    sql = kpi["loss_sql"] if losing else kpi["contribution_sql"]
    group = GROUPS[by] if losing or by != CAUSE else "reason_code"
    before, after = (
        _parts(connection, kpi, where, sql=sql, group=group)
        for where in (comparison.before, comparison.after)
    )
    if losing:
        scale = -scale
    named = [part for parts in (before, after) for code, part in parts.items() if code]
    split = kpi["rollup"] == "ratio" and not losing and any(part.denominator for part in named)

    def ratio(parts: Parts, code: str) -> float | None:
        part = parts.get(code, Part())
        below = part.denominator if split else sum(p.denominator for p in parts.values())
        return float(abs(scale) * part.numerator / below) if below else None

    def own(code: str) -> tuple[float | None, float | None]:
        return ratio(before, code), ratio(after, code)

    return (by_ratio if split else by_share)(before, after, scale), own


def _parts(
    connection: duckdb.DuckDBPyConnection,
    kpi: Mapping[str, Any],
    where: Where,
    *,
    sql: str,
    group: str,
) -> Parts:
    grouped = GROUPED.format(group=group, behind=behind(kpi, where, sql))
    found = rows(connection, grouped, {"kpi": kpi["kpi_id"], **where.parameters})
    parts = {
        row["code"]: Part(
            Fraction(row["numerator"] or 0),
            Fraction(row["denominator"] or 0) if kpi["rollup"] == "ratio" else Fraction(0),
        )
        for row in found
    }
    whole = {"additive": 1, "stock": _days(connection, kpi, where), "ratio": 0}[kpi["rollup"]]
    own = parts.get("", Part())
    rest = own.denominator + whole + Fraction(str(kpi["denominator_offset"] or 0))
    return parts | {"": Part(own.numerator, rest)}


def _days(connection: duckdb.DuckDBPyConnection, kpi: Mapping[str, Any], where: Where) -> int:
    """Days with any balance at the node: what a stock is averaged over."""
    if kpi["rollup"] != "stock":
        return 0
    (found,) = rows(
        connection,
        f"select count(distinct date_day) as days from ({behind(kpi, where)})",
        {"kpi": kpi["kpi_id"], **where.parameters},
    )
    return int(found["days"])


def _print(
    connection: duckdb.DuckDBPyConnection,
    comparison: Comparison,
    found: Mapping[str, list[tuple[Any, ...]]],
) -> None:
    kpi = comparison.definition
    unit, decimals = kpi["unit"], kpi["decimals"]
    console = output.console()
    console.print(
        f"\n[bold]{escape(kpi['kpi_name'])}[/]  "
        f"{escape(node_name(connection, comparison.after.node))}, "
        f"{comparison.before.when.label} -> {comparison.after.when.label}\n\n"
        f"  {quantity(comparison.old, decimals)} -> [bold]{quantity(comparison.new, decimals)}[/] "
        f"{escape(unit)}, a change of {_signed(comparison.new - comparison.old, decimals)}\n"
    )
    for version in rows(
        connection,
        TAKEN_OVER,
        {
            "kpi": kpi["kpi_id"],
            "start": min(comparison.before.when.start, comparison.after.when.start),
            "end": max(comparison.before.when.end, comparison.after.when.end),
        },
    ):
        console.print(
            f"[yellow]Version {version['version']} of {version['kpi_id']} counts from "
            f"{version['valid_from']} on: a part of the change may be that of the formula.[/]\n"
        )
    for by, parts in found.items():
        with_mix = any(mix for *_, mix in parts)
        columns = [by, "name", "before", "after", "effect", *(["rate", "mix"] if with_mix else [])]
        shown = [
            (
                code,
                name,
                quantity(before, decimals),
                quantity(after, decimals),
                *(_signed(e, decimals + 1) for e in (effects if with_mix else effects[:1])),
            )
            for code, name, before, after, *effects in parts[:SHOWN]
        ]
        if rest := parts[SHOWN:]:
            sums = [sum(row[i] for row in rest) for i in ((4, 5, 6) if with_mix else (4,))]
            others = (_signed(s, decimals + 1) for s in sums)
            shown.append(("...", f"{len(rest)} others", "", "", *others))
        sums = [sum(row[i] for row in parts) for i in ((4, 5, 6) if with_mix else (4,))]
        shown.append(("", "sum", "", "", *(_signed(s, decimals + 1) for s in sums)))
        console.print(f"[bold]By {by}[/]")
        console.print(output.grid(columns, shown))
    if any(mix for parts in found.values() for *_, mix in parts):
        console.print("rate: it did better or worse. mix: it weighed more or less in the whole.")


def _signed(value: float, decimals: int) -> str:
    return f"{value:+,.{decimals}f}"
