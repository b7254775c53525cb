"""Nothing flows upwards: which of our packages may import which, and who may import what tool."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALLOWED = {
    "models": set(),
    "sources": {"models"},
    "expectations": {"models"},
    "exports": {"models"},
    "dashboard": {"models", "exports"},
    "orchestration": {"models", "sources", "expectations", "exports", "dashboard"},
}
ONLY_IN = {
    "dagster": {"orchestration"},
    "dagster_dbt": {"orchestration"},
    "great_expectations": {"expectations"},
}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Top-level names that a module imports anywhere, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("package", ALLOWED)
def test_packages_import_only_what_lies_below_them(package):
    ours = set(ALLOWED)
    wrong = {
        str(path.relative_to(ROOT)): sorted(imported(path) & ours - ALLOWED[package] - {package})
        for path in modules(package)
    }
    assert not {path: names for path, names in wrong.items() if names}


@pytest.mark.parametrize("tool", ONLY_IN)
def test_a_tool_is_imported_in_one_place(tool):
    users = {
        path.relative_to(ROOT).parts[0]
        for package in ALLOWED
        for path in modules(package)
        if tool in imported(path)
    }
    assert users == ONLY_IN[tool]


@pytest.mark.parametrize(
    "package", ["models", "sources", "expectations", "exports", "orchestration"]
)
def test_every_module_says_what_belongs_in_it(package):
    silent = [
        str(path.relative_to(ROOT))
        for path in modules(package)
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert modules(package)
    assert not silent
