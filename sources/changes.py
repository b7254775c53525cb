"""What differs between a reading and what has landed, worked out in DuckDB's temporary tables.

`candidate` holds the rows read, `landed` is the current state that they are compared with,
`change` what is to land, `quarantine` the rows put aside.

Does not belong here: which rows are read, and what stops a run (`sources.extract`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sources.landing import DELETE, OP, QUARANTINE, SEQ, UPSERT
from sources.readers.base import REASON, ROW, Totals, ident, literal, parse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import duckdb

    from sources.landing import SourceLanding, TableEntry
    from sources.readers.base import Rows, SourceTable
    from sources.spec import TableSpec


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows by what is to be done with them."""

    upserts: int
    deletes: int
    quarantined: int
    """Newly put aside; a row that was put aside before in the same state does not count."""


class Changes:
    """The comparison of one run; one table at a time."""

    def __init__(self, duck: duckdb.DuckDBPyConnection, landing: SourceLanding) -> None:
        self._duck = duck
        self._landing = landing
        duck.execute(
            "CREATE TEMP TABLE quarantine (source_table VARCHAR, key VARCHAR, reason VARCHAR, "
            '"row" VARCHAR)'
        )

    def stage(
        self, table: SourceTable, rows: Rows, earlier: TableEntry | None, *, complete: bool
    ) -> Staged:
        """Compare a reading with what has landed; `complete` if it holds the whole table.

        Rows read again unchanged are dropped. A key that a complete reading lacks is a deletion,
        even where its row is unreadable now it is none.
        """
        spec = table.spec
        self._duck.execute(f"CREATE OR REPLACE TEMP TABLE candidate AS {rows.relation}")
        if not table.unique_key:
            # only now: DuckDB turns this window into a self-join, and a stream is read only once
            self._duck.execute(
                f"CREATE OR REPLACE TEMP TABLE candidate AS SELECT * REPLACE "
                f"(coalesce({REASON}, {_key_fault(spec)}) AS {REASON}) FROM candidate"
            )
        landed = self._landed(table, earlier, only_candidates=not complete)
        self._duck.execute(f"CREATE OR REPLACE TEMP VIEW landed AS {landed}")
        same_key = _same_key(spec, "c", "l")
        self._duck.execute(
            f"CREATE OR REPLACE TEMP TABLE change AS "
            f"SELECT {columns(table, 'c')}, '{UPSERT}' AS {OP} FROM candidate AS c "
            f"LEFT JOIN landed AS l ON {same_key} WHERE c.{REASON} IS NULL "
            f"AND (l.{OP} IS NULL OR l.{OP} = '{DELETE}' OR {_differs(table, earlier)})"
        )
        upserts = self.count("change")
        if complete:
            self._duck.execute(
                f"INSERT INTO change SELECT {columns(table, 'l')}, '{DELETE}' FROM landed AS l "
                f"ANTI JOIN candidate AS c ON {same_key} WHERE l.{OP} = '{UPSERT}'"
            )
        return Staged(upserts, self.count("change") - upserts, self._put_aside(table))

    def put_aside(self, table: SourceTable, rows: Rows) -> int:
        """Put aside the unreadable rows of a table's first reading; returns how many."""
        [(count,)] = self._duck.execute(
            f"INSERT INTO quarantine SELECT {literal(table.spec.name)}, "
            f"{_json(table.spec.key, 'c')}, c.{REASON}, c.{ROW} FROM ({rows.relation}) AS c "
            f"WHERE c.{REASON} IS NOT NULL"
        ).fetchall()
        return int(count)

    def totals(self, table: SourceTable, new: Path) -> Totals:
        """Rows and control total of the landed current state, with a file about to land."""
        files = [*self._landing.files(table.spec.name), *([new] if new.exists() else [])]
        control = table.spec.control_total
        total = f"sum({ident(control)})" if control else "NULL"
        latest = f" {_latest(table.spec)}" if len(files) > 1 else ""
        [(rows, value)] = self._duck.execute(
            f"SELECT count(*), {total} FROM (SELECT * FROM {read(files)}{latest}) "
            f"WHERE {OP} = '{UPSERT}'"
        ).fetchall()
        return Totals(rows, None if value is None else Decimal(str(value)))

    def newest(self, table: SourceTable, relation: str) -> str | None:
        """Greatest cursor value of a relation, as text; None without cursor or rows."""
        if table.spec.cursor is None:
            return None
        value = ident(table.spec.cursor)
        if table.types[table.spec.cursor] == "VARCHAR":
            moment, exact = parse(value, "TIMESTAMP")
            value = f"CASE WHEN {exact} THEN {moment} END"
        [(newest,)] = self._duck.execute(f"SELECT max({value})::VARCHAR FROM {relation}").fetchall()
        return None if newest is None else str(newest)

    def count(self, relation: str) -> int:
        """Rows of a relation."""
        [(count,)] = self._duck.execute(f"SELECT count(*) FROM {relation}").fetchall()
        return int(count)

    def _landed(
        self, table: SourceTable, earlier: TableEntry | None, *, only_candidates: bool
    ) -> str:
        """Query of the landed current state with the types of now: the latest row per key."""
        files = self._landing.files(table.spec.name)
        held = earlier.columns if earlier and files else {}
        values = ", ".join(
            f"{f'try_cast({ident(n)} AS {t})' if n in held else f'NULL::{t}'} AS {ident(n)}"
            for n, t in table.types.items()
        )
        if not held:
            return f"SELECT {values}, NULL::VARCHAR AS {OP} WHERE false"
        wanted = (
            f"SEMI JOIN candidate AS c ON {_same_key(table.spec, 'c', 'f')}"
            if only_candidates
            else ""
        )
        return f"SELECT {values}, {OP} FROM {read(files)} AS f {wanted} {_latest(table.spec)}"

    def _put_aside(self, table: SourceTable) -> int:
        before = self._landing.files(QUARANTINE)
        known = (
            f"EXCEPT SELECT source_table, key, reason, row FROM {read(before)}" if before else ""
        )
        names = [c.name for c in table.columns]
        [(count,)] = self._duck.execute(
            f"INSERT INTO quarantine SELECT {literal(table.spec.name)}, "
            f"{_json(table.spec.key, 'c')}, c.{REASON}, coalesce(c.{ROW}, {_json(names, 'c')}) "
            f"FROM candidate AS c WHERE c.{REASON} IS NOT NULL {known}"
        ).fetchall()
        return int(count)


