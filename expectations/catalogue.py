"""Every check there is: computed from the canonical contract and the KPIs, or a rule (`rules`).

Thresholds that an enterprise may set stand in `scorecard.yml`; the catalogue only
asks for them. `docs/audit.md` tells an auditor how to read it.

Does not belong here: running anything. Listing the catalogue reads no data and imports nothing
slow, so that an orchestrator may show all checks before they run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.check import AtLeast, Check, FewRows, NotNull, OneOf, Youngest
from expectations.results import Category, Severity
from expectations.rules import rules
from models.contract import LINEAGE, canonical_tables
from models.strategy import strategy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from expectations.check import Rule
    from models.config import Config, Source
    from models.contract import CanonicalTable, Column


def catalogue(config: Config) -> tuple[Check, ...]:
    """All checks of an enterprise, in the order of the flow: landing, canonical, star, marts."""
    return (
        *(check for source in config.sources for check in _landing(source)),
        *(check for table in canonical_tables().values() for check in _contract(table)),
        *(check for source in config.sources for check in _local_times(config, source)),
        _unmapped(),
        *rules(config),
        *_marts(),
    )


def landing_relation(source: str) -> str:
    """Name of the relation that the checks of a source's landing read."""
    return f"landing_{source}"


def _landing(source: Source) -> Iterator[Check]:
    def violating(condition: str) -> str:
        return (
            "select source_name as source_system, table_name as source_pk "
            f"from {{batch}} where {condition}"
        )

    def landing(
        name: str, category: Category, description: str, rule: Rule | None, **kwargs: Severity
    ) -> Check:
        return Check(
            id=f"landing__{source.name}__{name}",
            description=description,
            category=category,
            table=landing_relation(source.name),
            column="age_hours" if name == "fresh" else None,
            rule=rule,
            **kwargs,
        )

    # A row in quarantine is part of the source's total only.
    complete = "control_column is not null and source_rows = landed_rows"
    yield landing(
        "fresh",
        Category.FRESHNESS,
        f"The newest batch of {source.name} is no older than freshness_hours",
        Youngest(source.freshness_hours) if source.freshness_hours else None,
    )
    yield landing(
        "row_count",
        Category.CONTROL_TOTAL,
        f"Each table of {source.name} has as many rows in the landing as in the source at the "
        "same instant, but for rows in quarantine",
        FewRows(
            violations=violating("source_rows - landed_rows not between 0 and quarantined"),
            population="select 1 from {batch} where source_rows is not null",
        ),
    )
    yield landing(
        "control_total",
        Category.CONTROL_TOTAL,
        f"The control total of each table of {source.name} is the same in source and landing",
        FewRows(
            violations=violating(
                f"{complete} and source_control_total is distinct from landed_control_total"
            ),
            population=f"select 1 from {{batch}} where {complete}",
        ),
    )
    yield landing(
        "base_count",
        Category.CONTROL_TOTAL,
        f"Each table of {source.name} has as many rows in the warehouse as in the landing",
        FewRows(
            violations=violating("landed_rows <> live_rows"),
            population="select 1 from {batch} where landed_rows is not null",
        ),
    )
    yield landing(
        "quarantine",
        Category.QUARANTINE,
        f"No row of {source.name} is in quarantine",
        FewRows(
            violations=violating("quarantined > 0 and source_rows is distinct from landed_rows"),
            population="select 1 from {batch} where table_name is not null",
        ),
        severity=Severity.WARNING,
    )


def _contract(table: CanonicalTable) -> Iterator[Check]:
    """Checks that follow from the definition of a canonical table."""
    key = table.key if table.conformed else ("source_system", *table.key)
    columns = ", ".join(key)
    yield Check(
        id=f"{table.name}__key_unique",
        description=f"No two rows share {columns}",
        category=Category.KEY,
        table=table.name,
        rule=FewRows(
            violations=f"select source_system, source_pk from {{batch}} where ({columns}) in "
            f"(select ({columns}) from {{batch}} group by {columns} having count(*) > 1)"
        ),
    )
    if table.mandatory:
        yield Check(
            id=f"{table.name}__filled",
            description=f"{table.name} is mandatory and has rows",
            category=Category.COMPLETENESS,
            table=table.name,
            severity=Severity.WARNING,
            rule=FewRows(
                violations="select null as source_system, null as source_pk "
                "where not exists (select 1 from {batch})",
                population="select 1",
            ),
        )
    for name, column in {**table.columns, **LINEAGE}.items():
        yield from _column(table, name, column)


def _column(table: CanonicalTable, name: str, column: Column) -> Iterator[Check]:
    def check(suffix: str, category: Category, description: str, rule: Rule) -> Check:
        return Check(
            id=f"{table.name}__{name}__{suffix}",
            description=description,
            category=category,
            table=table.name,
            column=name,
            rule=rule,
        )

    if column.required:
        yield check("required", Category.REQUIRED, f"{name} is filled", NotNull())
    if column.values:
        allowed = ", ".join(column.values)
        yield check("values", Category.VALUES, f"{name} is one of {allowed}", OneOf(column.values))
    if column.form:
        yield check(
            "form",
            Category.VALUES,
            f"{name} is written like {column.example}",
            FewRows(
                violations="select source_system, source_pk from {batch} "
                f"where not regexp_full_match({name}, '{column.form}')",
                population=f"select 1 from {{batch}} where {name} is not null",
            ),
        )
    if column.min is not None:
        yield check(
            "min", Category.RANGE, f"{name} is at least {column.min:g}", AtLeast(column.min)
        )
    if column.references:
        (key,) = canonical_tables()[column.references].key
        yield check(
            "reference",
            Category.REFERENCE,
            f"{name} is in {column.references}",
            FewRows(
                violations=f"""
                    with child as (select * from {{batch}})
                    select child.source_system, child.source_pk
                    from child anti join {column.references} as parent
                        on parent.{key} = child.{name}
                    where child.{name} is not null""",
                population=f"select 1 from {{batch}} where {name} is not null",
            ),
        )


