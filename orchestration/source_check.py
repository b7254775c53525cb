"""What is mapped, what is missing, and which KPIs that enables.

Belongs here: the canonical tables that staging models fill, and the KPIs that follow. Does not
belong here: looking at the source itself (`sources.probe`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from models.contract import canonical_tables
from models.errors import ScorecardError
from models.strategy import strategy
from orchestration.warehouse import PROJECT
from sources.feed import feed_tables
from sources.probe import Finding, probe
from sources.spec import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from models.config import Config, Source

NOT_MAPPED = re.compile(r"\{\{-?\s*not_mapped_yet\(\)")
"""Macro that a staging model holds as long as it is a stub."""


def check_source(source: Source, config: Config) -> Iterator[Finding]:
    """Everything about one source, and the canonical tables that it fills."""
    yield from probe(source)
    for table, state in mapped(source).items():
        definition = canonical_tables()[table]
        if state == "mapped":
            yield Finding("canonical", table, "ok", "mapped")
        elif state == "stub":
            yield Finding("canonical", table, "warn", "a stub: no rows until it is filled in")
        elif definition.mandatory and not _mapped_elsewhere(table, source, config):
            yield Finding("canonical", table, "warn", "not mapped by any source, though mandatory")


def check_kpis(config: Config) -> Iterator[Finding]:
    """Which KPIs the mapped tables of all sources enable, and what the others lack."""
    filled = {
        table
        for source in config.sources
        for table, state in mapped(source).items()
        if state == "mapped"
    }
    for kpi in strategy().kpis:
        lacking = sorted({need.table for need in strategy().needs(kpi)} - filled)
        if lacking:
            yield Finding("kpi", kpi.id, "none", f"no data: needs {', '.join(lacking)}")
        else:
            yield Finding("kpi", kpi.id, "ok", "enabled by what is mapped")


def mapped(source: Source) -> Mapping[str, str]:
    """For each canonical table: `mapped`, `stub`, or empty where the system does not fill it.

    A feed fills the tables that it has files of.
    """
    if source.system == FILES:
        there = _fed(source.path) if source.path else ()
        return _expanded({name: "mapped" if name in there else "" for name in canonical_tables()})
    states = {}
    for name in canonical_tables():
        model = PROJECT / f"models/staging/{source.system}/stg_{source.system}__{name}.sql"
        if not model.exists():
            states[name] = ""
        else:
            states[name] = "stub" if NOT_MAPPED.search(model.read_text("utf-8")) else "mapped"
    return _expanded(states)


def _expanded(states: Mapping[str, str]) -> Mapping[str, str]:
    """With the tables that the system fills by way of others, such as shifts by their patterns."""
    others = {name: table.expanded_from or "" for name, table in canonical_tables().items()}
    return {name: state or states.get(others[name], "") for name, state in states.items()}


@cache
def _fed(folder: Path) -> tuple[str, ...]:
    try:
        return feed_tables(folder)
    except ScorecardError:
        return ()  # `probe` tells why


def _mapped_elsewhere(table: str, source: Source, config: Config) -> bool:
    return any(mapped(other)[table] for other in config.sources if other.name != source.name)
