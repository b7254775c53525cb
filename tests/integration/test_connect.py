"""docs/connect.md followed to the letter: an invented MES becomes KPIs, in PostgreSQL and SQLite.

The second brewery keeps its items under other codes, so its counts wait until they are mapped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import brewery
import duckdb
import pytest
import yaml

if TYPE_CHECKING:
    from datetime import date

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs/connect.md").read_text("utf-8")
WALK = DOC[DOC.index("### Let it be proposed") : DOC.index("### What staging models may use")]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", WALK, re.MULTILINE | re.DOTALL)
COMMANDS = [text for kind, text in BLOCKS if kind == "sh"]
FILES = {
    match[1]: text
    for kind, text in BLOCKS
    if (match := re.match(r"(?:--|#) (\S+\.(?:sql|yml|csv))\n", text)) and kind != "sh"
}
"""Files that the page says to write, by path; their first line names them."""
MODELS = [path for path in FILES if path.endswith(".sql")]
TIMEOUT_S = 1800


@dataclass
class Connected:
    """A copy of the project in which the page was followed."""

    project: Path
    url: str
    said: dict[str, str]
    """What the commands printed, by step."""

    def sh(self, script: str, *, code: int = 0) -> str:
        """Run commands as the page writes them."""
        script = re.sub(r"(?m)^export BREWMES_URL=.*$", f"export BREWMES_URL='{self.url}'", script)
        done = subprocess.run(
            ["bash", "-euc", f"export BREWMES_URL='{self.url}'\n{script}"],
            cwd=self.project,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
            env={k: v for k, v in os.environ.items() if not k.startswith("SCORECARD_")}
            | {"COLUMNS": "200"},
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def write(self, path: str, text: str) -> None:
        first, rest = text.split("\n", 1)
        assert first.endswith(path)
        (self.project / path).write_text(rest if path.endswith(".csv") else text, "utf-8")

    def rows(self, sql: str) -> list[tuple]:
        path = self.project / "var/published/current/scorecard.duckdb"
        with duckdb.connect(str(path), read_only=True) as c:
            return c.execute(sql).fetchall()

    def values(self) -> dict[tuple[str, str, date], float]:
        return {
            (kpi, node, month): value
            for kpi, node, month, value in self.rows(
                "select kpi_id, node_id, period_start, value from kpi_value where value is not null"
                " and period_type = 'month' and kpi_id in ('availability', 'quality_ratio', 'oee')"
            )
        }


def second(text: str) -> str:
    """The page's words for the other brewery."""
    text = text.replace("--url-env BREWMES_URL", "--path brewery.db")
    return text.replace("brewmes", "brewlite")


@pytest.fixture(scope="module")
def connected(tmp_path_factory, postgres) -> Connected:
    project = tmp_path_factory.mktemp("connect") / "project"
    ignored = shutil.ignore_patterns(".*", "var", "tests", "target", "__pycache__", "node_modules")
    shutil.copytree(ROOT, project, ignore=ignored)
    command = project / ".venv/bin/scorecard"
    command.parent.mkdir(parents=True)
    command.write_text(
        f"#!/bin/sh\nPYTHONPATH='{project}' exec '{sys.executable}' -c "
        "'from orchestration.cli import main; main()' \"$@\"\n"
    )
    command.chmod(0o755)

    postgres.create_database("brewery")
    with postgres.connect("brewery") as db:
        db.execute(brewery.SCHEMA)
        brewery.fill(db.execute, "%s", house="PLZ", vessels=("K1", "K2"), sku="LAGER-1")
        db.execute("drop role if exists brew_reader")
        db.execute("create role brew_reader login password 'test-password'")
        db.execute("grant select on all tables in schema public to brew_reader")
    with sqlite3.connect(project / "brewery.db") as lite:
        lite.executescript(brewery.SCHEMA)
        brewery.fill(lite.execute, "?", house="BRN", vessels=("B1", "B2"), sku="lager 01")

    new, look, see = COMMANDS
    known = Connected(project, postgres.url("brewery", "brew_reader"), {})
    known.said["new"] = known.sh(new)
    known.write("scorecard.yml", FILES["scorecard.yml"])
    known.said["look"] = known.sh(look)
    known.said["second"] = known.sh(second(new))
    config = yaml.safe_load((project / "scorecard.yml").read_text("utf-8"))
    config["sources"] += [{"name": "brewlite", "system": "brewlite", "path": "brewery.db"}]
    (project / "scorecard.yml").write_text(yaml.safe_dump(config), "utf-8")
    for path in MODELS:
        known.write(path, FILES[path])
        if "erp_item" not in path:
            known.write(second(path), second(FILES[path]))
    known.write("feed/erp_uom_conversion.csv", FILES["feed/erp_uom_conversion.csv"])
    known.said["see"] = known.sh(see)
    return known


