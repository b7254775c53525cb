import shutil
from datetime import date
from types import SimpleNamespace

import pytest
import yaml

from models.contract import LINEAGE, canonical_tables
from models.errors import ConfigError
from models.strategy import Version, strategy
from orchestration import codegen
from sources.spec import load_system, system_names


@pytest.fixture
def root(tmp_path):
    """A tree with everything generated, and the staging models that it is generated from."""
    shutil.copytree(codegen.ROOT / codegen.STAGING, tmp_path / codegen.STAGING)
    codegen.write(tmp_path)
    return tmp_path


def columns(text: str) -> dict[str, dict[str, str]]:
    return {
        model["name"]: {column["name"]: column["data_type"] for column in model["columns"]}
        for model in yaml.safe_load(text)["models"]
    }


def test_the_repository_is_up_to_date():
    assert codegen.drifted() == []


def test_writing_twice_changes_nothing(root):
    assert codegen.drifted(root) == []
    assert codegen.write(root) == []


def test_an_edited_file_is_named(root, monkeypatch, capsys):
    path = codegen.CANONICAL / "mes_shift.sql"
    (root / path).write_text("select 1")
    assert codegen.drifted(root) == [path]
    monkeypatch.setattr(codegen, "drifted", lambda: [path])
    assert codegen.main(["--check"]) == 1
    printed = capsys.readouterr()
    assert str(path) in printed.out
    assert "python -m orchestration.codegen" in printed.err


def test_a_missing_file_is_named(root):
    (root / codegen.DOCS).unlink()
    assert codegen.drifted(root) == [codegen.DOCS]


def test_what_is_generated_no_longer_is_removed(root):
    stale = codegen.CANONICAL / "mes_dropped.sql"
    text = (root / codegen.CANONICAL / "mes_shift.sql").read_text("utf-8")
    (root / stale).write_text(text)
    by_hand = root / codegen.CANONICAL / "by_hand.sql"
    by_hand.write_text("select 1")
    assert codegen.write(root) == [stale]
    assert not (root / stale).exists()
    assert by_hand.exists()


def test_a_staging_model_must_name_a_canonical_table(root):
    (root / codegen.STAGING / "demo_mes" / "stg_demo_mes__mes_typo.sql").write_text("select 1")
    with pytest.raises(ConfigError, match="'mes_typo', which is no canonical table"):
        codegen.generated_files(root)


def test_contracts_are_those_of_the_canonical_tables(root):
    contracts = columns((root / codegen.CANONICAL / "_canonical.yml").read_text("utf-8"))
    assert set(contracts) == set(canonical_tables())
    for name, table in canonical_tables().items():
        fields = {**table.columns, **LINEAGE}
        assert contracts[name] == {column: spec.type.sql for column, spec in fields.items()}
    staging = columns((root / codegen.STAGING / "demo_mes/_demo_mes.yml").read_text("utf-8"))
    assert staging["stg_demo_mes__mes_shift"] == contracts["mes_shift"]


def test_every_table_of_every_system_has_a_base_model(root):
    expected = {
        f"base_{system}__{table.name}"
        for system in system_names()
        for table in load_system(system).tables
    }
    assert {path.stem for path in (root / codegen.BASE).rglob("*.sql")} == expected


def test_staging_is_built_only_for_systems_that_a_source_uses(root):
    text = (root / codegen.STAGING / "demo_mes/_demo_mes.yml").read_text("utf-8")
    models = yaml.safe_load(text)["models"]
    condition = "{{ 'demo_mes' in (var('sources') | map(attribute='system')) }}"
    assert {model["config"]["enabled"] for model in models} == {condition}


def macro_line(table: str, column: str) -> str:
    """The line of a column in the contract macro."""
    text = codegen.contract_macro().split(f'if table == "{table}"')[1].split("endif")[0]
    return next(
        line.strip() for line in text.splitlines() if line.strip().startswith(f'"{column}"')
    )


@pytest.mark.parametrize(
    ("table", "column", "fact"),
    [
        ("mes_equipment", "equipment_code", '"entity": "mes_equipment"'),
        ("mes_equipment", "parent_code", '"references": "mes_equipment"'),
        ("mes_production_count", "uom", '"entity": "uom"'),
        ("mes_production_count", "qty_good", '"convert": "quantity"'),
        ("mes_production_count", "pri_s", '"convert": "per_unit"'),
        ("erp_invoice_line", "net_amount", '"convert": "money"'),
    ],
)
def test_the_macro_knows_how_a_column_is_conformed(table, column, fact):
    assert fact in macro_line(table, column)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("mes_operation", "pri_s"),  # has no unit of its own
        ("mes_equipment", "cost_per_h"),  # is in the enterprise's currency
        ("hr_suggestion", "suggestion_id"),  # is no master data
    ],
)
def test_the_macro_leaves_other_columns_alone(table, column):
    assert "entity" not in macro_line(table, column)
    assert "convert" not in macro_line(table, column)


def test_the_docs_name_every_column():
    page = codegen.canonical_docs()
    for name, table in canonical_tables().items():
        section = page.split(f"## {name}\n")[1].split("\n## ")[0]
        for column in table.columns:
            assert f"\n| {column} | " in section


def test_a_star_table_passes_on_the_context_that_its_contract_has(tmp_path):
    folder = tmp_path / codegen.STAR / "internal_process"
    folder.mkdir(parents=True)
    columns = [{"name": name} for name in ("node_id", "item_code", "shift_id", "qty")]
    contract = {"models": [{"name": "fct_x", "columns": columns}, {"name": "y", "columns": []}]}
    (folder / "fct_x.yml").write_text(yaml.safe_dump(contract))
    macro = codegen.context_macro(tmp_path)
    assert '"fct_x": ["shift_id", "item_code"],' in macro
    assert '"y"' not in macro


