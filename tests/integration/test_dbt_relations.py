"""How dbt makes a table or view here: whatever was there before, and never against its contract."""

import duckdb
import pytest
from little_project import little_project

from models.config import Config, Enterprise, Source
from models.errors import BuildError
from orchestration.resident import ResidentBuild

SQL = "-- a comment\nwith one as (select 1::decimal(18,6) as qty, 'a' as code)\nselect * from one"
CONTRACTS = {
    "right": {"qty": "decimal(18,6)", "code": "varchar"},
    "in_other_order": {"code": "varchar", "qty": "decimal(18,6)"},
    "of_other_type": {"qty": "decimal(18,4)", "code": "varchar"},
    "of_other_name": {"quantity": "decimal(18,6)", "code": "varchar"},
    "of_fewer_columns": {"qty": "decimal(18,6)"},
    "of_more_columns": {"qty": "decimal(18,6)", "code": "varchar", "day": "date"},
}
KINDS = {"view": "VIEW", "tracked": "BASE TABLE"}


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Builds a single model of a little project with the macros of the real one."""
    folder = tmp_path_factory.mktemp("relations")
    config = Config(
        enterprise=Enterprise(code="E", name="Plant", time_zone="UTC", currency="EUR"),
        sources=(Source(name="feed", system="files", path=folder),),
        home=folder / "home",
    )
    models = {}
    for kind in KINDS:
        for name, columns in CONTRACTS.items():
            model = f"{kind}_{name}"
            models[f"star/{model}.sql"] = f"{{{{ config(materialized='{kind}') }}}}\n{SQL}"
            listed = ", ".join(f'{{name: {c}, data_type: "{t}"}}' for c, t in columns.items())
            models[f"star/{model}.yml"] = f"models: [{{name: {model}, columns: [{listed}]}}]"
    with little_project(folder / "project", models):
        kept = ResidentBuild(config)

        def made(model):
            kept.build(full=True, only=(model,))
            return duckdb.connect(str(config.warehouse))

        yield made


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["right", "in_other_order"])
def test_it_replaces_what_was_there(build, kind, name):
    model = f"{kind}_{name}"
    for before in ("table", "view"):
        with build(model) as con:
            assert con.execute(f"select code, qty from {model}").fetchall() == [("a", 1)]
            assert con.execute(
                "select table_name, table_type from information_schema.tables"
                f" where starts_with(table_name, '{model}')"
            ).fetchall() == [(model, KINDS[kind])]
            con.execute(f"drop {'view' if kind == 'view' else 'table'} {model}")
            con.execute(f"create {before} {model} as select 2 as other")
    with build(model) as con:
        assert con.execute(f"select code, qty from {model}").fetchall() == [("a", 1)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("of_other_type", "data type mismatch"),
        ("of_other_name", "missing in definition"),
        ("of_fewer_columns", "missing in contract"),
        ("of_more_columns", "missing in definition"),
    ],
)
def test_it_is_not_made_against_its_contract(build, kind, name, said):
    with pytest.raises(BuildError, match=f"{kind}_{name}: .*enforced contract.*{said}"):
        build(f"{kind}_{name}")
    with build(f"{kind}_right") as con:
        found = con.execute("select table_name from information_schema.tables").fetchall()
    assert (f"{kind}_{name}",) not in found
