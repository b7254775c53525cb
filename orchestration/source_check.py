"""What is mapped, what is missing, and which KPIs that enables.

Belongs here: the canonical tables and columns that staging models fill, and the KPIs that
follow. Does not belong here: looking at the source itself (`sources.probe`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from models.contract import canonical_tables
from models.errors import ScorecardError
from models.strategy import strategy
from orchestration.warehouse import PROJECT
from sources.feed import feed_columns
from sources.probe import Finding, probe
from sources.spec import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from models.config import Config, Source
    from models.contract import CanonicalTable
    from models.strategy import Need

NOT_MAPPED = re.compile(r"\{\{-?\s*not_mapped_yet\(\)")
"""Macro that a staging model holds as long as it is a stub."""


def check_source(source: Source, config: Config) -> Iterator[Finding]:
    """Everything about one source, and the canonical tables that it fills."""
    yield from probe(source)
    for table, state in mapped(source).items():
        definition = canonical_tables()[table]
        if state == "mapped":
            if lacking := _required_and_not_given(source, definition):
                text = f"gives no {', '.join(lacking)}, which is required"
                yield Finding("canonical", table, "failed", text)
            else:
                yield Finding("canonical", table, "ok", "mapped")
        elif state == "stub":
            yield Finding("canonical", table, "warn", "a stub: no rows until it is filled in")
        elif definition.mandatory and not _mapped_elsewhere(table, source, config):
            yield Finding("canonical", table, "warn", "not mapped by any source, though mandatory")


def check_kpis(config: Config) -> Iterator[Finding]:
    """Which KPIs are enabled by what is mapped of all sources, and what the others lack."""
    states = {source: mapped(source) for source in config.sources}
    for kpi in strategy().kpis:
        lacks = {_lacks(need, states) for need in strategy().needs(kpi)}
        lacking = sorted(lack for lack in lacks if lack is not None)
        if lacking:
            yield Finding("kpi", kpi.id, "none", f"no data: needs {', '.join(lacking)}")
        else:
            yield Finding("kpi", kpi.id, "ok", "enabled by what is mapped")


def mapped(source: Source) -> Mapping[str, str]:
    """For each canonical table: `mapped`, `stub`, or empty where the system does not fill it.

    A feed fills the tables that it has files of.
    """
    if source.system == FILES:
        there = _fed(source.path) if source.path else {}
        return _expanded({name: "mapped" if name in there else "" for name in canonical_tables()})
    states = {}
    for name in canonical_tables():
        model = _model(source.system, name)
        if not model.exists():
            states[name] = ""
        else:
            states[name] = "stub" if NOT_MAPPED.search(model.read_text("utf-8")) else "mapped"
    return _expanded(states)


def _expanded(states: Mapping[str, str]) -> Mapping[str, str]:
    """With the tables that the system fills by way of others, such as shifts by their patterns."""
    others = {name: table.expanded_from or "" for name, table in canonical_tables().items()}
    return {name: state or states.get(others[name], "") for name, state in states.items()}


def _lacks(need: Need, states: Mapping[Source, Mapping[str, str]]) -> str | None:
    """What of a need no source maps: the table, or the column or values in it; None if one does."""
    filling = [source for source, of in states.items() if of[need.table] == "mapped"]
    if not filling:
        return need.table
    return None if any(_fills(source, need) for source in filling) else str(need)


def _required_and_not_given(source: Source, table: CanonicalTable) -> list[str]:
    """Required columns that a staging model leaves out; a file is told of them as it lands."""
    model = _model(source.system, table.name)
    if not model.exists():
        return []
    sql = model.read_text("utf-8")
    return [n for n, c in table.columns.items() if c.required and _constants(sql, n) == set()]


def _fills(source: Source, need: Need) -> bool:
    """Whether a source that maps a table also maps the column that is needed of it."""
    if need.column is None:
        return True
    if source.system == FILES:
        return source.path is not None and need.column in _fed(source.path)[need.table]
    model = _model(source.system, need.table)
    constants = _constants(model.read_text("utf-8"), need.column) if model.exists() else None
    return constants is None or bool(constants & {*need.values} if need.values else constants)


def _constants(sql: str, column: str) -> set[str] | None:
    """The texts that a staging model writes into a column, none where it is left out or null.

    None where the model computes the column or takes it from the vendor.
    """
    sql = re.sub(r"--[^\n]*|\{#.*?#\}", "", sql, flags=re.DOTALL)
    rows = sql[max(sql.rfind("mapped as ("), 0) :]
    taken = rf"(?:\bselect|,)\s*(?:\w+\s*\.\s*)?(?:{column}\s*(?:,|\bfrom\b)|\*)"
    if re.search(taken, rows, re.IGNORECASE):
        return None
    constant = r"(?:\bselect|,)\s*(?:'(\w*)'|null|cast\s*\(\s*null\s+as\s[^)]*\)?\s*\))"
    given = rf"\s+as\s+{column}\b"
    texts = re.findall(constant + given, rows, re.IGNORECASE)
    if len(texts) < len(re.findall(given, rows, re.IGNORECASE)):
        return None
    return {*texts} - {""}


@cache
def _fed(folder: Path) -> Mapping[str, tuple[str, ...]]:
    try:
        return feed_columns(folder)
    except ScorecardError:
        return {}  # `probe` tells why


def _model(system: str, table: str) -> Path:
    return PROJECT / f"models/staging/{system}/stg_{system}__{table}.sql"


def _mapped_elsewhere(table: str, source: Source, config: Config) -> bool:
    return any(mapped(other)[table] for other in config.sources if other.name != source.name)
