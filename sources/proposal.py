"""A system's YAML, proposed from what its database's catalogue says.

Belongs here: the text of `sources/systems/<system>.yml`, every proposal with its reason. Does not
belong here: looking at a database (`sources.introspect`), staging models (`orchestration.stubs`).
"""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sources.introspect import Column, Inspection, Skipped, Table

WIDTH = 100
NOTE_AT = 34
"""Column in which the reasons begin."""
_WORDS = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n", "none"})
_HEAD = """\
# {name}, as its catalogue was on {day} ({server}). Every line is a proposal; read the reasons.
# What each setting is for, and when not to use it, stands in sources/spec.py.
description: {description}
database: {database}
tables:
"""


def system_yml(name: str, inspection: Inspection, *, day: str) -> str:
    """The whole file."""
    text = _HEAD.format(
        name=name,
        day=day,
        server=inspection.server,
        description=json.dumps(f"{name}, a {inspection.database} database"),
        database=inspection.database,
    )
    lines = [line for table in inspection.tables for line in _table(table)]
    if inspection.skipped:
        lines += ["", "# Left out. To read one after all, give it a block like those above."]
        lines += [line for skipped in inspection.skipped for line in _skipped(skipped)]
    return text + "\n".join(lines) + "\n"


def source_entry(
    name: str, inspection: Inspection, *, url_env: str | None, path: str | None
) -> str:
    """What goes into `scorecard.yml`."""
    lines = [
        f"  - name: {name}",
        f"    system: {name}",
        f"    url_env: {url_env}" if url_env else f"    path: {json.dumps(path)}",
        "    time_zone: Europe/Berlin   # of local times without a zone, if not the enterprise's",
        "    freshness_hours: 26        # older than this blocks publication",
    ]
    # SQLite has no such type, and what it calls so is text
    local = {
        table.name: found
        for table in inspection.tables
        if inspection.database != "sqlite" and (found := _local_times(table))
    }
    if local:
        lines.append("    local_times:               # columns without a zone; delete those in UTC")
        lines += [f"      {_word(table)}: {_list(columns)}" for table, columns in local.items()]
    return "\n".join(lines) + "\n"


def _local_times(table: Table) -> list[str]:
    """Times without a zone, but for that of the last change, which no figure depends on."""
    return [
        column.name
        for column in table.columns
        if column.name != table.changed
        and re.match(r"TIMESTAMP WITHOUT|DATETIME(?!OFFSET)", column.type)
    ]


def _table(table: Table) -> Iterator[str]:
    yield _noted(f"  {_word(table.name)}:", table.rows_text)
    yield from _comment("    # ", map(_column, table.columns))
    for reference in table.references:
        if len(reference.columns) > 1:
            yield f"    # {_list(reference.columns)} -> {reference.table}.{_list(reference.theirs)}"
    if table.source_name != table.name:
        yield f"    name: {_word(table.source_name)}"
    yield _noted(f"    key: {_list(table.key)}", table.key_why)
    yield _noted(f"    change: {table.change}", table.change_why)
    if table.cursor:
        yield f"    cursor: {_word(table.cursor)}"
    if table.personal:
        yield _noted(
            f"    exclude: {_list([p.name for p in table.personal])}",
            "; ".join(f"{p.name} {p.why}" for p in table.personal),
        )
        joined = [p.name for p in table.personal if p.joined]
        if joined:
            yield (
                f"    # hash: {_list(joined)}  to count or join by it, move it from exclude: only "
                "a keyed hash lands"
            )


def _skipped(skipped: Skipped) -> Iterator[str]:
    yield f"#   {skipped.source_name} {skipped.why}"
    if skipped.columns:
        yield from _comment("#     ", map(_column, skipped.columns))


def _column(column: Column) -> str:
    return column.described + (f" -> {'.'.join(column.target)}" if column.target else "")


def _comment(indent: str, parts: Iterable[str]) -> list[str]:
    return textwrap.wrap(
        ", ".join(parts),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _noted(line: str, note: str) -> str:
    return f"{line:<{NOTE_AT}}  # {note}"


def _list(names: Iterable[str]) -> str:
    return f"[{', '.join(_word(name) for name in names)}]"


def _word(name: str) -> str:
    """A name as YAML reads it back: quoted where it would be taken for something else."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name) and name.lower() not in _WORDS
    return name if plain else json.dumps(name, ensure_ascii=False)
