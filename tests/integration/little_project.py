"""A little dbt project with the macros and settings of the real one, in place of it.

Does not belong here: which models, and what must come of them.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from orchestration import assets, resident, warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@contextmanager
def little_project(folder: Path, models: Mapping[str, str]) -> Iterator[None]:
    """Whoever builds meanwhile builds these models: text by path below the folder of models."""
    shutil.copytree(warehouse.PROJECT, folder, ignore=shutil.ignore_patterns("models"))
    for name, text in models.items():
        path = folder / "models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for module in (warehouse, assets, resident):
            patch.setattr(module, "PROJECT", folder)
        at = ("--project-dir", str(folder), "--profiles-dir", str(folder))
        patch.setattr(resident, "AT", at)
        yield
