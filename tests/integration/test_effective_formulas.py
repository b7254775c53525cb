"""A KPI whose formula changes on a day, as a person changes it: in its own two files.

The project is copied, published as it is, changed, and published again: first while the new formula
lies in the future, then with the first day that it counts.
"""

import re
import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from feed import Feed, Published, command, run

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CODE = ("models", "dbt_project", "sources", "expectations", "exports", "orchestration")
KPI = "internal_process/scrap_ratio"
SCRAP = "Scrap / quantity started"
BOTH = "Scrap and rework / quantity started"
DERIVED = {
    "name": "Lost output",
    "objective": "right_first_time",
    "formula": "Twice the scrap ratio",
    "numerator": "Computed from its components",
    "denominator": "Computed from its components",
    "unit": "%",
    "decimals": 1,
    "direction": "lower",
    "rollup": "derived",
    "derived_from": {"scrap_ratio": 2},
    "role": "diagnostic",
    "lowest_level": "line",
    "standard": "of this plant",
    "timing": "lag",
    "owner": "Head of quality",
    "gaming": "Guard: its components stand beside it.",
}
SUM = "Scrap ratio + rework ratio"
START = datetime.fromisoformat("2026-03-02T06:00:00")
TAKES_OVER = date(2026, 3, 4)
COUNTS = ((100, 7, 10), (200, 4, 16), (100, 5, 15))
"""Of each day: total, scrap, rework."""
CONFIG = """
enterprise: {code: E, name: E, time_zone: UTC, currency: EUR, as_of: data}
sources: [{name: feed, system: files, path: feed}]
"""


def plant(days):
    """A line with one machine that has worked so many days, one shift each."""
    feed = Feed()
    feed.add("erp_item", item_code="P", name="P", type="finished", base_uom="PCE")
    for code, level, parent in (("S", "site", ""), ("L", "line", "S"), ("M", "machine", "L")):
        feed.add("mes_equipment", equipment_code=code, name=code, level=level, parent_code=parent)
    for day, (total, scrap, rework) in enumerate(COUNTS[:days]):
        start = START + timedelta(days=day)
        feed.add(
            "mes_shift",
            equipment_code="M",
            start_ts=start,
            end_ts=start + timedelta(hours=8),
            shift_code="A",
            production_date=start.date(),
        )
        feed.add(
            "mes_production_count",
            count_id=day,
            is_final_op="true",
            equipment_code="M",
            item_code="P",
            counted_at=start + timedelta(hours=7),
            qty_total=total,
            qty_good=total - scrap - rework,
            qty_scrap=scrap,
            qty_rework=rework,
        )
    return feed


def write_derived(project, **changes):
    path = project / "models/scorecard/kpis/internal_process/lost_output.yml"
    path.write_text(yaml.safe_dump(DERIVED | changes), "utf-8")
    subprocess.run([sys.executable, "-m", "orchestration.codegen"], cwd=project, check=True)


def change_formula(project):
    """From TAKES_OVER on the scrap ratio counts rework, and what is derived has other parts."""
    path = project / f"models/scorecard/kpis/{KPI}.yml"
    kpi = yaml.safe_load(path.read_text("utf-8"))
    words = {name: kpi[name] for name in ("numerator", "denominator")}
    kpi |= {
        "version": 2,
        "valid_from": TAKES_OVER,
        "formula": BOTH,
        "former": [{"version": 1, "formula": SCRAP, **words}],
    }
    path.write_text(yaml.safe_dump(kpi), "utf-8")
    path = project / f"dbt_project/models/marts/kpi/{KPI.replace('/', '/kpi_')}.sql"
    former = path.read_text("utf-8")
    new = former.replace("numerator='qty_scrap'", "numerator='qty_scrap + qty_rework'")
    assert new != former
    path.write_text(
        f"{{% call effective('scrap_ratio', 1) %}}\n{former}{{% endcall %}}\nunion all\n"
        f"{{% call effective('scrap_ratio', 2) %}}\n{new}{{% endcall %}}\n",
        "utf-8",
    )
    words = {name: DERIVED[name] for name in ("formula", "numerator", "denominator")}
    write_derived(
        project,
        version=2,
        valid_from=TAKES_OVER,
        formula=SUM,
        derived_from={"scrap_ratio": 1, "rework_ratio": 1},
        former=[{"version": 1, "derived_from": DERIVED["derived_from"], **words}],
    )


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """What was published with the former formula, before the new one counts, and since."""
    folder = tmp_path_factory.mktemp("formulas")
    project, config, home = folder / "project", folder / "scorecard.yml", folder / "home"
    for name in CODE:
        ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
        shutil.copytree(ROOT / name, project / name, ignore=ignored)
    shutil.copy(ROOT / "dagster.yaml", project)
    config.write_text(CONFIG, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(project))
        write_derived(project)
        plant(2).write(folder / "feed")
        versions = [run(config, home)]
        change_formula(project)
        versions.append(run(config, home))
        shutil.rmtree(folder / "feed")
        plant(3).write(folder / "feed")
        versions.append(run(config, home))
        explained = {
            period: " ".join(
                command(config, home, "explain", "scrap_ratio", "--period", period).split()
            )
            for period in ("2026-03-03", "2026-03-04", "2026-03")
        }
        for kpi in ("scrap_ratio", "lost_output"):
            period = ("--period", "2026-03-04", "--against", "previous")
            explained[f"{kpi} moved"] = command(config, home, "explain", kpi, *period)
        for period in ("2026-03-03", "2026-03-04"):
            explained[f"lost_output {period}"] = " ".join(
                command(config, home, "explain", "lost_output", "--period", period).split()
            )
        yield versions, explained


