"""Strategy, KPIs and enterprise as Parquet tables, so that the warehouse can join them.

Belongs here: which definition becomes which table, and writing those files. Does not belong here:
what a definition means (`models.strategy`, `models.config`), and anything read from a database.
"""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from models.contract import canonical_tables
from models.fiscal import fiscal_periods

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from models.config import Config, Conventions
    from models.strategy import Kpi, Strategy

PERSPECTIVES = {
    "financial": "Financial",
    "customer": "Customer",
    "internal_process": "Internal process",
    "learning_growth": "Learning and growth",
}
"""Names in the order of Kaplan and Norton's map, top to bottom."""

_TEXT, _INT, _FLOAT = pa.string(), pa.int64(), pa.float64()
SCHEMAS: Mapping[str, pa.Schema] = {
    name: pa.schema(columns)
    for name, columns in {
        "enterprise": {
            "code": _TEXT,
            "name": _TEXT,
            "time_zone": _TEXT,
            "currency": _TEXT,
            "fiscal_year_start_month": _INT,
            "as_of": _TEXT,
        },
        "fiscal_period": {
            "period_type": _TEXT,
            "number": _INT,
            "per_year": _INT,
            "period_start": pa.date32(),
            "period_end": pa.date32(),
            "label": _TEXT,
            "fiscal_year": _INT,
        },
        "source": {"name": _TEXT, "system": _TEXT, "time_zone": _TEXT, "position": _INT},
        "strategy": {"vision": _TEXT, "mission": _TEXT},
        "perspective": {"id": _TEXT, "name": _TEXT, "position": _INT},
        "objective": {
            "id": _TEXT,
            "name": _TEXT,
            "perspective": _TEXT,
            "description": _TEXT,
            "owner": _TEXT,
            "weight": _FLOAT,
            "position": _INT,
        },
        "strategy_link": {"cause_id": _TEXT, "effect_id": _TEXT},
        "kpi": {
            "id": _TEXT,
            "name": _TEXT,
            "perspective": _TEXT,
            "objective": _TEXT,
            "formula": _TEXT,
            "numerator": _TEXT,
            "denominator": _TEXT,
            "unit": _TEXT,
            "decimals": _INT,
            "direction": _TEXT,
            "rollup": _TEXT,
            "derived_as": _TEXT,
            "set_base": _TEXT,
            "statistic": _TEXT,
            "percentile": _FLOAT,
            "at_least": _FLOAT,
            "scale": _FLOAT,
            "denominator_offset": _FLOAT,
            "zero_value": _FLOAT,
            "of_rated_days": pa.bool_(),
            "lowest_level": _TEXT,
            "lowest_period": _TEXT,
            "standard": _TEXT,
            "timing": _TEXT,
            "role": _TEXT,
            "owner": _TEXT,
            "gaming": _TEXT,
            "plausible_min": _FLOAT,
            "plausible_max": _FLOAT,
            "weight": _FLOAT,
            "version": _INT,
        },
        "kpi_version": {
            "kpi_id": _TEXT,
            "version": _INT,
            "valid_from": pa.date32(),
            "valid_to": pa.date32(),
            "formula": _TEXT,
            "numerator": _TEXT,
            "denominator": _TEXT,
        },
        "kpi_level": {"kpi_id": _TEXT, "node_level": _TEXT},
        "kpi_component": {
            "kpi_id": _TEXT,
            "version": _INT,
            "component_id": _TEXT,
            "factor": _FLOAT,
        },
        "kpi_weight": {
            "kpi_id": _TEXT,
            "valid_from": pa.date32(),
            "valid_to": pa.date32(),
            "weight": _FLOAT,
        },
        "kpi_target": {
            "kpi_id": _TEXT,
            "node_id": _TEXT,
            "valid_from": pa.date32(),
            "valid_to": pa.date32(),
            "target": _FLOAT,
            "red_flag": _FLOAT,
        },
        "kpi_need": {"kpi_id": _TEXT, "need": _TEXT, "canonical_table": _TEXT},
        "canonical_table": {"name": _TEXT, "domain": _TEXT, "mandatory": pa.bool_()},
    }.items()
}
"""Tables and their columns; `dbt_project/models/definitions.yml` declares them to dbt."""


