"""Write, audit, publish: a new folder, and a pointer that is swapped in one step.

`home/published/<version>/` is written aside as `.tmp-<version>`, audited, flushed to disk and
renamed; then the relative link `current` is replaced. A crash at any moment leaves what was
published before; leftovers go at the next publication. A reader that holds an old file open keeps
it, even after the version is pruned.

A run whose tables are all what they were publishes no new version: a publication then goes on
saying truthfully what it was built from and which checks let it through. The checks of the idle
run are kept in the log of evidence, and appear in `check_result` with the next version.

Does not belong here: whether the data is good. But nothing is published that was not checked: the
newest record of evidence must exist and be free of blocking failures.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq

from exports.tables import CHECK_RESULT, DIM_KPI, WAREHOUSE, literal, published_tables, quoted
from exports.targets import DUCKDB_FILE, write_duckdb, write_evidence_manifest, write_files
from models.errors import BuildError, CheckFailed, PublishError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from exports.tables import Table
    from models.config import Config

CURRENT = "current"
MANIFEST = "manifest.json"
ASIDE = ".tmp-"
MEMORY_LIMIT = "1GB"
FORMAT = 1
"""Raised when the same tables are written differently, so that the next run publishes anew."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One published version."""

    version: str
    """Time of publication; sorts by time."""
    path: Path
    run_id: str
    created_at: datetime
    """UTC."""
    as_of: datetime | None
    """Until when the scorecard counts (UTC)."""
    tables: Mapping[str, int]
    """Number of rows by table."""
    is_new: bool = True
    """False: nothing had changed, so this version was there already."""

    @property
    def duckdb(self) -> Path:
        """The file for SQL clients; open it read-only."""
        return self.path / DUCKDB_FILE


def current(config: Config) -> Publication:
    """Return what is published now; raise `PublishError` if nothing is, or it is damaged."""
    link = config.published / CURRENT
    if not link.exists():
        raise PublishError(
            f"Nothing is published in {config.published} yet.", "Run `scorecard run` first."
        )
    return _publication(link.resolve(), _manifest(link.resolve()), is_new=False)


