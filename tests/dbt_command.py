"""dbt as a command on one configuration's warehouse.

Does not belong here: what is asked of it, and builds (`orchestration`).
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from orchestration.warehouse import DBT, PROJECT, dbt_environment, vars_argument

if TYPE_CHECKING:
    from models.config import Config


def dbt_command(config: Config, *arguments: object) -> str:
    """Run a command that must succeed; return what dbt printed."""
    with dbt_environment(config):
        done = subprocess.run(
            [DBT, "--no-use-colors", *map(str, arguments), *vars_argument(config)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    return done.stdout
