"""Dagster's web server and daemon on this machine.

Belongs here: starting both on a free loopback port. Does not belong here: what they show
(`orchestration.definitions`).
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from models.config import CONFIG_VARIABLE
from models.errors import BusyError, ScorecardError
from orchestration.lock import exclusive
from orchestration.output import console
from orchestration.run import dagster_home, open_instance
from orchestration.settings import end_orphans
from orchestration.warehouse import ROOT, prepare

if TYPE_CHECKING:
    from models.config import Config

LOOPBACK = "127.0.0.1"
PORTS_TRIED = 20


def serve(config: Config, config_file: Path, first_port: int) -> None:
    """Replace this process by `dagster dev` on loopback; ends with Ctrl-C.

    Open-source Dagster has no login, hence loopback only.
    """
    prepare(config)
    try:
        with exclusive(config.home, "`scorecard ui`"), open_instance(config) as instance:
            end_orphans(instance)
    except BusyError:
        pass  # a run is under way, so no run of the past can be in its way
    port = _free_port(first_port)
    console().print(f"Dagster opens on [bold]http://{LOOPBACK}:{port}[/]; Ctrl-C ends it.")
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(dagster_home(config)),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "PYTHONWARNINGS": "ignore:Function `dev_command` is superseded",
        CONFIG_VARIABLE: str(config_file.resolve()),
    }
    command = Path(sys.executable).with_name("dagster")
    arguments = ["dev", "-w", str(ROOT / "workspace.yaml"), "-h", LOOPBACK, "-p", str(port)]
    os.chdir(environment["DAGSTER_HOME"])
    os.execve(command, [str(command), *arguments, "--log-level", "warning"], environment)  # noqa: S606 - our own command and arguments


def _free_port(first: int) -> int:
    for port in range(first, first + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise ScorecardError(
        f"No port from {first} to {first + PORTS_TRIED - 1} is free.", "Name another with --port."
    )
