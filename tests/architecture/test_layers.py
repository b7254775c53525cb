"""The SQL layers: base, staging, canonical, star, marts. A model reads its own layer or the one
below, staging reads the landing only through `landed()`, and vendors end at staging."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "dbt_project/models"
SYSTEMS = sorted(p.stem for p in (ROOT / "sources/systems").glob("*.yml"))
READS = {
    "base": set(),
    "staging": set(),
    "canonical": {"canonical"},
    "star": {"star", "canonical"},
    "marts": {"marts", "star", "canonical"},
}
REF = re.compile(r"ref\(\s*'([a-z0-9_]+)'\s*\)")
FACT = sorted(MODELS.glob("star/*/fct_*.sql"))


def layer_of() -> dict[str, str]:
    return {p.stem: p.relative_to(MODELS).parts[0] for p in MODELS.rglob("*.sql")}


@pytest.mark.parametrize("layer", READS)
def test_a_layer_reads_only_what_lies_below_it(layer):
    layers = layer_of()
    wrong = {}
    for path in (MODELS / layer).rglob("*.sql"):
        read = {layers[name] for name in REF.findall(path.read_text("utf-8"))}
        if read - READS[layer]:
            wrong[path.name] = sorted(read - READS[layer])
    assert not wrong


def test_marts_read_the_canonical_layer_only_for_what_is_missing_in_it():
    """A KPI is computed from facts; only completeness asks which canonical rows exist."""
    layers = layer_of()
    wrong = {
        path.name
        for path in (MODELS / "marts/kpi").rglob("kpi_*.sql")
        if any(layers[n] == "canonical" for n in REF.findall(path.read_text("utf-8")))
    }
    assert not wrong


def test_vendors_end_at_staging():
    vendors = re.compile("|".join(SYSTEMS))
    below = [p for part in ("canonical", "star", "marts") for p in (MODELS / part).rglob("*.sql")]
    assert below
    assert [p.name for p in below if vendors.search(p.read_text("utf-8"))] == []


@pytest.mark.parametrize("path", FACT, ids=lambda p: p.stem)
def test_a_fact_opens_with_its_grain_and_additivity(path):
    head = path.read_text("utf-8")[:600].lower()
    assert "grain:" in head
    assert "additive" in head


def test_there_are_facts_in_every_perspective():
    folders = {p.parent.name for p in FACT}
    assert folders >= {"financial", "customer", "internal_process", "learning_growth"}


def test_every_kpi_has_a_definition_and_sql_and_nothing_else_has():
    definitions = {
        (p.parent.name, p.stem) for p in (ROOT / "models/scorecard/kpis").glob("*/*.yml")
    }
    sql = {
        (p.parent.name, p.stem.removeprefix("kpi_")) for p in MODELS.glob("marts/kpi/*/kpi_*.sql")
    }
    derived = {
        (p.parent.name, p.stem)
        for p in (ROOT / "models/scorecard/kpis").glob("*/*.yml")
        if "rollup: derived" in p.read_text("utf-8")
    }
    assert len(definitions) >= 16
    assert sql == definitions - derived
