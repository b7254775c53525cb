"""Source and landing compared table by table, and what differs repaired.

No watermark shows a deleted row, a row changed without its cursor, or one committed later than the
overlap reaches. So each table is compared whole, in the snapshot of a normal run: what the run
would have found by itself is only new; what it would not have found is missing, stale or extra, and
lands in the same batch.

Where the source can hash (`sources.fingerprint`), it sends one number per thousand rows, then those
of the rows in the buckets that differ, and at last the differing rows themselves. Elsewhere the
rows are read once and compared: SQLite and files are local, where columns are personal the key to
hash them stays here, and rows put aside may be released only by looking at them all.

Does not belong here: what a run does otherwise (`sources.extract`), when reconciliations happen
(`orchestration`).
"""

from __future__ import annotations

import os
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from models.errors import ConfigError, SourceError
from sources.changes import Differences
from sources.extract import Run, opened, source_tables
from sources.fingerprint import fingerprint, key_columns, prepare
from sources.landing import OP, SEQ, UPSERT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime
    from pathlib import Path

    from models.config import Config, Source
    from sources.changes import Staged
    from sources.extract import Found
    from sources.fingerprint import Floats
    from sources.landing import Batch, TableEntry
    from sources.readers.base import Fingerprints, SourceTable

ROWS_PER_BUCKET = 1_000
MAX_BUCKETS = 2**16
MAX_REREAD_KEYS = 5_000
"""More differing rows than this are read again by bucket."""
SCHEMA = pa.schema(
    {
        "source": pa.string(),
        "table_name": pa.string(),
        "checked_at": pa.timestamp("us"),
        "missing": pa.int64(),
        "stale": pa.int64(),
        "extra": pa.int64(),
        "repaired": pa.int64(),
        "seconds": pa.float64(),
    }
)
"""Grain: one row per table and reconciliation. Counts are rows."""