def values(version: Published, node="L", kpi="scrap_ratio"):
    """By type and last day of the period: value and version of the formula."""
    return {
        (kind, end.isoformat()): (value, number)
        for kind, end, value, number in version.rows(
            """
            select period_type, period_end, value, kpi_version from kpi_value
            where kpi_id = ? and node_id = ? and period_type <> 'rolling_12_months'
            """,
            kpi,
            node,
        )
    }


def test_a_formula_of_the_future_restates_nothing(published):
    (former, future, _), _ = published
    assert former.folder != future.folder
    assert values(former) == values(future)
    assert values(former)["day", "2026-03-02"] == (7.0, 1)  # 7 of 100
    assert values(former)["month", "2026-03-31"] == (100 * 11 / 300, 1)
    assert future.rows("select * from restatement") == []


def test_days_count_by_the_formula_of_their_day_and_a_period_sums_them(published):
    (former, _, now), _ = published
    found = values(now)
    assert found["day", "2026-03-02"] == (7.0, 1)
    assert found["day", "2026-03-03"] == (2.0, 1)  # 4 of 200
    assert found["day", "2026-03-04"] == (20.0, 2)  # 5 + 15 of 100
    assert found["shift", "2026-03-03"] == (2.0, 1)
    assert found["shift", "2026-03-04"] == (20.0, 2)
    assert found["month_to_date", "2026-03-03"] == (100 * 11 / 300, 1)
    spanning = (7.75, 2)  # 7 + 4 and 5 + 15 of 400
    assert found["month_to_date", "2026-03-04"] == spanning
    assert found["week", "2026-03-08"] == spanning
    assert found["month", "2026-03-31"] == spanning
    assert found["year", "2026-12-31"] == spanning
    assert values(now, "E") == found
    assert now.rows("select * from restatement") == []
    closed = {cell for cell in values(former) if cell[1] < TAKES_OVER.isoformat()}
    assert {cell: found[cell] for cell in closed} == {c: values(former)[c] for c in closed}


def test_the_versions_and_their_days_are_published(published):
    (former, _, now), _ = published
    versions = "select version, valid_from, valid_to, formula from dim_kpi_version where kpi_id = ?"
    end = date(9999, 12, 31)
    ((number, *days, _),) = former.rows(versions, "scrap_ratio")
    assert (number, *days) == (1, None, end)
    assert now.rows(f"{versions} order by version", "scrap_ratio") == [
        (1, None, TAKES_OVER, SCRAP),
        (2, TAKES_OVER, end, BOTH),
    ]
    assert now.rows("select count(*) from kpi_value where kpi_version is null") == [(0,)]


def test_explain_says_which_versions_count_since_when_in_words_and_as_sql(published):
    _, explained = published
    former, new, both = (explained[p] for p in ("2026-03-03", "2026-03-04", "2026-03"))
    assert f"formula {SCRAP} definition version 1, ISO 22400" in former
    assert f"formula {BOTH} definition version 2 since 2026-03-04, ISO 22400" in new
    assert "definition version 2 since 2026-03-04" in both
    assert "Versions of its formula" not in former + new
    assert "Versions of its formula" in both
    assert re.search(rf"1 2026-03-02 2026-03-03 2 11 300 {SCRAP}", both)
    assert re.search(rf"2 2026-03-04 2026-03-04 1 20 100 {BOTH}", both)
    for sql in ("date_day < ", "date_day >= "):
        assert re.search(f"{sql}.*2026-03-04", both)


def test_what_moved_a_value_tells_that_the_formula_did_too(published):
    _, explained = published
    assert "Version 2 of scrap_ratio counts from 2026-03-04 on" in explained["scrap_ratio moved"]


def test_a_period_of_a_derived_kpi_has_the_formula_of_its_last_day_counted(published):
    (former, future, now), _ = published
    before = values(former, kpi="lost_output")
    assert before["day", "2026-03-02"] == (14.0, 1)
    assert values(future, kpi="lost_output") == before
    found = values(now, kpi="lost_output")
    assert {cell: found[cell] for cell in before if cell[1] < TAKES_OVER.isoformat()} == {
        cell: value for cell, value in before.items() if cell[1] < TAKES_OVER.isoformat()
    }
    assert found["day", "2026-03-03"] == (4.0, 1)  # 2 x 2
    assert found["day", "2026-03-04"] == (35.0, 2)  # 20 + 15
    assert found["month_to_date", "2026-03-03"] == (pytest.approx(200 * 11 / 300), 1)
    assert found["month", "2026-03-31"] == (18.0, 2)  # 7.75 + 41 of 400
    assert now.rows(
        "select version, component_id, factor from kpi_component where kpi_id = ? order by all",
        "lost_output",
    ) == [(1, "scrap_ratio", 2.0), (2, "rework_ratio", 1.0), (2, "scrap_ratio", 1.0)]


def test_explain_takes_a_derived_value_apart_as_it_was_computed(published):
    _, explained = published
    former, new = (explained[f"lost_output {day}"] for day in ("2026-03-03", "2026-03-04"))
    assert "rework_ratio" not in former
    assert "formula Twice the scrap ratio definition version 1" in former
    assert f"formula {SUM} definition version 2 since 2026-03-04" in new
    assert "rework_ratio" in new
    moved = " ".join(explained["lost_output moved"].split())
    # By the new formula the day before had 2 + 8, not 4; then scrap rose by 18 and rework by 7.
    assert re.search(r"its formula changed .*\+6\.00", moved)
    assert re.search(r"scrap_ratio Scrap ratio 2\.0 20\.0 \+18\.00", moved)
    assert re.search(r"rework_ratio Rework ratio 8\.0 15\.0 \+7\.00", moved)
