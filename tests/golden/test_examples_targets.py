"""Examples on 29 February 2024, noon, of a strategy that is changed as a person changes it.

The project is copied, and the files of some KPIs are changed. EBITDA margin gets a target of zero,
TRIR one of zero that rises on 12 February, gross margin another weight on that day, and retail
customers and one line targets of their own. From that day on stocks count double, and so do all
sales against those of new products. The months are those of the calendar.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from example_judgement import called, compared, judged, on_the_scorecard
from example_plant import Plant, about, compute, day, due, month, names, share, since

ROOT = Path(__file__).parents[2]
CODE = ("models", "dbt_project", "sources", "expectations", "exports", "orchestration")
CONFIG = """
enterprise: {code: E, name: Targets, time_zone: UTC, currency: EUR, as_of: 2024-02-29T12:00:00}
"""
BEGINNING, MIDDLE = "2023-01-01", "2024-02-12"
CHANGES = {
    "financial/ebitda_margin": {
        "targets": [{"valid_from": BEGINNING, "target": 0, "red_flag": -10}],
    },
    "financial/gross_margin": {
        "targets": [
            {"valid_from": BEGINNING, "target": 30, "red_flag": 26},
            {"valid_from": MIDDLE, "target": 40, "red_flag": 30, "node": "Z3-L1"},
        ],
        "weights": [{"valid_from": MIDDLE, "weight": 7}],
    },
    "learning_growth/trir": {
        "targets": [
            {"valid_from": BEGINNING, "target": 0, "red_flag": 2},
            {"valid_from": MIDDLE, "target": 1, "red_flag": 3},
        ],
    },
    "customer/otif": {
        "targets": [
            {"valid_from": BEGINNING, "target": 93, "red_flag": 88},
            {"valid_from": MIDDLE, "target": 60, "red_flag": 40, "node": "customer_group:RETAIL"},
        ],
    },
}
DOUBLED = {
    "learning_growth/vitality_index": "denominator='net_amount'",
    "financial/inventory_value": "numerator='value'",
}
"""KPI and what a second version of its formula counts twice."""
JANUARY, FEBRUARY, QUARTER = month("2024-01"), month("2024-02"), ("quarter", "2024-01-01")
WEEK = ("week", "2024-02-05")
UNTIL_11, UNTIL_12 = (since("month_to_date", "2024-02-01", f"2024-02-{on}") for on in (11, 12))
UNTIL_TODAY = since("year_to_date", "2024-01-01", "2024-02-29")
TWELVE_MONTHS = since("rolling_12_months", "2023-03-01", "2024-02-29")
EIGHTH = day("2024-02-08")
SCORES = (
    ("ebitda_margin", "Z0", FEBRUARY, 0, 0, 20 / 3, "green"),
    ("ebitda_margin", "Z1", FEBRUARY, -10, 0, 10 / 3, "amber"),
    ("ebitda_margin", "Z2", FEBRUARY, -5, 0, 5, "amber"),
    ("ebitda_margin", "Z3", FEBRUARY, -50, 0, 0, "red"),
    ("ebitda_margin", "Z4", FEBRUARY, 5, 0, 20 / 3 + 5 / 3, "green"),
    ("trir", "S0", WEEK, 0, 0, 20 / 3, "green"),
    ("trir", "S0", FEBRUARY, 0, 1, 25 / 3, "green"),
    ("trir", "S1", EIGHTH, 1, 0, 5, "amber"),
    ("trir", "S1", WEEK, 1, 0, 5, "amber"),
    ("trir", "S1", UNTIL_11, 1, 0, 5, "amber"),
    ("trir", "S1", UNTIL_12, 1, 1, 20 / 3, "green"),
    ("trir", "S1", FEBRUARY, 1, 1, 20 / 3, "green"),
    ("trir", "S1", QUARTER, 1, 1, 20 / 3, "green"),
    # The line has a target of its own since 12 February, and that of all before.
    ("gross_margin", "Z3-L1", EIGHTH, 35, 30, 10, "green"),
    ("gross_margin", "Z3-L1", FEBRUARY, 35, 40, 5, "amber"),
    ("otif", "customer_group:RETAIL", EIGHTH, 50, 93, 0, "red"),
    ("otif", "customer_group:RETAIL", FEBRUARY, 50, 60, 5, "amber"),
    ("otif", "customer_group:OEM", FEBRUARY, 50, 93, 0, "red"),
)
"""KPI, node, period, value, target, score and status."""
OBJECTIVES = (
    # Gross margin 40 % scores 10 and EBITDA 20 / 3: weights of 2 and 1, then of 7 and 1.
    ("profitable_growth", "Z0", JANUARY, (2 * 10 + 20 / 3) / 3),
    ("profitable_growth", "Z0", FEBRUARY, (7 * 10 + 20 / 3) / 8),
    ("profitable_growth", "Z0", UNTIL_TODAY, (7 * 10 + 20 / 3) / 8),
    ("profitable_growth", "Z0", QUARTER, (7 * 10 + 20 / 3) / 8),
)
"""Objective, node, period and score."""
DEVIATIONS = (
    ("ebitda_margin", "Z0", FEBRUARY, (0, None, 0)),
    ("ebitda_margin", "Z1", FEBRUARY, (-10, None, -10)),
    ("ebitda_margin", "Z4", FEBRUARY, (5, None, 5)),
    ("trir", "S0", FEBRUARY, (-1, -1, 1)),
    ("gross_margin", "Z3-L1", FEBRUARY, (-5, -5 / 40, -5)),
)
"""KPI, node, period; how far from the target, as a share of it, and how much better."""


def leap_day(plant):
    """Amounts around the ends of months and 60 days of quarters and years."""
    plant.site("L")
    for on, amount in (
        ("2022-12-31", 2048),
        ("2023-01-01", 1),
        ("2023-02-28", 2),
        ("2023-03-01", 4),  # 60th day of its year, as 29 February is
        ("2023-03-02", 8),  # 52 weeks before 29 February
        ("2023-10-01", 16),
        ("2023-11-29", 32),  # 60th day of its quarter
        ("2023-11-30", 64),
        ("2024-01-29", 128),
        ("2024-01-30", 256),
        ("2024-02-28", 512),
        ("2024-02-29", 1024),
    ):
        plant.invoice(on, "L", amount)
    for period, amount in (
        (FEBRUARY, 512 + 1024),
        (JANUARY, 128 + 256),
        (QUARTER, 128 + 256 + 512 + 1024),
        (("year", "2023-01-01"), 1 + 2 + 4 + 8 + 16 + 32 + 64),
        (since("rolling_12_months", "2022-11-01", "2023-10-31"), None),
        (
            since("rolling_12_months", "2022-12-01", "2023-11-30"),
            2048 + 1 + 2 + 4 + 8 + 16 + 32 + 64,
        ),
        (
            since("rolling_12_months", "2023-02-01", "2024-01-31"),
            2 + 4 + 8 + 16 + 32 + 64 + 128 + 256,
        ),
        (TWELVE_MONTHS, 124 + 384 + 1536),
        (since("year_to_date", "2023-01-01", "2023-03-01"), 1 + 2 + 4),
        (since("month_to_date", "2024-02-01", "2024-02-28"), 512),
        (since("month_to_date", "2024-02-01", "2024-02-29"), 512 + 1024),
    ):
        plant.expect("L", period, net_sales=amount)
    # 366 days until today, of which one person lost four of 21 working days of February.
    plant.site("PE")
    plant.employee("P1", "PE")
    plant.trained("P1", "2022-12-05", 1)
    plant.trained("P1", "2023-03-01", 4)
    plant.trained("P1", "2024-02-29", 6)
    plant.expect("PE", TWELVE_MONTHS, training_hours_per_fte=365 * 10 / 366)
    plant.expect("PE", FEBRUARY, training_hours_per_fte=365 * 6 / 29)
    plant.absent("P1", "2023-06-01", "2023-06-01", 1)
    plant.absent("P1", "2024-02-26", "2024-03-01", 5)
    plant.expect("PE", FEBRUARY, absenteeism=share(4, 21))
    plant.expect("PE", day("2024-02-29"), absenteeism=100)


def build():
    """Sales of 100 and cost, on 8 February; cases, and order lines of two groups, on that day."""
    plant = Plant()
    for site, cost, expenses in (
        ("Z0", 60, 40),
        ("Z1", 60, 50),
        ("Z2", 60, 45),
        ("Z3", 65, 85),
        ("Z4", 60, 35),
    ):
        plant.site(site, lines=1)
        plant.cost_center(f"{site}1", f"{site}-L1")
        plant.post("2024-02-08", f"{site}1", revenue=-100, cogs=cost)
        plant.post("2024-02-08", site, operating_expense=expenses)
        plant.expect(site, FEBRUARY, ebitda=100 - cost - expenses, gross_margin=100 - cost)
    plant.post("2024-01-10", "Z01", revenue=-100, cogs=60)
    plant.post("2024-01-10", "Z0", operating_expense=40)
    for site, cases in (("S0", 0), ("S1", 1)):
        plant.site(site)
        plant.worked(site, "2024-02-08", 200_000)
        plant.incidents(site, "2024-02-08", *["medical_treatment"] * cases)
    columns = "segment member_type member_code group_code"
    for customer, group in (("K0", "RETAIL"), ("K1", "OEM")):
        row = ("customer_group", "customer", customer, group)
        plant.rows("erp_segment_member", columns, row)
        good = due("2024-02-08", ("2024-02-08", 10), customer_code=customer)
        late = due("2024-02-08", ("2024-02-09", 10), customer_code=customer)
        plant.sale("S0", good, late, ordered="2024-02-05 08:00:00")
    # New 10 of 20 before, 40 of 120 from the 12th on, which count twice.
    plant.site("FO")
    plant.item("P")
    plant.item("G1", category="GEARS", launched_on="2023-06-01")
    plant.rows("erp_segment_member", columns, ("item_group", "item", "P", "GEARS"))
    for on, item, amount in (
        ("2024-02-08", "G1", 10),
        ("2024-02-11", "P", 10),
        ("2024-02-12", "G1", 40),
        ("2024-02-29", "P", 80),
    ):
        plant.invoice(on, "FO", amount, "K0", item_code=item)
    for period, new, sold in (
        (WEEK, 10, 20),
        (UNTIL_11, 10, 20),
        (day("2024-02-12"), 40, 80),
        (UNTIL_12, 10 + 40, 20 + 80),
        (FEBRUARY, 10 + 40, 20 + 2 * 120),
        (QUARTER, 10 + 40, 20 + 2 * 120),
    ):
        for node in ("FO", "customer_group:RETAIL"):
            plant.expect(node, period, vitality_index=share(new, sold))
    # 100 in the books all month, of which 18 days count double.
    plant.stock("2024-01-01", "FO", 1, 0, item_code="G1")
    plant.stock("2024-02-01", "FO", 1, 100, item_code="G1")
    for period, value in (
        (WEEK, 100),
        (UNTIL_12, (11 * 100 + 200) / 12),
        (FEBRUARY, (11 * 100 + 18 * 200) / 29),
        (QUARTER, (11 * 100 + 18 * 200) / 60),
    ):
        for node in ("FO", "item_group:GEARS"):
            plant.expect(node, period, inventory_value=value)
    leap_day(plant)
    return plant


def double(project, kpi, counted):
    """A second version of a formula, from 12 February on."""
    path = project / f"models/scorecard/kpis/{kpi}.yml"
    words = yaml.safe_load(path.read_text("utf-8"))
    said = {name: words[name] for name in ("formula", "numerator", "denominator")}
    words |= {"version": 2, "valid_from": MIDDLE, "former": [{"version": 1, **said}]}
    path.write_text(yaml.safe_dump(words), "utf-8")
    name = kpi.split("/")[1]
    path = project / f"dbt_project/models/marts/kpi/{kpi.replace('/', '/kpi_')}.sql"
    former = path.read_text("utf-8")
    new = former.replace(counted, f"{counted[:-1]} * 2'")
    assert new != former
    blocks = (
        f"{{% call effective('{name}', {version}) %}}\n{sql}{{% endcall %}}\n"
        for version, sql in ((1, former), (2, new))
    )
    path.write_text("union all\n".join(blocks), "utf-8")


COMPARED = (
    # 29 days of January, all of last year's February; 60 days of quarters and of a year.
    ("month", "2024-02-01", "2024-02-29", (1536, 128, 2)),
    ("month_to_date", "2024-02-01", "2024-02-29", (1536, 128, 2)),
    ("quarter", "2024-01-01", "2024-03-31", (1920, 48, 7)),
    ("quarter_to_date", "2024-01-01", "2024-02-29", (1920, 48, 7)),
    ("year", "2024-01-01", "2024-12-31", (1920, 7, 7)),
    ("year_to_date", "2024-01-01", "2024-02-29", (1920, 7, 7)),
    ("month", "2024-01-01", "2024-01-31", (384, None, 1)),
    # As it was at the end of March: all of February.
    ("month_to_date", "2023-03-01", "2023-03-31", (12, 2, None)),
    ("day", "2024-02-29", "2024-02-29", (1024, 512, 8)),
)
"""Period of L, its value, that of the period before and that of a year ago."""
SHOWN = COMPARED[:7]
"""What the scorecard shows: months, quarters and years, and what runs to date."""
PLANT = build()


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("targets")
    project = folder / "project"
    for name in CODE:
        ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
        shutil.copytree(ROOT / name, project / name, ignore=ignored)
    shutil.copy(ROOT / "dagster.yaml", project)
    for kpi, changes in CHANGES.items():
        path = project / f"models/scorecard/kpis/{kpi}.yml"
        words = yaml.safe_load(path.read_text("utf-8")) | changes
        path.write_text(yaml.safe_dump(words), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(project))
        for kpi, counted in DOUBLED.items():
            double(project, kpi, counted)
        subprocess.run([sys.executable, "-m", "orchestration.codegen"], cwd=project, check=True)
        yield compute(PLANT, CONFIG, folder)


@pytest.mark.parametrize("case", PLANT.expected, ids=names(PLANT.expected))
def test_example(published, case):
    kpi, node, period, expected = case
    assert published.value(kpi, node, *period) == about(expected)


@pytest.mark.parametrize("case", SCORES, ids=called(SCORES))
def test_score(published, case):
    *_, value, target, score, status = case
    found = judged(published, "kpi_value", case, "value, target, score, status")
    assert found == (about(value), target, about(score), status)


@pytest.mark.parametrize("case", OBJECTIVES, ids=called(OBJECTIVES))
def test_a_period_has_the_weights_of_its_last_day(published, case):
    *_, score = case
    assert judged(published, "objective_score", case, "score") == (about(score),)


@pytest.mark.parametrize("case", DEVIATIONS, ids=called(DEVIATIONS))
def test_a_target_of_zero_is_missed_by_no_share_of_it(published, case):
    *_, distance = case
    columns = "deviation, relative_deviation, favourable_deviation"
    assert judged(published, "deviation", case, columns) == pytest.approx(distance)


@pytest.mark.parametrize("case", COMPARED, ids=["-".join(case[:3]) for case in COMPARED])
def test_what_a_period_is_compared_with(published, case):
    *period, values = case
    assert compared(published, "L", *period) == [values]
    assert on_the_scorecard(published, "L", *period) == ([values] if case in SHOWN else [])