@dataclass(frozen=True, slots=True)
class TableResult:
    """How far a table of the landing was from its source, and what became of it."""

    source: str
    table_name: str
    checked_at: datetime
    """When the snapshot was taken (UTC)."""
    missing: int
    """Rows of the source that had not landed, though a run had passed them."""
    stale: int
    """Rows that had landed with other values."""
    extra: int
    """Landed rows that the source has no longer."""
    repaired: int
    seconds: float

    @property
    def differences(self) -> int:
        """Rows in which source and landing differed."""
        return self.missing + self.stale + self.extra


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What came out for one source; `batch_id` is None where nothing was landed."""

    source: str
    batch_id: str | None
    results: tuple[TableResult, ...]
    failures: tuple[SourceError, ...]
    """Tables that changed their columns, and deletions that wait for approval."""


def reconcile(  # noqa: PLR0913 - what an operator may ask for
    source: Source,
    config: Config,
    *,
    tables: Collection[str] = (),
    approved: Collection[str] = (),
    dry_run: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Reconciliation:
    """Compare the landing of a source with the source, and land what repairs it.

    `tables` names those to compare; empty compares all. The batch also holds what a normal run
    would have landed, of all tables. Of a table not in `approved`, deletions that look like an
    accident are held back and reported among the failures. `dry_run` compares and lands nothing.

    The results are kept in `home/evidence/reconciliation/`. Raises `ConfigError` if a table is
    unknown, `SourceError` if nothing has landed yet, and otherwise as `extract`.
    """
    known = {spec.name for spec in source_tables(source)}
    for table in (*tables, *approved):
        if table not in known:
            raise ConfigError(
                f"Source {source.name!r} has no table {table!r}.",
                f"It has {', '.join(sorted(known))}.",
            )
    chosen = frozenset({*tables, *approved}) if tables else frozenset(known)
    run = _Reconciling(source, config, chosen, frozenset(approved))
    with run.landing.locked(), opened(run, spill=run.landing.folder):
        batch = run.landing.begin(run.batch_id)
        for described in run.tables:
            run.land(described, batch)
            result = run.results.get(described.spec.name)
            if progress and result:
                progress(f"{source.name}.{result.table_name}: {result.differences:,} differences")
        landed = not dry_run and run.commit(batch)
    results = tuple(
        result if landed else replace(result, repaired=0) for result in run.results.values()
    )
    if not dry_run:
        _keep(config.evidence, batch.batch_id, results)
    return Reconciliation(
        source.name,
        run.landed_batch_id,
        results,
        (*run.stopped.values(), *run.held_back.values()),
    )


def reconciliations(config: Config) -> pa.Table:
    """All results that were kept, as one table of `SCHEMA`, in the order of time."""
    files = sorted((config.evidence / FOLDER).glob("*.parquet"))
    parts = [pq.read_table(path, schema=SCHEMA) for path in files]
    return pa.concat_tables(parts) if parts else SCHEMA.empty_table()


FOLDER = "reconciliation"
"""In the folder of evidence."""


def _keep(evidence: Path, batch_id: str, results: tuple[TableResult, ...]) -> None:
    """Write the results aside and rename the file into place."""
    if not results:
        return
    folder = evidence / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{batch_id}-{results[0].source}.parquet"
    unfinished = path.with_suffix(".tmp")
    table = pa.Table.from_pylist([asdict(result) for result in results], schema=SCHEMA)
    with unfinished.open("wb") as file:
        pq.write_table(table, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


class _Reconciling(Run):
    """A run that also compares what it would have passed by."""

    def __init__(
        self, source: Source, config: Config, chosen: frozenset[str], approved: frozenset[str]
    ) -> None:
        super().__init__(source, config)
        if self.previous is None:
            raise SourceError(
                f"Nothing of source {source.name!r} has landed yet.", "Run `scorecard run` first."
            )
        self.results: dict[str, TableResult] = {}
        self.held_back: dict[str, SourceError] = {}
        self._chosen = chosen
        self._approved = approved

    def _land(self, table: SourceTable, batch: Batch) -> TableEntry:
        """As a normal run; a table of which deletions are held back says so."""
        name = table.spec.name
        entry = super()._land(table, batch)
        if name in self.held_back:
            entry = entry.model_copy(update={"stopped": self.held_back[name].message})
            self.entries[name] = entry
        return entry

    def _untouched(self, table: SourceTable, earlier: TableEntry) -> bool:
        return table.spec.name not in self._chosen and super()._untouched(table, earlier)

    def _to_be_counted(self, table: SourceTable, earlier: TableEntry | None) -> bool:
        return table.spec.name in self._chosen or super()._to_be_counted(table, earlier)

    def _refuse_mass_delete(self, table: SourceTable, deletes: int) -> None:
        """Nothing is refused here: the deletions of chosen tables are approved or held back."""
        if table.spec.name not in self._chosen:
            super()._refuse_mass_delete(table, deletes)

    def _stage(self, table: SourceTable, earlier: TableEntry | None) -> Found:
        """What a normal run would land, and what it would have passed by."""
        started = time.perf_counter()
        name = table.spec.name
        normal = super()._stage(table, earlier)
        if name not in self._chosen:
            return normal
        if self._complete(table, earlier):
            staged, found, live = normal.staged, Differences(0, 0, 0), self.changes.live()
        else:
            self.changes.expect()
            staged, found, live = self._compare(table, earlier)
            staged = replace(
                staged,
                quarantined=normal.staged.quarantined + staged.quarantined,
                released=normal.staged.released + staged.released,
            )
        repaired = found.missing + found.stale + found.extra
        if (error := self.guard.mass_delete(table, staged.deletes, live)) is not None:
            # a table that every run compares whole has no other way to have them approved
            found = replace(found, extra=staged.deletes)
            repaired = found.missing + found.stale + found.extra
            if name not in self._approved:
                staged = self.changes.keep_deleted(staged)
                self.held_back[name] = error
                repaired -= found.extra
        self.results[name] = TableResult(
            source=self.source.name,
            table_name=name,
            checked_at=self.extracted_at,
            missing=found.missing,
            stale=found.stale,
            extra=found.extra,
            repaired=repaired,
            seconds=time.perf_counter() - started,
        )
        return replace(normal, staged=staged)

    def _compare(
        self, table: SourceTable, earlier: TableEntry | None
    ) -> tuple[Staged, Differences, int]:
        """What is to land in all, what differed, and how many rows the landing held."""
        prints = None if table.spec.hash else self.reader.fingerprints(table)
        if prints is None or self.changes.unchecked(table):
            staged, found = self.changes.recheck(table, self._rows(table, None), earlier)
            return staged, found, self.changes.live()
        live = self._landed_prints(table, earlier, prints.floats)
        count = min(max(live // ROWS_PER_BUCKET, 1), MAX_BUCKETS)
        buckets = self._differing_buckets(prints, count)
        if not buckets:
            return self.changes.confirm(), Differences(0, 0, 0), live
        keys = self._differing_keys(prints, count, buckets)
        modulo = None if len(keys) <= MAX_REREAD_KEYS else count
        scope = keys if modulo is None else buckets
        self.duck.execute("CREATE OR REPLACE TEMP TABLE scope (part BIGINT)")
        self.duck.execute("INSERT INTO scope SELECT unnest($1::BIGINT[])", [scope])
        part = fingerprint(key_columns(table), "v", prints.floats)
        part += f" % {modulo}" if modulo else ""
        staged, found = self.changes.recheck(
            table,
            self._reading(table, prints.reread(scope, modulo)),
            earlier,
            among=f"SEMI JOIN scope AS s ON s.part = {part}",
        )
        return staged, found, live

    def _landed_prints(self, table: SourceTable, earlier: TableEntry | None, floats: Floats) -> int:
        """Fill `landed_print` with what is or is about to be landed; returns its rows."""
        prepare(self.duck)
        versions = self.changes.versions(table, earlier, expected=True)
        self.duck.execute(
            "CREATE OR REPLACE TEMP TABLE landed_print AS SELECT key_print, row_print FROM ("
            f"SELECT {fingerprint(key_columns(table), 'v', floats)} AS key_print, "
            f"{fingerprint(table.columns, 'v', floats)} AS row_print, {OP}, {SEQ} "
            f"FROM ({versions}) AS v) "
            f"QUALIFY row_number() OVER (PARTITION BY key_print ORDER BY {SEQ} DESC) = 1 "
            f"AND {OP} = '{UPSERT}'"
        )
        return self.changes.count("landed_print")

    def _differing_buckets(self, prints: Fingerprints, count: int) -> list[int]:
        rows = self.duck.execute(
            f"SELECT bucket FROM ({prints.buckets(count)}) AS s FULL JOIN ("
            f"SELECT key_print % {count} AS bucket, count(*) AS row_count, "
            "sum(row_print)::VARCHAR AS total FROM landed_print GROUP BY 1) AS l USING (bucket) "
            "WHERE s.row_count IS DISTINCT FROM l.row_count OR s.total IS DISTINCT FROM l.total"
        ).fetchall()
        return sorted(bucket for (bucket,) in rows)

    def _differing_keys(self, prints: Fingerprints, count: int, buckets: list[int]) -> list[int]:
        """Fingerprints of the keys whose row is not the same on both sides."""
        wanted = ", ".join(map(str, buckets))
        rows = self.duck.execute(
            "SELECT DISTINCT coalesce(s.key_print, l.key_print) "
            f"FROM ({prints.rows(count, buckets)}) AS s FULL JOIN ("
            f"FROM landed_print WHERE key_print % {count} IN ({wanted})) AS l "
            "ON s.key_print = l.key_print AND s.row_print = l.row_print "
            "WHERE s.key_print IS NULL OR l.key_print IS NULL"
        ).fetchall()
        return sorted(key for (key,) in rows)
