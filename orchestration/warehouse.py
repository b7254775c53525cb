"""What dbt needs to know: variables, environment, a fitting manifest, and what to build.

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
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from models.contract import canonical_tables
from models.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from models.config import Config

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "dbt_project"
DBT = Path(sys.executable).with_name("scorecard-dbt")
"""dbt of this virtual environment, whether or not it is on the PATH: `orchestration.dbt_child`."""
FILES = "files"
PROJECT_NAME = "scorecard"
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
                "go_live": s.go_live.isoformat() if s.go_live else None,
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
        "tolerance": config.tolerance.model_dump(
            include={"order_qty_units", "order_qty_share", "clock_skew_minutes"}
        ),
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


@dataclass(frozen=True)
class Inputs:
    """Everything that the warehouse is computed from.

    The landing is named by the newest batch of each source, because a batch never changes.
    """

    project: str
    """Project and configuration, by the manifest that fits them."""
    batches: Mapping[str, str]
    definitions: Mapping[str, str]
    """Hash of each table of the definitions."""

    @classmethod
    def of(cls, config: Config) -> Inputs:
        """The inputs as they are."""
        return cls(
            manifest_path(config).name,
            {s.name: max(_batches(config, s.name), default="") for s in config.sources},
            {
                path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sorted(config.definitions.glob("*.parquet"))
            },
        )


def selection(manifest: Mapping[str, Any], nodes: AbstractSet[str]) -> list[str]:
    """Selectors, as dbt takes them, of exactly these models: folders where all of it is meant.

    dbt compares each selector with every node, so few are better; and a bare name may be a
    folder's, too.
    """
    models = {i: n["fqn"] for i, n in manifest["nodes"].items() if n["resource_type"] == "model"}

    def folders(model: str) -> list[str]:
        return [".".join(models[model][:end]) for end in range(1, len(models[model]) + 1)]

    mixed = {folder for model in models.keys() - nodes for folder in folders(model)}
    whole = {next(f for f in folders(model) if f not in mixed) for model in nodes}
    return [f"fqn:{folder}" for folder in sorted(whole)]


def counted_tables(manifest: Mapping[str, Any], node: str) -> list[str]:
    """What a fact reads besides the shared dimensions; nothing of any other node."""
    if not node.startswith(f"model.{PROJECT_NAME}.fct_"):
        return []
    return [
        other
        for other in manifest["parent_map"][node]
        if other in manifest["nodes"] and manifest["nodes"][other]["fqn"][1:3] != ["star", "shared"]
    ]


def _batches(config: Config, source: str) -> list[str]:
    return [path.name for path in (config.landing / source).glob("batch=*")]


class BuildMark:
    """A note beside the warehouse: from which inputs it was computed, and whether completely.

    What a build has changed so far stands in the warehouse itself (macros/increment). So one that
    was cut short is gone on with, if everything was computed once from the same project; else
    there is no note, and everything is computed.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._path = config.warehouse.with_suffix(".inputs")
        self._inputs = Inputs.of(config)
        self._before, self._complete = self._read()

    def _read(self) -> tuple[Inputs | None, bool]:
        try:
            note = json.loads(self._path.read_text("utf-8"))
            return Inputs(**note["inputs"]), note["complete"]
        except (OSError, ValueError, KeyError, TypeError):  # none, or one of another version
            return None, False

    @property
    def is_current(self) -> bool:
        """True if computing again would change nothing."""
        return self._complete and self._before == self._inputs

    @property
    def allows_increment(self) -> bool:
        """True if the warehouse was computed by this project from an earlier state."""
        before, now = self._before, self._inputs
        return (
            before is not None
            and self._config.warehouse.exists()
            and before.project == now.project
            and all(before.batches.get(s, "") <= batch for s, batch in now.batches.items())
        )

    def outdated(self, manifest: Mapping[str, Any]) -> set[str]:
        """Unique ids of the tables below what has changed since the last complete build."""
        if self._before is None:
            raise BuildError("There is no earlier build.", "Compute everything.")
        changed = [f"source.{PROJECT_NAME}.definitions.{name}" for name in self._changed()]
        for source in self._config.sources:
            since = self._before.batches[source.name]
            for batch in _batches(self._config, source.name):
                if batch > since:
                    changed += [
                        f"model.{PROJECT_NAME}.base_{source.system}__{path.stem}"
                        for path in (self._config.landing / source.name / batch).glob("*.parquet")
                    ]
        return {
            node
            for node in self._below(changed, manifest)
            if node in manifest["nodes"]
            and manifest["nodes"][node]["resource_type"] == "model"
            and manifest["nodes"][node]["config"]["materialized"] != "view"
        }

    def _below(self, changed: Iterable[str], manifest: Mapping[str, Any]) -> set[str]:
        """The changed nodes and what is computed from them, but facts that have nothing to count.

        Such a fact is empty, as is whatever it reads besides the shared dimensions, and only these
        changed: every fact is below the clock, and a plant has seldom data for all of them.
        """
        reached = {*changed}
        waiting = [*reached]
        while waiting:
            for child in manifest["child_map"].get(waiting.pop(), ()):
                if child not in reached:
                    reached.add(child)
                    waiting.append(child)
        above = {node: reached.intersection(manifest["parent_map"][node]) for node in reached}
        empty = self._empty_tables()
        outdated: set[str] = set()
        for node in TopologicalSorter(above).static_order():
            counted = counted_tables(manifest, node)
            has_nothing_to_count = counted and all(
                other not in outdated and manifest["nodes"][other]["name"] in empty
                for other in (node, *counted)
            )
            if node in changed or (above[node] & outdated and not has_nothing_to_count):
                outdated.add(node)
        return outdated

    def _empty_tables(self) -> set[str]:
        with duckdb.connect(str(self._config.warehouse), read_only=True) as con:
            tables = {
                n for (n,) in con.execute("select table_name from duckdb_tables()").fetchall()
            }
            filled = " union all ".join(f"(select '{n}' from \"{n}\" limit 1)" for n in tables)
            return tables - {n for (n,) in con.execute(filled).fetchall()}

    def _changed(self) -> list[str]:
        """Definitions that differ from those of the last complete build."""
        before, now = (self._before or self._inputs).definitions, self._inputs.definitions
        return [name for name in now if before.get(name) != now[name]]

    def begin(self, *, full: bool) -> None:
        """Before computing."""
        if full or self._before is None:
            self._path.unlink(missing_ok=True)
            return
        self._write(self._before, complete=False)
        if changed := self._changed():
            with duckdb.connect(str(self._config.warehouse)) as con:
                con.executemany(
                    "insert into touched_slice (model) values (?)",
                    [[f"definitions.{name}"] for name in changed],
                )

    def complete(self) -> None:
        """After everything was computed: nothing is left to be told to the models below."""
        with duckdb.connect(str(self._config.warehouse)) as con:
            con.execute("delete from touched_slice")
            con.execute("delete from arrived_batch")
            con.execute("delete from read_batch")
            con.executemany(
                "insert into read_batch values (?, ?)",
                [(s, folder.removeprefix("batch=")) for s, folder in self._inputs.batches.items()],
            )
            for (scope,) in con.execute(
                "select table_name from duckdb_tables() where ends_with(table_name, '__scope')"
            ).fetchall():
                con.execute(f'drop table "{scope}"')
        self._write(self._inputs, complete=True)

    def _write(self, inputs: Inputs, *, complete: bool) -> None:
        aside = self._path.with_suffix(".tmp")
        aside.write_text(json.dumps({"inputs": asdict(inputs), "complete": complete}), "utf-8")
        aside.replace(self._path)
