"""Upkeep of the landing: small batches become one, superseded row versions expire.

A compacted batch holds every row version of the batches that it replaces, so that any state can
still be computed, and their manifests word for word, so that the chain can still be checked. It is
written and committed like any other batch, right after the newest one and with the same watermarks;
only then are the batches that it replaces removed. Whatever is interrupted, a reader that takes the
latest `_seq` per key sees the same rows, and the next that locks the source ends the removal.

Only the newest batches are compacted, because the batch that follows must name the hash of the one
before. As the compacted batch is newer than all that it replaces, a base model that reads what is
newer than it holds misses nothing; rows that it has already it replaces by themselves.

Does not belong here: what a batch is (`sources.landing`), when upkeep happens (`orchestration`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from models.errors import LandingError
from sources.changes import RECORD, newest_records, read
from sources.engine import engine, parquet
from sources.landing import (
    DELETE,
    EXTRACTED_AT,
    MANIFEST,
    OP,
    QUARANTINE,
    RELEASED,
    REPLACED,
    SEQ,
    ReplacedBatch,
    SourceLanding,
    batch_id_after,
    read_manifest,
    replaced_manifests,
    sha256,
)
from sources.readers.base import ident, literal

if TYPE_CHECKING:
    from pathlib import Path

    from models.config import Config, Source
    from sources.landing import Batch, Manifest, TableEntry

SMALL_BYTES = 64 * 2**20
"""Batches up to this size are compacted with those after them."""
FEWEST = 8
"""Fewer batches than this are not worth it."""


@dataclass(frozen=True, slots=True)
class Compaction:
    """What became of one source's landing; `batch_id` is None where nothing was to be done."""

    source: str
    batch_id: str | None = None
    replaced: int = 0
    """Batches that the new one replaces."""
    rows: int = 0
    """Row versions in the new one."""
    expired: int = 0
    """Row versions left out, because a later one was in force since before the history kept."""

    @property
    def summary(self) -> str:
        """What was done, in a few words."""
        if self.batch_id is None:
            return "nothing to do"
        text = f"{self.replaced} batches, {self.rows:,} rows in one"
        return f"{text}, {self.expired:,} expired" if self.expired else text


def compact(
    source: Source, config: Config, *, fewest: int = FEWEST, now: datetime | None = None
) -> Compaction:
    """Make one batch of the newest small ones; of all, if `keep_history_days` lets rows expire.

    `now` is naive UTC, the clock's if empty. Raises `BusyError` if a run holds the source,
    `LandingError` if the new batch does not hold what it replaces; nothing has changed then.
    """
    landing = SourceLanding(config.landing, source.name)
    cutoff = None
    if config.keep_history_days is not None:
        now = now or datetime.now(UTC).replace(tzinfo=None)
        cutoff = now - timedelta(days=config.keep_history_days)
    with landing.locked():
        folders = landing.folders()
        small = _small(folders)
        with engine(config.extraction_memory_mb, landing.folder) as duck:
            compacting = _Compacting(landing, duck, parquet(config.extraction_memory_mb))
            try:
                if cutoff and compacting.expired(folders, cutoff):
                    return compacting.replace(folders, cutoff)
                return (
                    compacting.replace(small) if len(small) >= fewest else Compaction(source.name)
                )
            except (duckdb.Error, OSError) as e:
                raise LandingError(
                    f"The landing of source {source.name!r} cannot be compacted: "
                    f"{str(e).strip().splitlines()[0]}",
                    "It is as it was.",
                ) from e


def _small(folders: list[Path]) -> list[Path]:
    """The newest batches up to the first that is big, oldest first."""
    found: list[Path] = []
    for folder in reversed(folders):
        if sum(path.stat().st_size for path in folder.iterdir()) > SMALL_BYTES:
            break
        found.append(folder)
    return found[::-1]


