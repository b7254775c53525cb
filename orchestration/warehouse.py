"""What dbt needs to know: variables, environment, and a manifest that fits the project.

Belongs here: the hand-over from `scorecard.yml` to dbt. Does not belong here: SQL, and running the
build (`orchestration.assets`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.contract import canonical_tables
from models.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.config import Config

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "dbt_project"
DBT = Path(sys.executable).with_name("scorecard-dbt")
"""dbt of this virtual environment, whether or not it is on the PATH: `orchestration.dbt_child`."""
FILES = "files"
PARTIAL_PARSE = "partial_parse.msgpack"


def dbt_home(config: Config) -> Path:
    """Folder of everything that dbt writes but the warehouse."""
    return config.home / "dbt"


def dbt_target(config: Config) -> Path:
    """Target folder of dbt: compiled SQL, results and log of the newest build."""
    return dbt_home(config) / "target"


def dbt_vars(config: Config) -> dict[str, Any]:
    """Variables of the dbt project."""
    as_of = config.enterprise.as_of
    if isinstance(as_of, datetime):
        if as_of.tzinfo:
            as_of = as_of.astimezone(UTC).replace(tzinfo=None)
        as_of_text = as_of.isoformat(" ")
    else:
        as_of_text = as_of
    return {
        "landing": str(config.landing),
        "definitions": str(config.definitions),
        "sources": [
            {
                "name": s.name,
                "system": s.system,
                "time_zone": s.time_zone or config.enterprise.time_zone,
                "site": s.site,
            }
            for s in config.sources
        ],
        "staging": {
            table: [model for system in config.systems if (model := _staging_model(system, table))]
            for table in canonical_tables()
        },
        "enterprise": {
            **config.enterprise.model_dump(exclude={"as_of", "conventions"}),
            "as_of": as_of_text,
        },
        "conventions": config.enterprise.conventions.model_dump(),
        "tolerance": config.tolerance.model_dump(include={"order_qty_units", "order_qty_share"}),
    }


def _staging_model(system: str, table: str) -> str | None:
    """Model through which a system feeds a canonical table, if it does."""
    if system == FILES:
        return f"base_files__{table}"
    name = f"stg_{system}__{table}"
    return name if (PROJECT / f"models/staging/{system}/{name}.sql").exists() else None


def vars_argument(config: Config) -> list[str]:
    """The variables as dbt takes them; equal for parse and build, so that dbt parses once."""
    return ["--vars", json.dumps(dbt_vars(config), sort_keys=True)]


@contextmanager
def dbt_environment(config: Config) -> Iterator[None]:
    """Set the environment that `profiles.yml` and dbt read, and restore the former afterwards."""
    ours = {
        "SCORECARD_WAREHOUSE": str(config.warehouse),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_TARGET_PATH": str(dbt_target(config)),
        "DBT_LOG_PATH": str(dbt_home(config) / "logs"),
        # At level debug, which is the default, a tenth of a build is writing its log.
        "DBT_LOG_LEVEL_FILE": "info",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def manifest_path(config: Config) -> Path:
    """Where the manifest lies that fits the project's files and the configuration as they are."""
    digest = hashlib.sha256(json.dumps(dbt_vars(config), sort_keys=True).encode())
    for package in ("dbt-core", "dbt-duckdb"):
        digest.update(f"{package} {version(package)}".encode())
    for path in sorted(PROJECT.rglob("*")):
        inside = path.relative_to(PROJECT)
        if path.suffix in {".sql", ".yml", ".csv"} and inside.parts[0] not in {"target", "logs"}:
            digest.update(str(inside).encode())
            digest.update(path.read_bytes())
    return dbt_home(config) / f"manifest.{digest.hexdigest()[:16]}.json"


def prepare(config: Config) -> Path:
    """Parse the dbt project unless a manifest that fits is there already; return its path.

    Raises `BuildError` with dbt's own words when the project does not parse.
    """
    manifest = manifest_path(config)
    if manifest.exists():
        return manifest
    home, target = dbt_home(config), dbt_target(config)
    target.mkdir(parents=True, exist_ok=True)
    # Parsed aside and moved into place: a code server may be reading the manifest.
    with tempfile.TemporaryDirectory(dir=home, prefix="parse-") as folder, dbt_environment(config):
        if (target / PARTIAL_PARSE).exists():  # then dbt parses only what has changed
            shutil.copy(target / PARTIAL_PARSE, folder)
        command = [str(DBT), "--no-use-colors", "parse", "--target-path", folder]
        done = subprocess.run(  # noqa: S603 - our own command and arguments
            [*command, *vars_argument(config)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stdout.partition("Encountered an error:")[2] or done.stdout + done.stderr
            raise BuildError(
                f"The dbt project does not parse: {' '.join(said.split())}",
                f"The whole log is {home / 'logs' / 'dbt.log'}.",
            )
        (Path(folder) / PARTIAL_PARSE).replace(target / PARTIAL_PARSE)
        (Path(folder) / "manifest.json").replace(manifest)
    for old in home.glob("manifest.*.json"):
        if old != manifest:
            old.unlink(missing_ok=True)
    return manifest


def inputs_digest(config: Config) -> str:
    """Everything that the warehouse is computed from: project, configuration, landing, definitions.

    The landing is named by its newest batches, because a batch never changes.
    """
    digest = hashlib.sha256(manifest_path(config).name.encode())
    for source in config.sources:
        batches = sorted((config.landing / source.name).glob("batch=*"))
        digest.update(f"{source.name} {batches[-1].name if batches else ''}".encode())
    for path in sorted(config.definitions.glob("*.parquet")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


class BuildMark:
    """A note beside the warehouse: from which inputs it was computed completely.

    It is taken away before anything is computed, so a build that was cut short leaves none.
    """

    def __init__(self, config: Config) -> None:
        self._path = config.warehouse.with_suffix(".inputs")
        self._inputs = inputs_digest(config)

    @property
    def is_current(self) -> bool:
        """True if computing again would change nothing."""
        return self._path.exists() and self._path.read_text("utf-8") == self._inputs

    def remove(self) -> None:
        """Before computing."""
        self._path.unlink(missing_ok=True)

    def write(self) -> None:
        """After everything was computed."""
        self._path.write_text(self._inputs, "utf-8")