def publish(
    config: Config, *, run_id: str, progress: Callable[[str], None] | None = None
) -> Publication:
    """Publish the warehouse as it is; return the new version, or the current one if all is equal.

    No other process may be writing to the warehouse. Raises `BuildError` if there is none,
    `CheckFailed` if the newest checks refused it, `PublishError` if it was not checked or cannot
    be written; what was published before then stays.
    """
    tell = progress or (lambda _: None)
    head = _audited(config)
    config.published.mkdir(parents=True, exist_ok=True)
    _sweep(config)
    version = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = config.published / f"{ASIDE}{version}"
    try:
        with _warehouse(config) as con:
            link = config.published / CURRENT
            former = link.resolve() if link.exists() else None
            tables = published_tables(con, config, version=version, former=former)
            tell("Comparing with the current publication")
            content = {table.name: _content(con, table) for table in tables}
            if unchanged := _unchanged(config, content):
                return unchanged
            aside.mkdir()
            rows = {}
            for table in tables:
                tell(f"Publishing {table.name}")
                rows[table.name] = write_files(con, table, aside)
            tell(f"Publishing {DUCKDB_FILE}")
            write_duckdb(con, tables, aside)
            write_evidence_manifest(tables, aside)
            as_of = _as_of(con, tables)
        tell("Auditing what was written")
        _audit(aside, rows)
        manifest = {
            "version": version,
            "run_id": run_id,
            "created_at": _iso(datetime.now(UTC).replace(tzinfo=None)),
            "as_of": as_of,
            "format": FORMAT,
            "evidence_head": head,
            "tables": {name: {"rows": n, "content": content[name]} for name, n in rows.items()},
            "files": _files(aside),
        }
        (aside / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        _flush(aside)
        path = aside.rename(config.published / version)
    except (OSError, duckdb.Error) as e:
        shutil.rmtree(aside, ignore_errors=True)
        raise PublishError(
            f"The publication could not be written: {str(e).splitlines()[0]}.",
            "What was published before is untouched; mend the cause and run again.",
        ) from e
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    _point(config.published, version)
    _prune(config)
    return _publication(path, manifest, is_new=True)


def _audited(config: Config) -> str:
    """Name of the newest record of evidence, which must let this publication through."""
    log = sorted(config.evidence.glob("*.parquet"))
    if not log:
        raise PublishError("The warehouse was never checked.", "Run the checks first.")
    checks = pq.read_table(log[-1], columns=["check_id", "severity", "status"]).to_pylist()
    refused = [
        check["check_id"]
        for check in checks
        if check["severity"] == "blocking" and check["status"] in {"failed", "error"}
    ]
    if refused:
        raise CheckFailed(
            f"{len(refused)} blocking checks refused the data, the first is {refused[0]}.",
            f"{log[-1]} holds all results; what was published before stays.",
        )
    return log[-1].name


@contextmanager
def _warehouse(config: Config) -> Iterator[duckdb.DuckDBPyConnection]:
    if not config.warehouse.exists():
        raise BuildError(f"There is no warehouse at {config.warehouse}.", "Run the pipeline first.")
    with duckdb.connect(
        config={
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": str(config.warehouse.with_name("publish.tmp")),
        }
    ) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {literal(str(config.warehouse))} as {WAREHOUSE} (read_only)")
        yield con


def _content(con: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Fingerprint of a table's columns and rows, whatever the order of the rows."""
    row = con.execute(f"select count(*), sum(hash(t)::hugeint) from ({table.sql}) as t").fetchone()
    return hashlib.sha256(repr((table.columns, row)).encode()).hexdigest()


def _unchanged(config: Config, content: Mapping[str, str]) -> Publication | None:
    """Return the current publication if it has this content; evidence alone makes no version."""
    link = config.published / CURRENT
    if not link.exists():
        return None
    manifest = _manifest(link.resolve())
    before = {name: table["content"] for name, table in manifest["tables"].items()}
    same = all(
        before.get(name) == content.get(name)
        for name in before.keys() | content.keys()
        if name != CHECK_RESULT
    )
    if not same or manifest["format"] != FORMAT:
        return None
    return _publication(link.resolve(), manifest, is_new=False)


def _as_of(con: duckdb.DuckDBPyConnection, tables: list[Table]) -> str | None:
    if "clock" not in {table.name for table in tables}:
        return None
    row = con.execute(f"select as_of from {WAREHOUSE}.main.clock").fetchone()
    return _iso(row[0]) if row and row[0] else None


def _audit(folder: Path, rows: Mapping[str, int]) -> None:
    """What was written has all rows in each target, and each KPI can be explained from it."""
    with duckdb.connect(str(folder / DUCKDB_FILE), read_only=True) as con:
        for name, expected in rows.items():
            stored = con.execute(f"select count(*) from {quoted(name)}").fetchone()
            parquet = pq.read_metadata(folder / f"parquet/{name}.parquet").num_rows
            if (parquet, *(stored or ())) != (expected, expected):
                raise PublishError(
                    f"{name} has {expected} rows, but {parquet} in Parquet and {stored} in DuckDB.",
                    "Run again; if it stays, the disk is damaged.",
                )
        if DIM_KPI not in rows:
            return
        for kpi, sql in con.execute(
            f"select kpi_id, contribution_sql from {DIM_KPI} where contribution_sql is not null"
        ).fetchall():
            try:
                con.execute(f"describe {sql}")
            except duckdb.Error as e:
                raise PublishError(
                    f"The contributions of {kpi} cannot be read from what is published: "
                    f"{str(e).splitlines()[0]}",
                    "The KPI's SQL may read dimensions and facts only.",
                ) from e


def _files(folder: Path) -> dict[str, dict[str, Any]]:
    """Size and hash of every file."""
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found[path.relative_to(folder).as_posix()] = {
            "bytes": path.stat().st_size,
            "sha256": digest,
        }
    return found


def _flush(folder: Path) -> None:
    """Make files unwritable, so that no client changes what is published, and flush all to disk."""
    for path in (*folder.rglob("*"), folder, folder.parent):
        if path.is_file():
            path.chmod(0o444)
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _point(published: Path, version: str) -> None:
    """Swap the link in one step, and flush it."""
    aside = published / f"{ASIDE}{CURRENT}"
    aside.symlink_to(version)
    aside.replace(published / CURRENT)
    descriptor = os.open(published, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _versions(published: Path) -> list[Path]:
    """Complete versions, oldest first."""
    return sorted(p.parent for p in published.glob(f"[0-9]*/{MANIFEST}"))


def _sweep(config: Config) -> None:
    """Remove what an interrupted publication left: parts, and a version never pointed to."""
    for path in config.published.glob(f"{ASIDE}*"):
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path)
    link = config.published / CURRENT
    if link.exists():
        for path in _versions(config.published):
            if path.name > link.resolve().name:
                shutil.rmtree(path)


def _prune(config: Config) -> None:
    """Keep the newest versions; the current one is the newest of all."""
    for path in _versions(config.published)[: -config.keep_versions]:
        shutil.rmtree(path)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((path / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as e:
        raise PublishError(
            f"The publication {path.name} has no readable {MANIFEST}.",
            f"Remove {path} and run `scorecard run`.",
        ) from e
    return manifest


def _publication(path: Path, manifest: Mapping[str, Any], *, is_new: bool) -> Publication:
    as_of = manifest["as_of"]
    return Publication(
        version=manifest["version"],
        path=path,
        run_id=manifest["run_id"],
        created_at=datetime.fromisoformat(manifest["created_at"]),
        as_of=datetime.fromisoformat(as_of) if as_of else None,
        tables={name: table["rows"] for name, table in manifest["tables"].items()},
        is_new=is_new,
    )


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
