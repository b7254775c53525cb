"""DuckDB extensions from their wheels: nothing is ever downloaded at run time.

Belongs here: finding and loading them. Does not belong here: using them.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import ConfigError

if TYPE_CHECKING:
    import duckdb


def load_extension(duck: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension from the wheel `duckdb-extension-<name>`.

    Raises `ConfigError` if the wheel is not installed, or not made for this DuckDB.
    """
    package = f"duckdb_extension_{name}"
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in Path(folder).glob(f"extensions/*/{name}.duckdb_extension"):
            duck.load_extension(str(path))
            return
    raise ConfigError(
        f"The package {package.replace('_', '-')} is not installed.",
        "Install it with `pip install -r requirements.lock`.",
    )