def definition_tables(config: Config, strategy: Strategy) -> dict[str, pa.Table]:
    """All definitions as Arrow tables by name, columns as in `SCHEMAS`.

    `valid_to` is the first day on which a target, weight or version no longer holds, empty for the
    last one; `kpi_target.node_id` is empty for a target of every node without its own.
    """
    enterprise = config.enterprise
    rows: dict[str, list[dict[str, Any]]] = {
        "enterprise": [enterprise.model_dump() | {"as_of": str(enterprise.as_of)}],
        "fiscal_period": [asdict(period) for period in fiscal_periods(enterprise)],
        "source": [
            {
                "name": source.name,
                "system": source.system,
                "time_zone": source.time_zone or enterprise.time_zone,
                "position": position,
            }
            for position, source in enumerate(config.sources, 1)
        ],
        "strategy": [{"vision": strategy.vision, "mission": strategy.mission}],
        "perspective": [
            {"id": key, "name": name, "position": position}
            for position, (key, name) in enumerate(PERSPECTIVES.items(), 1)
        ],
        "objective": [
            objective.model_dump() | {"position": position}
            for position, objective in enumerate(strategy.objectives, 1)
        ],
        "strategy_link": [
            {"cause_id": objective.id, "effect_id": effect}
            for objective in strategy.objectives
            for effect in objective.supports
        ],
        "kpi": [
            kpi.model_dump()
            | {"unit": enterprise.currency if kpi.unit == "currency" else kpi.unit}
            | _evaluation(kpi, enterprise.conventions)
            for kpi in strategy.kpis
        ],
        "kpi_version": [
            version.model_dump() | {"kpi_id": kpi.id, "valid_to": valid_to}
            for kpi in strategy.kpis
            for version, valid_to in kpi.versions_until
        ],
        "kpi_component": [
            {
                "kpi_id": kpi.id,
                "version": version.version,
                "component_id": component,
                "factor": factor,
            }
            for kpi in strategy.kpis
            for version in kpi.versions
            for component, factor in version.derived_from.items()
        ],
        "kpi_level": [
            {"kpi_id": kpi.id, "node_level": level} for kpi in strategy.kpis for level in kpi.levels
        ],
        "kpi_weight": [row for kpi in strategy.kpis for row in _weights(kpi)],
        "kpi_target": [row for kpi in strategy.kpis for row in _targets(kpi)],
        "kpi_need": [
            {"kpi_id": kpi.id, "need": str(need), "canonical_table": need.table}
            for kpi in strategy.kpis
            for need in strategy.needs(kpi)
        ],
        "canonical_table": [table.model_dump() for table in canonical_tables().values()],
    }
    return {
        # from_pylist takes the columns of the schema and leaves what else a model holds.
        name: pa.Table.from_pylist(rows[name], schema=schema)
        for name, schema in SCHEMAS.items()
    }


def write_definitions(config: Config, strategy: Strategy, *, folder: Path) -> None:
    """Write each table to `folder/<table>.parquet`, whole or not at all.

    A file whose content would not change is left alone, so its time says when it last changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in definition_tables(config, strategy).items():
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        content = sink.getvalue().to_pybytes()
        path = folder / f"{name}.parquet"
        if path.exists() and path.read_bytes() == content:
            continue
        aside = path.with_suffix(".tmp")
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)


def _evaluation(kpi: Kpi, conventions: Conventions) -> dict[str, float | None]:
    """How conventions change what becomes of a KPI's sums at each node and period."""
    one_more = kpi.counts_intervals and conventions.failure_intervals == "failures_plus_one"
    zero = kpi.undefined_without_production and conventions.zero_production == "zero"
    return {"denominator_offset": float(one_more), "zero_value": 0.0 if zero else None}


def _weights(kpi: Kpi) -> Iterator[dict[str, Any]]:
    """Weights without gap or overlap, from the first day of the calendar on."""
    weights = {date.min: kpi.weight, **{w.valid_from: w.weight for w in kpi.weights}}
    days = sorted(weights)
    for valid_from, valid_to in zip(days, [*days[1:], None], strict=True):
        yield {
            "kpi_id": kpi.id,
            "valid_from": valid_from,
            "valid_to": valid_to,
            "weight": weights[valid_from],
        }


def _targets(kpi: Kpi) -> Iterator[dict[str, Any]]:
    """Targets with the day on which the next one of the same node takes over."""
    for target in kpi.targets:
        later = [
            other.valid_from
            for other in kpi.targets
            if other.node == target.node and other.valid_from > target.valid_from
        ]
        yield {
            "kpi_id": kpi.id,
            "node_id": target.node,
            "valid_from": target.valid_from,
            "valid_to": min(later, default=None),
            "target": target.target,
            "red_flag": target.red_flag,
        }
