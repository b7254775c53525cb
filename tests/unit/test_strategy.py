import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from models.errors import ConfigError
from models.strategy import SCORECARD_DIR, Need, load_strategy, strategy
from orchestration.codegen import iso_22400

ROOT = Path(__file__).parents[2]
MARTS = ROOT / "dbt_project/models/marts/kpi"
KPIS = {kpi.id: kpi for kpi in strategy().kpis}
OBJECTIVES = {objective.id: objective for objective in strategy().objectives}
each_kpi = pytest.mark.parametrize("kpi", KPIS.values(), ids=KPIS.keys())


def former(version, valid_from=None):
    words = {"formula": f"formula {version}", "numerator": "n", "denominator": "d"}
    return {"version": version, "valid_from": valid_from} | words


@pytest.fixture
def folder(tmp_path):
    """A strategy of one objective and one KPI that a test may spoil."""
    (tmp_path / "strategy.yml").write_text(
        "vision: v\nmission: m\nobjectives:\n"
        "  - {id: o, name: O, perspective: customer, description: d, owner: w}\n"
    )
    (tmp_path / "kpis/customer").mkdir(parents=True)
    definition = yaml.safe_load((SCORECARD_DIR / "kpis/customer/otif.yml").read_text("utf-8"))

    def write(**changes):
        path = tmp_path / "kpis/customer/otif.yml"
        path.write_text(yaml.safe_dump(definition | {"objective": "o"} | changes))
        return tmp_path

    return write


def test_id_and_perspective_come_from_the_path(folder):
    (kpi,) = load_strategy(folder()).kpis
    assert (kpi.id, kpi.perspective) == ("otif", "customer")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"objective": "x"}, "serves objective 'x', which does not exist"),
        ({"rollup": "derived"}, "derived_from belongs to rollup: derived"),
        ({"direction": "lower"}, "contradict direction 'lower'"),
        ({"colour": "green"}, "colour"),
        ({"needs": ["erp_gold"]}, "'erp_gold' is no canonical table"),
        ({"needs": ["erp_gl_entry.colour"]}, "erp_gl_entry has no column 'colour'"),
        (
            {"needs": ["erp_gl_entry.account_class=revenue|luck"]},
            "erp_gl_entry.account_class is never 'luck': its values are revenue, other_income",
        ),
        ({"needs": ["erp_gl_entry.account_class="]}, "account_class is never ''"),
        (
            {"needs": ["erp_gl_entry.order_no=4711"]},
            "erp_gl_entry.order_no is never '4711': it lists no values",
        ),
        ({"needs": ["erp_gl_entry=revenue"]}, "erp_gl_entry=revenue names values but no column"),
        ({"needs": []}, "otif: every KPI names its needs"),
        (
            {"rollup": "derived", "derived_from": {"dio": 1}},
            "every KPI names its needs but a derived one",
        ),
        (
            {
                "targets": [
                    {"valid_from": date(2026, 1, 1), "target": 2, "red_flag": 1},
                    {"valid_from": date(2026, 1, 1), "target": 3, "red_flag": 1},
                ]
            },
            "two targets of the same node are valid from the same day",
        ),
        (
            {"version": 2, "valid_from": date(2026, 1, 1)},
            "which stands first under former and counts all days before",
        ),
        (
            {"version": 2, "former": [former(1)]},
            "valid_from is the first day of each version but the oldest",
        ),
        (
            {
                "version": 2,
                "valid_from": date(2026, 1, 1),
                "former": [former(1, date(2025, 1, 1))],
            },
            "valid_from is the first day of each version but the oldest",
        ),
        (
            {"version": 1, "valid_from": date(2026, 1, 1), "former": [former(1)]},
            "version and valid_from rise from each of former to the next",
        ),
        (
            {
                "version": 3,
                "valid_from": date(2026, 1, 1),
                "former": [former(1), former(2, date(2026, 1, 1))],
            },
            "version and valid_from rise from each of former to the next",
        ),
        (
            {
                "version": 2,
                "valid_from": date(2026, 1, 1),
                "former": [former(1)],
                "rollup": "set",
                "set_base": "end",
            },
            "a KPI with rollup: set has no former versions",
        ),
        (
            {
                "version": 2,
                "valid_from": date(2026, 1, 1),
                "former": [former(1)],
                "rollup": "derived",
                "derived_from": {"dio": 1},
                "needs": [],
            },
            "each of former says what a derived KPI was derived_from",
        ),
        (
            {
                "version": 2,
                "valid_from": date(2026, 1, 1),
                "former": [former(1) | {"derived_from": {"dio": 1}}],
            },
            "each of former says what a derived KPI was derived_from, and no other KPI's does",
        ),
        (
            {
                "version": 2,
                "valid_from": date(2026, 1, 1),
                "former": [former(1) | {"derived_from": {"gold": 1}}],
                "rollup": "derived",
                "derived_from": {"otif": 1},
                "needs": [],
            },
            "otif is derived from 'gold', which does not exist",
        ),
    ],
)
def test_a_wrong_definition_is_refused_with_its_file_and_reason(folder, changes, words):
    with pytest.raises(ConfigError, match=re.escape(words)) as caught:
        load_strategy(folder(**changes))
    assert ".yml" in caught.value.hint