def _local_times(config: Config, source: Source) -> Iterator[Check]:
    """What a clock that is put forward or back makes of times without an offset.

    The warehouse takes a time that never was for one an hour later, and of two that look the same
    the second. Failing rows are named by the time itself.
    """
    zone = source.time_zone or config.enterprise.time_zone
    for table, columns in source.local_times.items():
        base = f"base_{source.system}__{table}"
        for column in columns:
            local = f"try_cast({column} as timestamp)"
            utc = f"timezone('{zone}', {local})"
            rows = f"from {{batch}} where _source = '{source.name}' and _op <> 'delete'"
            for name, words, condition, severity in (
                (
                    "never",
                    f"No {column} is a time that the clock of {zone} skips",
                    f"timezone('{zone}', {utc}) <> {local}",
                    Severity.BLOCKING,
                ),
                (
                    "twice",
                    f"No {column} is a time that the clock of {zone} shows twice",
                    f"timezone('{zone}', {utc} - interval 1 hour) = {local}",
                    Severity.WARNING,
                ),
            ):
                yield Check(
                    id=f"{base}__{column}__{source.name}__{name}",
                    description=words,
                    category=Category.CLOCK,
                    table=base,
                    column=column,
                    rule=FewRows(
                        violations="select _source as source_system, "
                        f"cast({column} as varchar) as source_pk {rows} and {condition}",
                        population=f"select 1 {rows} and {local} is not null",
                    ),
                    severity=severity,
                )


def _unmapped() -> Check:
    unmapped = "select distinct source_system, source_pk from {batch} where reason = 'unmapped'"
    return Check(
        id="unmapped_code__none",
        description="R6: every code, unit and currency could be mapped; what could not is left out",
        category=Category.QUARANTINE,
        table="unmapped_code",
        severity=Severity.WARNING,
        rule=FewRows(
            violations=unmapped,
            population=" union all ".join(
                [f"select 1 from {name}" for name in canonical_tables()]
                + [f"select 1 from ({unmapped})"]
            ),
        ),
    )


def _marts() -> Iterator[Check]:
    value_key = "kpi_id, node_id, period_type, period_start, period_end, shift_code"
    failing = f"select null as source_system, concat_ws(' ', {value_key}) as source_pk"
    yield Check(
        id="kpi_value__key_unique",
        description="One value per KPI, node, period and shift",
        category=Category.MART,
        table="kpi_value",
        rule=FewRows(
            violations=f"{failing} from {{batch}} group by {value_key} having count(*) > 1"
        ),
    )
    sums = """
        with of_parts as (
            select part.kpi_id, closure.ancestor_id as node_id,
                day.month_start as period_start,
                sum(part.numerator) as numerator, sum(part.denominator) as denominator
            from (from kpi_part union all by name from kpi_segment_part) as part
            inner join node_closure as closure on closure.descendant_id = part.node_id
            inner join dim_date as day on day.date_day = part.date_day
            group by all
        ),
        stated as (
            select stated.*, kpi.rollup
            from (select * from {batch}) as stated
            inner join dim_kpi as kpi using (kpi_id)
            where kpi.rollup in ('additive', 'ratio') and stated.period_type = 'month'
        )"""
    yield Check(
        id="kpi_value__rolls_up",
        description="Numerator and denominator of every node are the sums of all parts below it, "
        "month by month",
        category=Category.MART,
        table="kpi_value",
        rule=FewRows(
            violations=f"""{sums}
                {failing}
                from stated left join of_parts using (kpi_id, node_id, period_start)
                where stated.numerator is distinct from of_parts.numerator
                    or (rollup = 'ratio'
                        and stated.denominator is distinct from of_parts.denominator)""",
            population=f"{sums} select 1 from stated",
        ),
    )
    for kpi in strategy().kpis:
        low, high = kpi.plausible_min, kpi.plausible_max
        if low is None and high is None:
            continue
        bounds = [
            *([] if low is None else [f"at least {low:g}"]),
            *([] if high is None else [f"at most {high:g}"]),
        ]
        conditions = [
            *([] if low is None else [f"value < {low}"]),
            *([] if high is None else [f"value > {high}"]),
        ]
        months = f"from {{batch}} where kpi_id = '{kpi.id}' and period_type = 'month'"
        yield Check(
            id=f"kpi_value__{kpi.id}__plausible",
            description=f"{kpi.name} of a month is {' and '.join(bounds)} {kpi.unit}",
            category=Category.PLAUSIBILITY,
            table="kpi_value",
            column="value",
            severity=Severity.WARNING,
            rule=FewRows(
                violations=f"{failing} {months} and ({' or '.join(conditions)})",
                population=f"select 1 {months}",
            ),
        )
