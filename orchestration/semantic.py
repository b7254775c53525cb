"""The KPIs as dbt semantic models and metrics, which MetricFlow (`mf query`) answers.

Belongs here: the text of `dbt_project/models/semantic/_semantic.yml`, computed from the KPI
definitions. Does not belong here: any other way to compute a KPI; a metric is the ratio of the
sums that `kpi_part` holds, as `kpi_value` is. Starting MetricFlow is `orchestration.metrics`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from models.strategy import NODE_LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.strategy import Kpi, Strategy

SUMS = {"additive": None, "ratio": "denominator", "stock": "days"}
"""Roll-up classes that are one sum over another: class and what its numerator is divided by."""


def semantic_kpis(strategy: Strategy) -> tuple[Kpi, ...]:
    """KPIs that can be asked for as metrics, components before what is derived from them.

    Sums and ratios of sums roll up over any nodes and days, and what is a weighted sum of such
    KPIs can be recomputed from them. Sets and what is not aggregable need more than sums. A metric
    would know neither of a convention of the enterprise that changes the sum itself nor of the day
    from which another formula derives a KPI.
    """
    sums = tuple(
        kpi
        for kpi in strategy.kpis
        if kpi.rollup in SUMS and not (kpi.counts_intervals or kpi.undefined_without_production)
    )
    known = {kpi.id for kpi in sums}
    return sums + tuple(
        kpi
        for kpi in strategy.kpis
        if kpi.rollup == "derived" and not kpi.former and known.issuperset(kpi.derived_from)
    )


def semantic_yml(strategy: Strategy, note: str) -> str:
    """Properties file: two semantic models (contributions, organization) and a metric per KPI."""
    levels = [level for level in NODE_LEVELS if level not in {"enterprise", "machine"}]
    lines = [
        f"# {note}",
        "version: 2",
        "semantic_models:",
        "  - name: kpi_part",
        '    description: "Numerator and denominator per KPI, node and day, as contributed there."',
        "    model: ref('kpi_part')",
        "    primary_entity: part",
        "    defaults: {agg_time_dimension: date_day}",
        "    entities:",
        "      - {name: node, type: foreign, expr: node_id}",
        "    dimensions:",
        "      - {name: date_day, type: time, type_params: {time_granularity: day}}",
        "      - {name: kpi_id, type: categorical}",
        "    measures:",
        "      - {name: numerator, agg: sum, create_metric: false}",
        "      - {name: denominator, agg: sum, create_metric: false}",
        "      - {name: days, agg: count_distinct, expr: date_day, create_metric: false}",
        "  - name: organization",
        '    description: "The nodes, and the site, area and line that each belongs to."',
        "    model: ref('dim_organization')",
        "    entities:",
        "      - {name: node, type: primary, expr: node_id}",
        "    dimensions:",
        "      - {name: node_name, type: categorical}",
        "      - {name: node_level, type: categorical}",
        *(f"      - {{name: {level}_id, type: categorical}}" for level in levels),
        "metrics:",
    ]
    for measure in ("numerator", "denominator", "days"):
        lines += [
            f"  - name: kpi_{measure}",
            f"    label: {measure.capitalize()} of any KPI",
            '    description: "Part of the other metrics; means nothing without a kpi_id."',
            "    type: simple",
            f"    type_params: {{measure: {measure}}}",
        ]
    for kpi in semantic_kpis(strategy):
        lines += _metric(kpi)
    return "\n".join(lines) + "\n"


def _metric(kpi: Kpi) -> Iterator[str]:
    yield f"  - name: {kpi.id}"
    yield f"    label: {json.dumps(f'{kpi.name} ({kpi.unit})', ensure_ascii=False)}"
    yield f"    description: {json.dumps(kpi.formula, ensure_ascii=False)}"
    yield "    type: derived"
    yield "    type_params:"
    if kpi.derived_from:
        terms = (f"({factor!r}) * {part}" for part, factor in kpi.derived_from.items())
        expression = (" * " if kpi.derived_as == "product" else " + ").join(terms)
        yield f"      expr: {json.dumps(f'{kpi.scale!r} * ({expression})')}"
        yield "      metrics:"
        yield from (f"        - {{name: {part}}}" for part in kpi.derived_from)
        return
    below = SUMS[kpi.rollup]
    value = f"{kpi.scale!r} * cast({kpi.id}_numerator as double)"
    if below:
        value += f" / nullif(cast({kpi.id}_{below} as double), 0)"
    yield f"      expr: {json.dumps(value)}"
    yield "      metrics:"
    for measure in ("numerator", below):
        if measure:
            of_kpi = json.dumps(f"{{{{ Dimension('part__kpi_id') }}}} = '{kpi.id}'")
            yield (
                f"        - {{name: kpi_{measure}, alias: {kpi.id}_{measure}, filter: {of_kpi}}}"
            )
