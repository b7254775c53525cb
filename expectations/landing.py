"""What the landing says of itself, as relations that checks can read.

Belongs here: what the manifests say of each landed table, put beside what the
warehouse holds of it. Does not belong here: judging them (`expectations.catalogue`).
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from expectations.catalogue import landing_relation

if TYPE_CHECKING:
    from pathlib import Path

    from models.config import Config, Source

HOUR = 3600.0


def landing_relations(config: Config, *, now: datetime) -> dict[str, str]:
    """Relation name to SQL: one row per table of the source; `now` is naive UTC.

    Columns: source_name, table_name, age_hours (of the newest batch), source_rows and landed_rows
    (in the newest snapshot; null where counting would have cost too much), live_rows (in the
    warehouse now), quarantined (rows ever put aside), control_column, source_control_total,
    landed_control_total. A source that never delivered is one row of infinite age.
    """
    return {landing_relation(s.name): _relation(s, config.landing, now) for s in config.sources}


def _relation(source: Source, landing: Path, now: datetime) -> str:
    manifests = [
        json.loads(path.read_text("utf-8"))
        for path in sorted((landing / source.name).glob("batch=*/manifest.json"))
    ]
    if not manifests:
        return _row(source, None, "infinity", 0, {})
    newest = manifests[-1]
    age = (now - datetime.fromisoformat(newest["extracted_at"])).total_seconds() / HOUR
    quarantined = Counter[str]()
    for manifest in manifests:
        quarantined.update({name: t["quarantined"] for name, t in manifest["tables"].items()})
    return " union all ".join(
        _row(source, table, age, quarantined[table], facts)
        for table, facts in sorted(newest["tables"].items())
    )


def _row(
    source: Source, table: str | None, age: float | str, quarantined: int, facts: dict[str, Any]
) -> str:
    live = (
        f"(select count(*) from base_{source.system}__{table} "
        f"where _source = {_literal(source.name)} and _op <> 'delete')"
    )
    columns = {
        "source_name": _literal(source.name),
        "table_name": _literal(table),
        "age_hours": f"{_literal(age)}::double",
        "source_rows": f"{_literal(facts.get('source_rows'))}::bigint",
        "landed_rows": f"{_literal(facts.get('landed_rows'))}::bigint",
        "live_rows": live if table else "null::bigint",
        "quarantined": f"{quarantined}::bigint",
        "control_column": f"{_literal(facts.get('control_column'))}::varchar",
        "source_control_total": f"{_literal(facts.get('source_control_total'))}::varchar",
        "landed_control_total": f"{_literal(facts.get('landed_control_total'))}::varchar",
    }
    return "select " + ", ".join(f"{value} as {name}" for name, value in columns.items())


def _literal(value: object) -> str:
    return "null" if value is None else "'" + str(value).replace("'", "''") + "'"