def columns(table: SourceTable, alias: str) -> str:
    """The table's columns as a select list."""
    return ", ".join(f"{alias}.{ident(c.name)}" for c in table.columns)


def read(paths: Iterable[Path]) -> str:
    """Landed files as one relation; a file that lacks a column gives NULL."""
    files = ", ".join(literal(str(p)) for p in paths)
    return f"read_parquet([{files}], union_by_name = true, hive_partitioning = false)"


def _same_key(spec: TableSpec, left: str, right: str) -> str:
    """Join condition on the key; an empty part, where it is allowed, is a value."""
    return " AND ".join(
        f"{left}.{ident(k)} "
        f"{'IS NOT DISTINCT FROM' if k in spec.empty_key else '='} {right}.{ident(k)}"
        for k in spec.key
    )


def _latest(spec: TableSpec) -> str:
    keys = ", ".join(ident(k) for k in spec.key)
    return f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {SEQ} DESC) = 1"


def _differs(table: SourceTable, earlier: TableEntry | None) -> str:
    """SQL that is true where a candidate `c` is not what has landed as `l`."""
    before = earlier.columns if earlier else {}
    if any(table.types.get(name, kind) != kind for name, kind in before.items()):
        return "true"  # a column has another type now: every row lands again with it
    return " OR ".join(f"c.{ident(name)} IS DISTINCT FROM l.{ident(name)}" for name in table.types)


def _key_fault(spec: TableSpec) -> str:
    """SQL of what is wrong with a row's key, null where nothing is."""
    keys = ", ".join(ident(k) for k in spec.key)
    empty = " ".join(
        f"WHEN {ident(k)} IS NULL THEN {literal(k + ': the key is empty')}"
        for k in spec.key
        if k not in spec.empty_key
    )
    return (
        f"CASE {empty} WHEN count(*) OVER (PARTITION BY {keys}) > 1 "
        f"THEN {literal(', '.join(spec.key) + ': the key is not unique')} END"
    )


def _json(names: Iterable[str], alias: str) -> str:
    fields = ", ".join(f"{literal(n)}: {alias}.{ident(n)}" for n in names)
    return f"to_json({{{fields}}})::VARCHAR"