def test_a_kpi_does_not_change_under_the_number_of_its_version(tmp_path):
    folder = tmp_path / codegen.MARTS / "internal_process"
    folder.mkdir(parents=True)
    sql = folder / "kpi_oee.sql"
    sql.write_text("-- OEE\nselect 1")
    (tmp_path / codegen.VERSIONS).parent.mkdir(parents=True)
    first = codegen.versions_yml(tmp_path)
    (tmp_path / codegen.VERSIONS).write_text(first)
    sql.write_text("-- in other words\nselect  1")
    assert codegen.versions_yml(tmp_path) == first
    sql.write_text("select 2")
    with pytest.raises(ConfigError, match=r"oee differs from its version 1 .*Raise `version`"):
        codegen.versions_yml(tmp_path)


def test_former_versions_stay_on_record(tmp_path):
    (tmp_path / codegen.VERSIONS).parent.mkdir(parents=True)
    (tmp_path / codegen.VERSIONS).write_text("oee:\n  0: abc\ngone:\n  1: def\n")
    recorded = yaml.safe_load(codegen.versions_yml(tmp_path))
    assert recorded["oee"][0] == "abc"
    assert set(recorded["oee"]) == {0, 1}
    assert recorded["gone"] == {1: "def"}


def scrap_ratio(**changes):
    """The KPI as it would be with a second version from 2026 on, or changed in other ways."""
    (kpi,) = (kpi for kpi in strategy().kpis if kpi.id == "scrap_ratio")
    words = {"formula": "Scrap / output", "numerator": "Scrap", "denominator": "Output"}
    dated = {
        "version": 2,
        "valid_from": date(2026, 1, 1),
        "former": (Version(version=1, **words),),
    }
    return kpi.model_copy(update=dated | changes)


def block(version, sql, kpi="scrap_ratio"):
    return f"{{% call effective('{kpi}', {version}) %}}\n{sql}\n{{% endcall %}}\n"


@pytest.fixture
def versions_of(tmp_path, monkeypatch):
    """Records versions of the scrap ratio, defined and written like this, and returns them."""
    sql = tmp_path / codegen.MARTS / "internal_process/kpi_scrap_ratio.sql"
    sql.parent.mkdir(parents=True)
    record = tmp_path / codegen.VERSIONS
    record.parent.mkdir(parents=True)

    def versions(kpi, text):
        sql.write_text(text)
        monkeypatch.setattr(codegen, "strategy", lambda: SimpleNamespace(kpis=(kpi,)))
        record.write_text(codegen.versions_yml(tmp_path))
        return yaml.safe_load(record.read_text())["scrap_ratio"]

    return versions


def test_a_version_that_becomes_a_former_one_keeps_its_sql_and_digest(versions_of):
    first = versions_of(scrap_ratio(version=1, valid_from=None, former=()), "-- Scrap\nselect 1")
    dated = block(1, "-- Scrap\nselect 1") + "union all\n" + block(2, "select 2")
    both = versions_of(scrap_ratio(), dated)
    assert set(both) == {1, 2}
    assert both[1] == first[1]
    assert versions_of(scrap_ratio(), f"-- since 2026 with rework\n{dated}") == both
    stays = r"differs from its version 1 .*A former version stays as it was"
    with pytest.raises(ConfigError, match=stays):
        versions_of(scrap_ratio(), dated.replace("select 1", "select 3"))
    with pytest.raises(ConfigError, match=stays):
        versions_of(scrap_ratio(scale=1), dated)
    for kpi, sql in (
        (scrap_ratio(), dated.replace("select 2", "select 3")),
        (scrap_ratio(valid_from=date(2026, 2, 1)), dated),
    ):
        with pytest.raises(ConfigError, match=r"differs from its version 2 .*Raise `version`"):
            versions_of(kpi, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "select 1",
        block(2, "select 2"),
        block(1, "select 1") + block(2, "select 2"),
        block(2, "select 2") + "union all " + block(1, "select 1"),
        block(1, "select 1") + "union all " + block(3, "select 2"),
        block(1, "select 1", "oee") + "union all " + block(2, "select 2"),
        "with x as (select 1) " + block(1, "from x") + "union all " + block(2, "select 2"),
    ],
)
def test_sql_that_is_not_one_block_for_each_version_is_refused(versions_of, sql):
    with pytest.raises(ConfigError, match=r"kpi_scrap_ratio.sql does not consist of") as caught:
        versions_of(scrap_ratio(), sql)
    assert "{% call effective('scrap_ratio', 1) %} ... {% endcall %} union all" in caught.value.hint


def test_sql_and_readers_learn_which_days_a_version_counts(monkeypatch):
    shipped = strategy()
    kpis = tuple(scrap_ratio() if kpi.id == "scrap_ratio" else kpi for kpi in shipped.kpis)
    changed = shipped.model_copy(update={"kpis": kpis})
    monkeypatch.setattr(codegen, "strategy", lambda: changed)
    days = '"versions": {"1": {"valid_to": "2026-01-01"}, "2": {"valid_from": "2026-01-01"}}'
    assert days in codegen.kpis_macro()
    section = codegen.kpi_docs().split("\n### Scrap ratio\n")[1].split("\n### ")[0]
    assert "- version 2, from 2026-01-01 on" in section
    assert "- version 1, on days before 2026-01-01: Scrap / output" in section
