"""The landing: an immutable change log of each source, in which the batch folder is the commit.

    landing/<source>/batch=<id>/<table>.parquet     the vendor's columns, _op, _seq, _extracted_at
                                manifest.json       what was read, how far, and the chain's hash
                                _quarantine.parquet rows put aside, because they could not be landed
                                _released.parquet   rows no longer put aside
                                _replaced.parquet   manifests of the batches compacted into this one

A batch is written aside in `.tmp-<id>/`, flushed to disk and renamed as a whole: a reader sees all
of it or nothing, and a crash leaves at most a `.tmp-` folder that the next run removes. There is no
other state: the newest manifest says where a source stands. A compacted batch replaces those that
it names; as long as they still stand beside it, readers that take the latest `_seq` per key read
the same from both.

Does not belong here: reading sources, or deciding what has changed (`sources.extract`), or what is
to be compacted (`sources.upkeep`).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from models.errors import BusyError, LandingError

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "manifest.json"
QUARANTINE = "_quarantine"
RELEASED = "_released"
REPLACED = "_replaced"
BATCH_PREFIX = "batch="
UNFINISHED_PREFIX = ".tmp-"
BATCH_TIME = "%Y%m%dT%H%M%S.%fZ"
OP, SEQ, EXTRACTED_AT = "_op", "_seq", "_extracted_at"
UPSERT, DELETE = "upsert", "delete"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableEntry(_Frozen):
    """What one batch says of one table. Counts are rows; totals are exact decimals as text."""

    query: str
    """What was asked of the source."""
    key: tuple[str, ...]
    change: str
    columns: Mapping[str, str]
    """Landed types by column, in order."""
    watermark: str | None
    """Where the next run goes on from; null where the table must be read whole."""
    newest_change: str | None
    """Greatest value of the cursor column ever seen, if the table has one."""
    rows: int = 0
    """Rows in this batch's file: upserts and deletes."""
    upserts: int = 0
    deletes: int = 0
    quarantined: int = 0
    """Rows newly put aside in this batch."""
    source_rows: int | None = None
    """Rows of the whole table in this snapshot; null where counting would cost too much."""
    landed_rows: int | None = None
    """Rows of the landed current state after this batch; null where source_rows is."""
    control_column: str | None = None
    source_control_total: str | None = None
    landed_control_total: str | None = None
    file_sha256: str | None = None
    """Hash of the table's file in this batch; null where nothing changed."""
    hashed: tuple[str, ...] = ()
    """Columns of which only a keyed hash has landed."""
    discarded: tuple[str, ...] = ()
    """Columns that the source has and that are not landed, by the source's contract."""
    stopped: str | None = None
    """Why the table is not what the source had in this snapshot; null if it is."""


class SchemaEvent(_Frozen):
    """A column that is not what it was in the batch before."""

    table: str
    column: str
    what: Literal["added", "discarded", "removed", "retyped"]
    before: str | None = None
    """Landed type before; null for a new column."""
    after: str | None = None
    """Landed type now; null for a column that is gone."""


class ReplacedBatch(_Frozen):
    """A batch whose rows are in a compacted one now; its manifest is kept there, word for word."""

    batch_id: str
    manifest_sha256: str


class Manifest(_Frozen):
    """The record of one batch; it names every table of the source, changed or not."""

    source: str
    system: str
    batch_id: str
    extracted_at: datetime
    """When the snapshot was taken (UTC)."""
    code_version: str
    """Hash of the code and system files that read it."""
    previous_manifest_sha256: str | None
    identity: Mapping[str, str]
    snapshot: Mapping[str, str]
    last_seq: int
    """Highest `_seq` given so far."""
    quarantine_sha256: str | None = None
    released_sha256: str | None = None
    hash_key: str | None = None
    """Fingerprint of the key that personal columns are hashed with."""
    events: tuple[SchemaEvent, ...] = ()
    """What changed in the source's schema."""
    replaces: tuple[ReplacedBatch, ...] = ()
    """Batches that were compacted into this one, oldest first."""
    replaced_sha256: str | None = None
    retired: Mapping[str, TableEntry] = {}
    """Tables in a compacted batch that the system has no longer."""
    tables: Mapping[str, TableEntry]

    @property
    def file_hashes(self) -> dict[str, str]:
        """Hash of every Parquet file of the batch, by its name without suffix."""
        own = {
            QUARANTINE: self.quarantine_sha256,
            RELEASED: self.released_sha256,
            REPLACED: self.replaced_sha256,
        }
        tables = {**self.tables, **self.retired}
        files = {name: entry.file_sha256 for name, entry in tables.items()} | own
        return {name: sha256 for name, sha256 in files.items() if sha256}


class Batch:
    """A batch that is being written; nobody sees it before `commit`."""

    def __init__(self, source_folder: Path, batch_id: str) -> None:
        self.batch_id = batch_id
        self._source_folder = source_folder
        self.folder = source_folder / f"{UNFINISHED_PREFIX}{batch_id}"
        self.folder.mkdir()

    def path(self, table: str) -> Path:
        """Where the file of a table goes."""
        return self.folder / f"{table}.parquet"

    def commit(self, manifest: Manifest) -> Path:
        """Flush everything to disk and rename the folder into place: the one atomic step."""
        (self.folder / MANIFEST).write_text(
            manifest.model_dump_json(indent=1) + "\n", encoding="utf-8"
        )
        for path in self.folder.iterdir():
            _flush(path)
        _flush(self.folder)
        final = self._source_folder / f"{BATCH_PREFIX}{self.batch_id}"
        self.folder.rename(final)
        _flush(self._source_folder)
        return final


