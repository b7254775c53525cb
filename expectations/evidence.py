"""The log of evidence: what every check of every run found, kept so that a change is noticed.

One immutable Parquet file per run, `home/evidence/<number>-<sha256 of the file>.parquet`. Every
row carries the hash of the record before it, so the records form a chain: an edited record no
longer fits its name, a renamed one no longer fits the record after it, a missing one leaves a gap.
Whoever removes the newest records leaves a chain that is whole, but not the one whose head each
publication wrote down in its manifest; `verify` compares both.

Does not belong here: making checks, and publishing the table `check_result` (`exports`), which
reads these files as they are.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

    from expectations.results import CheckReport
    from models.config import Config

RECORD = re.compile(r"(?P<number>\d{8})-(?P<hash>[0-9a-f]{64})\.parquet")
GENESIS = "0" * 64
"""What the first record has as the hash before it."""
STORED = pa.schema(
    [
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("check_id", pa.string(), nullable=False),
        pa.field("description", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("table_name", pa.string(), nullable=False),
        pa.field("column_name", pa.string()),
        pa.field("severity", pa.string(), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("observed", pa.float64()),
        pa.field("threshold", pa.float64()),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("evaluated_count", pa.int64(), nullable=False),
        pa.field("unexpected_count", pa.int64(), nullable=False),
        pa.field("failing_keys", pa.string(), nullable=False),
        pa.field("detail", pa.string(), nullable=False),
        pa.field("checked_at", pa.timestamp("us"), nullable=False),
        pa.field("previous_hash", pa.string(), nullable=False),
    ]
)
"""Columns of a record; `check_result` has `hash` besides, which is in the file's name."""
SCHEMA = STORED.append(pa.field("hash", pa.string(), nullable=False))


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found."""

    records: int
    """Records that are whole, from the first one on."""
    broken: str | None
    """Name of the first broken or missing record; None if the log is whole."""
    reason: str

    @property
    def ok(self) -> bool:
        """True if nothing was changed, added or removed."""
        return self.broken is None


def records(config: Config) -> list[Path]:
    """Files of the log, oldest first."""
    return sorted(p for p in config.evidence.glob("*.parquet") if RECORD.fullmatch(p.name))


def record(report: CheckReport, config: Config) -> Path:
    """Append the results of a run to the log; return the record.

    The file appears whole or not at all. Only one process may append at a time; the lock on the
    folder of state sees to that.
    """
    config.evidence.mkdir(parents=True, exist_ok=True)
    log = records(config)
    previous = _hash_in_name(log[-1]) if log else GENESIS
    rows = [
        {
            "run_id": report.run_id,
            **{name: getattr(result, name) for name in STORED.names[1:-1]},
            "failing_keys": json.dumps(result.failing_keys),
            "previous_hash": previous,
        }
        for result in report.results
    ]
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=STORED), buffer, compression="zstd")
    content = buffer.getvalue()
    number = _number(log[-1]) + 1 if log else 1
    path = config.evidence / f"{number:08d}-{hashlib.sha256(content).hexdigest()}.parquet"
    aside = path.with_suffix(".tmp")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    folder = os.open(config.evidence, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return path


def verify(config: Config) -> Verification:
    """Walk the chain from the first record on and name the first one that is broken."""
    previous, whole = GENESIS, 0
    for path in records(config):
        if _number(path) != whole + 1:
            return Verification(whole, f"record {whole + 1}", "is missing")
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != _hash_in_name(path):
            return Verification(whole, path.name, "was changed after it was written")
        table = pq.read_table(io.BytesIO(content), columns=["previous_hash"])
        if set(table["previous_hash"].to_pylist()) - {previous}:
            return Verification(whole, path.name, "does not follow the record before it")
        previous, whole = _hash_in_name(path), whole + 1
    for manifest in sorted(config.published.glob("*/manifest.json")):
        head = json.loads(manifest.read_text("utf-8"))["evidence_head"]
        if head and head not in {path.name for path in records(config)}:
            return Verification(
                whole, head, f"is named by the publication {manifest.parent.name}, but missing"
            )
    return Verification(whole, None, "")


def evidence_table(config: Config) -> pa.Table:
    """All records as the table `check_result`, oldest first; see SCHEMA."""
    tables = [
        pq.read_table(path, schema=STORED).append_column(
            SCHEMA.field("hash"), pa.array([_hash_in_name(path)] * pq.read_metadata(path).num_rows)
        )
        for path in records(config)
    ]
    return pa.concat_tables(tables) if tables else SCHEMA.empty_table()


def _number(path: Path) -> int:
    return int(path.name[:8])


def _hash_in_name(path: Path) -> str:
    return path.stem.partition("-")[2]
