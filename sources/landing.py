"""The landing: an immutable change log of each source, in which the batch folder is the commit.

    landing/<source>/batch=<id>/<table>.parquet     the vendor's columns, _op, _seq, _extracted_at
                                manifest.json       what was read, how far, and the chain's hash
                                _quarantine.parquet rows that could not be landed, if any

A batch is written aside in `.tmp-<id>/`, flushed to disk and renamed as a whole: a reader sees all
of it or nothing, and a crash leaves at most a `.tmp-` folder that the next run removes. There is no
other state: the newest manifest says where a source stands.

Does not belong here: reading sources, or deciding what has changed (`sources.extract`).
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
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from models.errors import BusyError, LandingError

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "manifest.json"
QUARANTINE = "_quarantine"
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
    tables: Mapping[str, TableEntry]


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
    for folder in folders:
        manifest = read_manifest(folder)
        shown = f"{source}/{folder.name}"
        if manifest.previous_manifest_sha256 != previous:
            raise LandingError(
                f"{shown} does not follow the manifest before it.",
                "A batch was edited, removed or added by hand.",
            )
        expected = {
            name: entry.file_sha256 for name, entry in manifest.tables.items() if entry.file_sha256
        }
        if manifest.quarantine_sha256:
            expected[QUARANTINE] = manifest.quarantine_sha256
        found = {path.stem: path for path in folder.glob("*.parquet")}
        for table in sorted(expected.keys() | found.keys()):
            if table not in found or expected.get(table) != sha256(found[table]):
                raise LandingError(
                    f"{shown}/{table}.parquet is not what was landed.",
                    "Restore it from a backup of the landing.",
                )
        previous = sha256(folder / MANIFEST)
    return len(folders)


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