class SourceLanding:
    """The change log of one source; `locked` before writing to it."""

    def __init__(self, landing: Path, source: str) -> None:
        self.source = source
        self.folder = landing / source

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the source for this run; remove what a crashed run left behind.

        Raises `BusyError` if another run holds it. The lock dies with its process.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as e:
                raise BusyError(
                    f"Another run is extracting source {self.source!r}.", "Wait until it ends."
                ) from e
            self._remove_unfinished()
            self.remove_replaced()
            try:
                yield
            finally:
                self._remove_unfinished()

    def begin(self, batch_id: str) -> Batch:
        """A new batch, written aside."""
        return Batch(self.folder, batch_id)

    def folders(self) -> list[Path]:
        """Committed batches, oldest first."""
        return sorted(self.folder.glob(f"{BATCH_PREFIX}*"))

    def files(self, table: str) -> list[Path]:
        """The table's files in committed batches, oldest first."""
        return sorted(self.folder.glob(f"{BATCH_PREFIX}*/{table}.parquet"))

    def newest(self) -> Manifest | None:
        """The newest manifest: the state of the source."""
        folders = self.folders()
        return read_manifest(folders[-1]) if folders else None

    def newest_sha256(self) -> str | None:
        """Hash of the newest manifest, the next link of the chain."""
        folders = self.folders()
        return sha256(folders[-1] / MANIFEST) if folders else None

    def remove_replaced(self) -> None:
        """Remove the batches that a compacted one replaces; each vanishes at once."""
        newest = self.newest()
        for replaced in newest.replaces if newest else ():
            folder = self.folder / f"{BATCH_PREFIX}{replaced.batch_id}"
            if folder.exists():
                aside = self.folder / f"{UNFINISHED_PREFIX}replaced-{replaced.batch_id}"
                folder.rename(aside)
                _flush(self.folder)
                shutil.rmtree(aside)

    def _remove_unfinished(self) -> None:
        for path in self.folder.glob(f"{UNFINISHED_PREFIX}*"):
            shutil.rmtree(path)


def manifests(landing: Path, source: str) -> list[Manifest]:
    """All manifests of a source, oldest first. Raises `LandingError` if one cannot be read."""
    return [read_manifest(folder) for folder in SourceLanding(landing, source).folders()]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a batch folder. Raises `LandingError` naming it if it is damaged."""
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError) as e:
        raise LandingError(
            f"The manifest of {folder.parent.name}/{folder.name} cannot be read.",
            "Restore the folder from a backup of the landing.",
        ) from e


def verify(landing: Path, source: str) -> int:
    """Check every file against its manifest and every manifest against the next one.

    Returns the number of batches. Raises `LandingError` naming the first that does not fit.
    """
    previous: str | None = None
    folders = SourceLanding(landing, source).folders()
    found = [(folder, read_manifest(folder)) for folder in folders]
    leftover = {batch.batch_id for _, manifest in found for batch in manifest.replaces}
    for folder, manifest in found:
        shown = f"{source}/{folder.name}"
        if f"{BATCH_PREFIX}{manifest.batch_id}" != folder.name:
            raise LandingError(
                f"{shown} holds the manifest of batch {manifest.batch_id}.",
                "A batch was moved by hand.",
            )
        _verify_files(folder, manifest, shown)
        if manifest.batch_id in leftover:
            continue  # a compaction was interrupted before it removed what it replaces
        if manifest.previous_manifest_sha256 != previous:
            raise LandingError(
                f"{shown} does not follow the manifest before it.",
                "A batch was edited, removed or added by hand.",
            )
        _verify_replaced(manifest, replaced_manifests(folder), shown)
        previous = sha256(folder / MANIFEST)
    return len(found)


def _verify_files(folder: Path, manifest: Manifest, shown: str) -> None:
    expected = manifest.file_hashes
    found = {path.stem: path for path in folder.glob("*.parquet")}
    for table in sorted(expected.keys() | found.keys()):
        if table not in found or expected.get(table) != sha256(found[table]):
            raise LandingError(
                f"{shown}/{table}.parquet is not what was landed.",
                "Restore it from a backup of the landing.",
            )


def _verify_replaced(manifest: Manifest, kept: Mapping[str, str], shown: str) -> None:
    """The manifests that a compacted batch replaces are kept in it and make an unbroken chain."""
    previous = manifest.previous_manifest_sha256
    for batch in manifest.replaces:
        text = kept.get(batch.batch_id, "")
        digest = hashlib.sha256(text.encode()).hexdigest()
        replaced = Manifest.model_validate_json(text) if digest == batch.manifest_sha256 else None
        if replaced is None or replaced.previous_manifest_sha256 != previous:
            raise LandingError(
                f"{shown} does not hold the manifest of batch {batch.batch_id}, which it replaces.",
                "Restore it from a backup of the landing.",
            )
        _verify_replaced(replaced, kept, shown)
        previous = digest


def replaced_manifests(folder: Path) -> dict[str, str]:
    """Text of every manifest that was compacted into a batch, also by way of another, by id."""
    path = folder / f"{REPLACED}.parquet"
    if not path.exists():
        return {}
    table = pq.read_table(path, partitioning=None)
    return dict(zip(table["batch_id"].to_pylist(), table["manifest"].to_pylist(), strict=True))


def batch_id_after(moment: datetime, previous: str | None) -> str:
    """A batch id for a moment (naive UTC); after the previous one even if the clock went back."""
    if previous is not None:
        earliest = datetime.strptime(previous, BATCH_TIME) + timedelta(microseconds=1)  # noqa: DTZ007 - naive UTC everywhere
        moment = max(moment, earliest)
    return moment.strftime(BATCH_TIME)


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def code_version() -> str:
    """Hash of this package's Python and system files: which code read a batch."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for path in sorted(
        [*root.glob("*.py"), *root.glob("readers/*.py"), *root.glob("systems/*.yml")]
    ):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