def test_each_version_of_a_formula_counts_until_the_next_one_does(folder):
    days = date(2026, 1, 1), date(2026, 7, 1)
    (kpi,) = load_strategy(
        folder(version=5, valid_from=days[1], former=[former(1), former(3, days[0])])
    ).kpis
    assert [(v.version, v.valid_from, until) for v, until in kpi.versions_until] == [
        (1, None, days[0]),
        (3, days[0], days[1]),
        (5, days[1], None),
    ]
    assert [v.formula for v in kpi.versions] == ["formula 1", "formula 3", kpi.formula]


def test_a_need_reads_as_it_is_shown():
    cases = {
        "mes_energy": "mes_energy",
        "mes_production_count.qty_rework": "mes_production_count with qty_rework",
        "erp_gl_entry.account_class=direct_labour|manufacturing_overhead": (
            "erp_gl_entry with account_class direct_labour or manufacturing_overhead"
        ),
    }
    assert {text: str(Need.model_validate(text)) for text in cases} == cases


def test_a_derived_kpi_needs_what_its_components_need():
    of = {part: set(KPIS[part].needs) for part in ("dio", "dso", "dpo")}
    needs = strategy().needs(KPIS["cash_to_cash"])
    assert set(needs) == of["dio"] | of["dso"] | of["dpo"]
    assert len(needs) == len(set(needs))


@each_kpi
def test_a_kpi_says_how_it_can_be_gamed_and_what_guards_it(kpi):
    assert "Guard: " in kpi.gaming


@each_kpi
def test_a_kpi_has_a_target_unless_it_is_an_amount_or_a_diagnostic(kpi):
    """An amount depends on the size of the company; a ratio beside it carries the target."""
    on_target = kpi.role == "core" and kpi.rollup not in {"additive", "stock"}
    assert bool(kpi.targets) == on_target


@each_kpi
def test_a_kpi_has_sql_unless_it_is_derived(kpi):
    sql = MARTS / kpi.perspective / f"kpi_{kpi.id}.sql"
    assert sql.exists() == (kpi.rollup != "derived")


@each_kpi
def test_a_kpi_with_sql_has_a_unit_test_with_hand_computed_numbers(kpi):
    if kpi.rollup == "derived":
        return
    tests = yaml.safe_load((MARTS / kpi.perspective / f"_{kpi.perspective}.yml").read_text("utf-8"))
    of = [test for test in tests["unit_tests"] if test["model"] == f"kpi_{kpi.id}"]
    assert [row for test in of for row in test["expect"]["rows"]]


def test_every_objective_is_measured():
    assert {kpi.objective for kpi in KPIS.values()} == set(OBJECTIVES)


def test_every_perspective_has_at_least_four_kpis_with_targets():
    counted = [kpi.perspective for kpi in KPIS.values() if kpi.targets]
    assert all(
        counted.count(p) >= 4
        for p in ("financial", "customer", "internal_process", "learning_growth")
    )


def test_causes_lead_upwards_to_money_and_never_in_a_circle():
    """The map of Kaplan and Norton: learning > process > customer > financial."""
    rank = ("learning_growth", "internal_process", "customer", "financial")

    def leads_to(objective, path=()):
        assert objective not in path, f"circle: {path}"
        effects = OBJECTIVES[objective].supports
        for effect in effects:
            assert rank.index(OBJECTIVES[effect].perspective) >= rank.index(
                OBJECTIVES[objective].perspective
            )
        return {objective}.union(*(leads_to(e, (*path, objective)) for e in effects))

    for objective in OBJECTIVES:
        assert any(OBJECTIVES[o].perspective == "financial" for o in leads_to(objective))


def test_targets_change_over_time_and_differ_by_node():
    assert [k.id for k in KPIS.values() if len({t.valid_from for t in k.targets if not t.node}) > 1]
    assert [k.id for k in KPIS.values() if any(t.node for t in k.targets)]


def test_all_kpis_of_iso_22400_are_there():
    assert set(iso_22400(strategy().kpis)) == set(range(1, 35))


@pytest.mark.parametrize(
    ("macro", "kpis"),
    [
        (
            "operating_time",
            {"availability", "oee_availability", "effectiveness", "net_availability"},
        ),
        (
            "oee_busy_time",
            {"availability", "oee_availability", "oee_coverage", "oee", "utilization"},
        ),
        ("busy_time", {"allocation_efficiency", "net_availability"}),
        ("busy_without_output", {"quality_ratio", "oee_quality"}),
    ],
)
def test_a_convention_changes_only_the_kpis_that_it_is_documented_for(macro, kpis):
    calls = re.compile(rf"\b(?<!oee_){macro}\(\)")
    using = {p.stem for p in MARTS.rglob("kpi_*.sql") if calls.search(p.read_text("utf-8"))}
    assert using == {f"kpi_{kpi}" for kpi in kpis}


def test_a_kpi_may_not_name_a_column_that_is_not_there(folder):
    with pytest.raises(ConfigError, match="mes_energy has no column colour"):
        load_strategy(folder(columns={"mes_energy": ["kwh", "colour"]}))
