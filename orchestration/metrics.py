"""The published KPIs as metrics: MetricFlow on the newest publication.

Belongs here: a folder in which `mf` finds the metrics and, read-only, the published DuckDB file.
Does not belong here: what the metrics are (`orchestration.semantic`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from exports import current
from models.errors import ScorecardError
from orchestration.warehouse import ROOT, dbt_home, dbt_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.config import Config

METRICFLOW = ROOT / ".venv/semantic/bin/python"
"""Python of the virtual environment that `make semantic` sets up."""
MF = Path(__file__).with_name("mf.py")
MANIFEST = "semantic_manifest.json"
NAME = "scorecard_metrics"
WAREHOUSE = "warehouse"
"""Name of the database that the metrics were built in; the published file takes its place."""


def metricflow(config: Config, arguments: Sequence[str]) -> int:
    """Run `mf` with these arguments on the newest publication; return its exit code.

    Raises `ScorecardError` if MetricFlow is not installed or nothing is published.
    """
    if not METRICFLOW.exists():
        raise ScorecardError("MetricFlow is not installed.", "Run `make semantic` once.")
    folder = _project(config)
    environment = {
        **os.environ,
        "DBT_PROFILES_DIR": str(folder),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    done = subprocess.run(  # noqa: S603 - our own command, the user's own arguments
        [METRICFLOW, MF, *arguments], cwd=folder, env=environment, check=False
    )
    return done.returncode


def _project(config: Config) -> Path:
    """Write what `mf` wants around it: a project without models, a profile, the manifest."""
    published = current(config).duckdb
    built = dbt_target(config) / MANIFEST
    if not built.exists():
        raise ScorecardError(f"{built} is missing.", "Run `scorecard run --full`.")
    folder = dbt_home(config) / "metrics"
    (folder / "target").mkdir(parents=True, exist_ok=True)
    shutil.copy(built, folder / "target" / MANIFEST)
    project = {"name": NAME, "version": "1.0", "config-version": 2, "profile": NAME}
    project |= {"model-paths": [], "flags": {"send_anonymous_usage_stats": False}}
    output = {
        "type": "duckdb",
        "path": ":memory:",
        "database": WAREHOUSE,
        "schema": "main",
        "attach": [{"path": str(published), "alias": WAREHOUSE, "read_only": True}],
    }
    profile = {NAME: {"target": "published", "outputs": {"published": output}}}
    for name, content in (("dbt_project.yml", project), ("profiles.yml", profile)):
        (folder / name).write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
    return folder