class _Compacting:
    """The compaction of a source that is locked."""

    def __init__(
        self, landing: SourceLanding, duck: duckdb.DuckDBPyConnection, options: str
    ) -> None:
        self._landing = landing
        self._duck = duck
        self._options = options

    def expired(self, folders: list[Path], cutoff: datetime) -> int:
        """Row versions of those batches that need not be kept."""
        entries = _entries([read_manifest(folder) for folder in folders])
        return sum(
            self._count(read(files)) - self._count(f"({_kept(files, entry, cutoff)})")
            for name, entry in entries.items()
            if (files := _files(folders, name))
        )

    def replace(self, folders: list[Path], cutoff: datetime | None = None) -> Compaction:
        """Put one batch in the place of several, which are the newest."""
        old = [read_manifest(folder) for folder in folders]
        newest, entries = old[-1], _entries(old)
        batch = self._landing.begin(batch_id_after(newest.extracted_at, newest.batch_id))
        expired = 0
        quarantined = Counter[str]()
        for manifest in old:
            quarantined.update({n: e.quarantined for n, e in manifest.tables.items()})
        now: dict[str, TableEntry] = {}
        for name, entry in entries.items():
            if files := _files(folders, name):
                expired += self._write(batch, name, files, _kept(files, entry, cutoff))
            facts = {**self._facts(batch, name), "quarantined": quarantined[name]}
            now[name] = entry.model_copy(update=facts)
        manifest = newest.model_copy(
            update={
                "batch_id": batch.batch_id,
                "previous_manifest_sha256": old[0].previous_manifest_sha256,
                "events": tuple(event for m in old for event in m.events),
                "replaces": tuple(
                    ReplacedBatch(batch_id=m.batch_id, manifest_sha256=sha256(f / MANIFEST))
                    for f, m in zip(folders, old, strict=True)
                ),
                "replaced_sha256": _keep_manifests(batch, folders, old),
                **self._write_logs(batch, folders),
                "retired": {n: e for n, e in now.items() if n not in newest.tables},
                "tables": {n: e for n, e in now.items() if n in newest.tables},
            }
        )
        batch.commit(manifest)
        self._landing.remove_replaced()
        rows = sum(entry.rows for entry in manifest.tables.values())
        return Compaction(self._landing.source, batch.batch_id, len(folders), rows, expired)

    def _write(self, batch: Batch, table: str, files: list[Path], rows: str) -> int:
        """Write a table's file and compare it with what it replaces; returns what has expired."""
        path = batch.path(table)
        self._duck.execute(f"COPY ({rows}) TO {literal(str(path))} ({self._options})")
        if self._digest(rows) != self._digest(f"FROM {read([path])}"):
            raise LandingError(
                f"The compacted file {path.name} of source {self._landing.source!r} does not hold "
                "what it replaces.",
                "The disk may be failing; the landing is as it was.",
            )
        return self._count(read(files)) - self._count(read([path]))

    def _write_logs(self, batch: Batch, folders: list[Path]) -> dict[str, str | None]:
        """What is put aside now; what is so no longer, if an older batch says that it is."""
        aside, released = _files(folders, QUARANTINE), _files(folders, RELEASED)
        hashes: dict[str, str | None] = {"quarantine_sha256": None, "released_sha256": None}
        if not aside + released:
            return hashes
        records = newest_records(aside, released)
        for name, field, condition in (
            (QUARANTINE, "quarantine_sha256", "aside"),
            (RELEASED, "released_sha256", "NOT aside"),
        ):
            rows = f"SELECT {RECORD} FROM ({records}) WHERE {condition}"
            if self._count(f"({rows})"):
                self._duck.execute(
                    f"COPY ({rows} ORDER BY ALL) TO {literal(str(batch.path(name)))} "
                    f"({self._options})"
                )
                hashes[field] = sha256(batch.path(name))
        return hashes

    def _facts(self, batch: Batch, table: str) -> dict[str, int | str | None]:
        path = batch.path(table)
        if not path.exists():
            return {"rows": 0, "upserts": 0, "deletes": 0, "file_sha256": None}
        rows = self._count(read([path]))
        deletes = self._count(f"{read([path])} WHERE {OP} = '{DELETE}'")
        return {
            "rows": rows,
            "upserts": rows - deletes,
            "deletes": deletes,
            "file_sha256": sha256(path),
        }

    def _digest(self, rows: str) -> tuple[int, ...]:
        """Rows, and what they hold in any order."""
        [digest] = self._duck.execute(
            f"SELECT count(*), sum({SEQ}), bit_xor(hash(r)) FROM ({rows}) AS r"
        ).fetchall()
        return tuple(digest)

    def _count(self, relation: str) -> int:
        [(count,)] = self._duck.execute(f"SELECT count(*) FROM {relation}").fetchall()
        return int(count)


def _entries(manifests: list[Manifest]) -> dict[str, TableEntry]:
    """The newest entry of every table, also of those that the system has no longer."""
    return {
        name: entry
        for manifest in manifests
        for name, entry in {**manifest.retired, **manifest.tables}.items()
    }


def _files(folders: list[Path], name: str) -> list[Path]:
    return [path for folder in folders if (path := folder / f"{name}.parquet").exists()]


def _kept(files: list[Path], entry: TableEntry, cutoff: datetime | None) -> str:
    """Query of the row versions that stay.

    Of each key that is every version since the cutoff, and the one in force at that moment.
    """
    if cutoff is None:
        return f"FROM {read(files)}"
    old = f"{EXTRACTED_AT} <= {literal(cutoff.isoformat())}::TIMESTAMP"
    keys = ", ".join(ident(k) for k in entry.key)
    return (
        f"FROM {read(files)} QUALIFY NOT ({old}) "
        f"OR row_number() OVER (PARTITION BY {keys}, {old} ORDER BY {SEQ} DESC) = 1"
    )


def _keep_manifests(batch: Batch, folders: list[Path], manifests: list[Manifest]) -> str:
    """Keep the manifests word for word, also those that a batch had replaced before."""
    texts: dict[str, str] = {}
    for folder, manifest in zip(folders, manifests, strict=True):
        texts |= replaced_manifests(folder)
        texts[manifest.batch_id] = (folder / MANIFEST).read_text("utf-8")
    path = batch.path(REPLACED)
    pq.write_table(
        pa.table({"batch_id": [*texts], "manifest": [*texts.values()]}), path, compression="zstd"
    )
    return sha256(path)
