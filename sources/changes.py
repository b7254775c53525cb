"""What differs between a reading and what has landed, worked out in DuckDB's temporary tables.

`candidate` holds the rows read, `landed` is the current state that they are compared with,
`change` what is to land, `quarantine` the rows put aside, `released` those put aside earlier that
are so no longer. A second comparison of the same table (`recheck`) starts from what the first one
is about to land, `expected`.

Does not belong here: which rows are read (`sources.extract`), and what stops a run
(`sources.guard`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from sources.landing import BATCH_PREFIX, DELETE, OP, QUARANTINE, RELEASED, SEQ, UPSERT
from sources.readers.base import REASON, ROW, Totals, ident, literal, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
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
    released: int = 0
    """Put aside earlier, and no longer at fault or no longer in the source."""

    @property
    def any(self) -> bool:
        """True if there is something to land."""
        return bool(self.upserts + self.deletes + self.quarantined + self.released)


@dataclass(frozen=True, slots=True)
class Differences:
    """Rows in which source and landing differed; `new` ones had merely not been extracted yet."""

    missing: int
    """In the source, not in the landing."""
    stale: int
    """In both, with other values."""
    extra: int
    """In the landing, gone from the source."""


RECORD = 'source_table, key, reason, "row"'
"""What identifies a row put aside; the row may be put aside again for another reason."""
_NEWEST_SEQ = 2**63 - 1
RECENT_ROWS = 500_000
RECENT_TIMES = 4
RECENT_FILES = 300
"""How far back an incremental reading is compared: over so many landed rows, or so many times the
rows read if that is more, in so many files."""
MAX_AGAIN = 1_000
"""Rows put aside that an incremental run reads again; more wait for a complete comparison."""


class Changes:
    """The comparison of one run; one table at a time."""

    def __init__(self, duck: duckdb.DuckDBPyConnection, landing: SourceLanding) -> None:
        self._duck = duck
        self._landing = landing
        self._again: dict[str, dict[str, str]] = {}
        for name in ("quarantine", "released"):
            duck.execute(
                f"CREATE TEMP TABLE {name} (source_table VARCHAR, key VARCHAR, reason VARCHAR, "
                '"row" VARCHAR)'
            )

    def forget(self) -> None:
        """Start the logs of the next batch."""
        for name in ("quarantine", "released"):
            self._duck.execute(f"DELETE FROM {name}")

    def stage(
        self,
        table: SourceTable,
        rows: Rows,
        earlier: TableEntry | None,
        *,
        complete: bool,
        again: Rows | None = None,
    ) -> Staged:
        """Compare a reading with what has landed; `complete` if it holds the whole table.

        Rows read again unchanged are dropped, in an incremental reading only if they landed lately:
        its cost follows from what has changed, not from the size of the table, and a row that lands
        once more unchanged alters nothing. A key that a complete reading lacks is a deletion, even
        where its row is unreadable now it is none. `again` reads all rows that `keys_aside` named.
        """
        if again is None:
            self._again = {}
        self._read(table, rows, again)
        among = "" if complete else f"SEMI JOIN candidate AS c ON {_same_key(table.spec, 'c', 'v')}"
        recent = None if complete else self._recent(table)
        self._view_landed(self.versions(table, earlier, files=recent), table, among)
        staged = self._compare(table, earlier, deletions=complete)
        return replace(staged, released=self._release(table, complete=complete))

    def expect(self) -> None:
        """Take what `stage` found as landed, for a second comparison of the same table."""
        self._duck.execute("DROP TABLE IF EXISTS expected")
        self._duck.execute("ALTER TABLE change RENAME TO expected")

    def confirm(self) -> Staged:
        """What is to land after a second comparison that found nothing."""
        self._duck.execute("CREATE OR REPLACE TEMP TABLE change AS FROM expected")
        return Staged(**self._counts(), quarantined=0)

    def recheck(
        self, table: SourceTable, rows: Rows, earlier: TableEntry | None, among: str = ""
    ) -> tuple[Staged, Differences]:
        """Compare a reading with what has landed and is expected, and join the two findings.

        The reading holds the whole table, or all that the source has of the landed versions `v`
        that the join `among` keeps. Returns what is to land in all, without what the first
        comparison put aside, and what the second one found.
        """
        self._read(table, rows, None)
        self._view_landed(self.versions(table, earlier, expected=True), table, among)
        second = self._compare(table, earlier, deletions=True)
        [(missing, stale)] = self._duck.execute(
            "SELECT count(*) FILTER (NOT live), count(*) FILTER (live) FROM ("
            f"SELECT l.{OP} IS NOT DISTINCT FROM '{UPSERT}' AS live FROM change AS c "
            f"LEFT JOIN landed AS l ON {_same_key(table.spec, 'c', 'l')} WHERE c.{OP} = '{UPSERT}')"
        ).fetchall()
        found = Differences(missing, stale, second.deletes)
        self._duck.execute(
            "INSERT INTO change BY NAME SELECT e.* FROM expected AS e ANTI JOIN change AS c "
            f"ON {_same_key(table.spec, 'e', 'c')}"
        )
        released = self._release(table, complete=not among)
        return replace(second, **self._counts(), released=released), found

    def keep_deleted(self, staged: Staged) -> Staged:
        """Leave the deletions of the table at work out of what is to land."""
        self._duck.execute(f"DELETE FROM change WHERE {OP} = '{DELETE}'")
        return replace(staged, deletes=0)

    def keys_aside(self, table: SourceTable) -> list[dict[str, str]]:
        """Keys of rows put aside, as texts by column: what an incremental run reads again.

        None of those that the source cannot be asked for: empty, or known by their hash only.
        """
        if (aside := rows_aside(self._landing)) is None or set(table.spec.key) & {*table.spec.hash}:
            return []
        rows = self._duck.execute(
            f"SELECT DISTINCT key FROM ({aside}) WHERE source_table = $1 ORDER BY key LIMIT $2",
            [table.spec.name, MAX_AGAIN],
        ).fetchall()
        keys = {key: json.loads(key, parse_int=str, parse_float=str) for (key,) in rows}
        self._again = {key: parts for key, parts in keys.items() if None not in parts.values()}
        return list(self._again.values())

    def unchecked(self, table: SourceTable) -> int:
        """Rows put aside that `stage` did not read again."""
        if (aside := rows_aside(self._landing)) is None:
            return 0
        again = ", ".join(map(literal, self._again)) or "NULL"
        return self.count(
            f"({aside}) WHERE source_table = {literal(table.spec.name)} "
            f"AND coalesce(key NOT IN ({again}), true)"
        )

    def _read(self, table: SourceTable, rows: Rows, again: Rows | None) -> None:
        """Fill `candidate`."""
        spec = table.spec
        self._duck.execute(f"CREATE OR REPLACE TEMP TABLE candidate AS {rows.relation}")
        if again:
            # a reading stands once in a statement: it may be a stream
            self._duck.execute(f"CREATE OR REPLACE TEMP TABLE again AS {again.relation}")
            self._duck.execute(
                "INSERT INTO candidate BY NAME SELECT a.* FROM again AS a "
                f"ANTI JOIN candidate AS c ON {_same_key(spec, 'a', 'c')}"
            )
        if not table.unique_key:
            # only now: DuckDB turns this window into a self-join, and a stream is read only once
            self._duck.execute(
                f"CREATE OR REPLACE TEMP TABLE candidate AS SELECT * REPLACE "
                f"(coalesce({REASON}, {key_fault(spec)}) AS {REASON}) FROM candidate"
            )

    def _view_landed(self, versions: str, table: SourceTable, among: str) -> None:
        """Define `landed`: the latest of the versions `v` that the join `among` keeps."""
        self._duck.execute(
            f"CREATE OR REPLACE TEMP VIEW landed AS SELECT {columns(table, 'v')}, {OP} "
            f"FROM ({versions}) AS v {among} {_latest(table.spec)}"
        )

    def _compare(
        self, table: SourceTable, earlier: TableEntry | None, *, deletions: bool
    ) -> Staged:
        """Fill `change` and `quarantine` from `candidate` and `landed`."""
        same_key = _same_key(table.spec, "c", "l")
        self._duck.execute(
            f"CREATE OR REPLACE TEMP TABLE change AS "
            f"SELECT {columns(table, 'c')}, '{UPSERT}' AS {OP} FROM candidate AS c "
            f"LEFT JOIN landed AS l ON {same_key} WHERE c.{REASON} IS NULL "
            f"AND (l.{OP} IS NULL OR l.{OP} = '{DELETE}' OR {_differs(table, earlier)})"
        )
        if deletions:
            self._duck.execute(
                f"INSERT INTO change SELECT {columns(table, 'l')}, '{DELETE}' FROM landed AS l "
                f"ANTI JOIN candidate AS c ON {same_key} WHERE l.{OP} = '{UPSERT}'"
            )
        return Staged(**self._counts(), quarantined=self._put_aside(table))

    def _counts(self) -> dict[str, int]:
        deletes = self.count(f"change WHERE {OP} = '{DELETE}'")
        return {"upserts": self.count("change") - deletes, "deletes": deletes}

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

    def live(self) -> int:
        """Rows of the landed current state that the table at work is compared with."""
        return self.count(f"landed WHERE {OP} = '{UPSERT}'")

    def count(self, relation: str) -> int:
        """Rows of a relation."""
        [(count,)] = self._duck.execute(f"SELECT count(*) FROM {relation}").fetchall()
        return int(count)

    def versions(
        self,
        table: SourceTable,
        earlier: TableEntry | None,
        *,
        expected: bool = False,
        files: Sequence[Path] | None = None,
    ) -> str:
        """Query of all landed row versions with the types of now; `expected` ones are the last.

        `files` are those to look into, if not all.
        """
        files = self._landing.files(table.spec.name) if files is None else files
        held = earlier.columns if earlier and files else {}
        values = ", ".join(
            f"{f'try_cast({ident(n)} AS {t})' if n in held else f'NULL::{t}'} AS {ident(n)}"
            for n, t in table.types.items()
        )
        landed = (
            f"SELECT {values}, {OP}, {SEQ} FROM {read(files)}"
            if held
            else f"SELECT {values}, NULL::VARCHAR AS {OP}, 0::BIGINT AS {SEQ} WHERE false"
        )
        if expected:
            return f"{landed} UNION ALL BY NAME SELECT *, {_NEWEST_SEQ} AS {SEQ} FROM expected"
        return landed

    def _recent(self, table: SourceTable) -> list[Path]:
        """The newest files that the candidates of an incremental reading are compared with."""
        files = []
        left = max(RECENT_ROWS, RECENT_TIMES * self.count("candidate"))
        for path in self._landing.files(table.spec.name)[: -RECENT_FILES - 1 : -1]:
            left -= pq.read_metadata(path).num_rows
            if left < 0:
                break
            files.append(path)
        return files

    def _put_aside(self, table: SourceTable) -> int:
        """Rows at fault that are not put aside already."""
        known = f"SELECT {RECORD} FROM quarantine"
        if aside := rows_aside(self._landing):
            known += f" UNION ALL SELECT {RECORD} FROM ({aside})"
        [(count,)] = self._duck.execute(
            f"INSERT INTO quarantine FROM ({_bad(table)}) AS b ANTI JOIN ({known}) AS k "
            f"ON {_same_record('b', 'k')}"
        ).fetchall()
        return int(count)

    def _release(self, table: SourceTable, *, complete: bool) -> int:
        """Rows put aside earlier that were read again, and are at fault no longer or gone."""
        if (aside := rows_aside(self._landing)) is None:
            return 0
        seen = "true"
        if not complete:
            again = ", ".join(literal(key) for key in self._again)
            seen = f"key IN (SELECT {_json(table.spec.key, 'c')} FROM candidate AS c)"
            seen += f" OR key IN ({again})" if again else ""
        [(count,)] = self._duck.execute(
            f"INSERT INTO released SELECT {RECORD} FROM ({aside}) AS a "
            f"ANTI JOIN (SELECT * FROM ({_bad(table)}) UNION ALL FROM released) AS k "
            f"ON {_same_record('a', 'k')} "
            f"WHERE source_table = {literal(table.spec.name)} AND ({seen})"
        ).fetchall()
        return int(count)


def rows_aside(landing: SourceLanding) -> str | None:
    """Query of the rows that are put aside now, with `batch`; None if there never were any."""
    aside = landing.files(QUARANTINE)
    if not aside:
        return None
    records = newest_records(aside, landing.files(RELEASED))
    return f"SELECT {RECORD}, batch FROM ({records}) WHERE aside"


def newest_records(aside: Sequence[Path], released: Sequence[Path]) -> str:
    """Query of what was last said of each row put aside: in which batch, and if it is `aside`.

    Quarantine is a log like everything that lands: a row is put aside, released, and perhaps put
    aside again.
    """
    log = " UNION ALL ".join(
        f"SELECT {RECORD}, {value} AS aside, "
        f"regexp_extract(filename, '{BATCH_PREFIX}([^/]+)', 1) AS batch "
        f"FROM read_parquet([{', '.join(literal(str(p)) for p in files)}], "
        "hive_partitioning = false, filename = true)"
        for files, value in ((aside, "true"), (released, "false"))
        if files
    )
    return f"FROM ({log}) QUALIFY row_number() OVER (PARTITION BY {RECORD} ORDER BY batch DESC) = 1"


def _bad(table: SourceTable) -> str:
    """Query of the candidates at fault, as records of the quarantine."""
    names = [c.name for c in table.columns]
    return (
        f"SELECT {literal(table.spec.name)} AS source_table, {_json(table.spec.key, 'c')} AS key, "
        f'c.{REASON} AS reason, coalesce(c.{ROW}, {_json(names, "c")}) AS "row" '
        f"FROM candidate AS c WHERE c.{REASON} IS NOT NULL"
    )


def _same_record(left: str, right: str) -> str:
    return " AND ".join(
        f"{left}.{part} IS NOT DISTINCT FROM {right}.{part}" for part in RECORD.split(", ")
    )


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


def key_fault(spec: TableSpec) -> str:
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