@pytest.fixture(scope="module")
def sources(postgres, connected):
    """What the vendors' databases say, by brewery."""
    with postgres.connect("brewery") as db, sqlite3.connect(connected.project / "brewery.db") as li:
        return {
            "brewmes": brewery.expected(lambda sql: db.execute(sql).fetchall()),
            "brewlite": brewery.expected(lambda sql: li.execute(sql).fetchall()),
        }


def figures(parts):
    return {
        (kpi, node, month): value
        for (node, month), found in parts.items()
        if found.made
        for kpi, value in found.kpis.items()
    }


def test_the_proposal_names_keys_changes_and_what_is_left_out(connected):
    for name, change in (("brewmes", "horizon"), ("brewlite", "cursor")):
        text = (connected.project / f"sources/systems/{name}.yml").read_text("utf-8")
        tables = yaml.safe_load(text)["tables"]
        assert {t: spec["key"] for t, spec in tables.items()} == {
            "beer": ["beer_id"],
            "brew": ["brew_no"],
            "tapping": ["tap_id"],
            "vessel": ["v_id"],
            "vessel_log": ["log_id"],
        }
        assert {spec["change"] for spec in tables.values()} == {change}
        assert tables["vessel_log"]["exclude"] == ["operator_badge"]
        assert tables["brew"]["exclude"] == ["foreman"]
        assert "open_brew is a view" in text
        assert "scratch has no primary key" in text
        assert "schema_migrations looks like the vendor's own housekeeping" in text
    assert tables["tapping"]["cursor"] == "modified"
    assert "TIMESTAMP, indexed" in text


def test_stubs_point_to_the_tables_that_fit(connected):
    """Of the second brewery's items nothing was filled in, so its stub is as it was written."""
    staging = connected.project / "dbt_project/models/staging"
    connected.sh(".venv/bin/scorecard source stub brewlite erp_item erp_party")
    stub = (staging / "brewlite/stg_brewlite__erp_item.sql").read_text("utf-8")
    assert "from {{ landed('brewlite', 'beer') }} as s" in stub
    assert "Try s.sku." in stub
    assert "where {{ not_mapped_yet() }}" in stub
    again = connected.sh(".venv/bin/scorecard source stub brewlite erp_item", code=2)
    assert "is there already" in again
    for path in staging.glob("brewlite/*erp_*"):
        path.unlink()
    connected.sh(f"'{sys.executable}' -m orchestration.codegen")


def test_nothing_is_overwritten(connected):
    said = connected.sh(COMMANDS[0], code=2)
    assert "There is a system 'brewmes' already, and nothing of it is overwritten" in said


