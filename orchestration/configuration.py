"""Which `scorecard.yml` holds.

Belongs here: the order in which the file is looked for. Does not belong here: what it may say
(`models.config`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from models.config import CONFIG_VARIABLE, default_config_path, load_config

if TYPE_CHECKING:
    from models.config import Config

DEMO = Path(__file__).parents[1] / "examples" / "demo.yml"


def find_config_file(path: Path | None = None) -> Path:
    """The file named, else SCORECARD_CONFIG, else ./scorecard.yml, else the demo's."""
    if path:
        return path
    default = default_config_path()
    return default if CONFIG_VARIABLE in os.environ or default.exists() else DEMO


def find_config(path: Path | None = None) -> Config:
    """The configuration in the file that is found.

    Raises `ConfigError` if the file cannot be read or is not valid.
    """
    return load_config(find_config_file(path))