def test_the_check_says_what_is_mapped_and_what_follows(connected):
    assert re.search(r"mes_equipment +WARN +a stub", connected.said["look"])
    findings = json.loads(connected.sh(".venv/bin/scorecard source check --as json"))
    state = {(f["source"], f["what"], f["name"]): (f["state"], f["detail"]) for f in findings}
    assert state["brewmes", "grants", "brewmes"] == ("ok", "the role may only read these tables")
    assert state["brewmes", "clock", "brewmes"][0] == "ok"
    assert state["brewmes", "table", "tapping"] == ("ok", "90 rows, horizon")
    assert state["brewlite", "table", "tapping"] == ("ok", "90 rows, cursor modified, indexed")
    assert state["brewmes", "canonical", "mes_equipment_state"] == ("ok", "mapped")
    assert state["", "kpi", "oee"] == ("ok", "enabled by what is mapped")
    assert state["", "kpi", "rework_ratio"] == (
        "none",
        "no data: needs mes_production_count with qty_rework",
    )
    assert state["", "kpi", "nps"] == ("none", "no data: needs erp_survey_response")
    assert not [f for f in findings if f["state"] == "failed"]


def test_a_check_of_what_cannot_work_fails(connected):
    config = yaml.safe_load((connected.project / "scorecard.yml").read_text("utf-8"))
    config["sources"][0]["url_env"] = "ELSEWHERE_URL"
    (connected.project / "wrong.yml").write_text(yaml.safe_dump(config), "utf-8")
    said = connected.sh(
        f"export ELSEWHERE_URL={connected.url.replace('/brewery', '/nowhere')}\n"
        ".venv/bin/scorecard source check brewmes --config wrong.yml",
        code=1,
    )
    assert "nowhere" in said
    assert "test-password" not in said


def test_kpis_are_those_of_the_vendors_rows(connected, sources):
    values = connected.values()
    wanted = figures(sources["brewmes"])
    assert len(wanted) == 24
    compared = {k: v for k, v in wanted.items() if k[1] in {"PLZ", "K1", "K2"}}
    assert {k: values.get(k) for k in compared} == pytest.approx(compared)
    both = figures(brewery.together(*sources.values()))
    states = {k: v for k, v in both.items() if k[0] == "availability"}
    assert {k: values.get(k) for k in states} == pytest.approx(states)


def test_local_times_are_checked_against_the_clock(connected):
    assert connected.rows(
        "select distinct check_id, status, evaluated_count from check_result "
        "where category = 'clock' and check_id like '%vessel_log__t_from%' order by 1"
    ) == [
        ("base_brewmes__vessel_log__t_from__brewmes__never", "passed", 322),
        ("base_brewmes__vessel_log__t_from__brewmes__twice", "passed", 322),
    ]


def test_rows_with_unmapped_codes_wait_and_come_back_by_themselves(connected, sources):
    """Runs last: it maps the code."""
    assert ("quality_ratio", "BRN") not in {k[:2] for k in connected.values()}
    waiting = (
        "select distinct source_system, entity, code from unmapped_code where canonical_table = "
        "'mes_production_count'"
    )
    assert connected.rows(waiting) == [("brewlite", "erp_item", "lager 01")]
    [[completeness]] = connected.rows(
        "select completeness from kpi_value where kpi_id = 'quality_ratio' and node_id = 'BREW' "
        "and period_type = 'month' and period_start = '2026-10-01'"
    )
    assert completeness == pytest.approx(0.5)
    assert "LAGER-1 (Lager) 100%" in connected.said["see"]

    connected.sh(
        ".venv/bin/scorecard source codes --as csv > feed/xref_code.csv\n.venv/bin/scorecard run"
    )
    assert connected.rows("select count(*) from unmapped_code") == [(0,)]
    wanted = figures(brewery.together(*sources.values()))
    assert len(wanted) == 42
    assert connected.values() == pytest.approx(wanted)
    assert connected.rows(
        "select distinct completeness from kpi_value where kpi_id = 'quality_ratio'"
    ) == [(1.0,)]


def test_what_had_to_be_written_is_little():
    """Lines of SQL of the five models, without comments and blank lines."""
    lines = [
        line
        for path in MODELS
        for line in FILES[path].splitlines()
        if line.strip() and not line.startswith("--")
    ]
    assert len(MODELS) == 5
    assert f"{len(lines)} lines of SQL" in DOC
