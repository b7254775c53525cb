"""`scorecard feed`: templates that load, and a check that says what is wrong."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from models.contract import canonical_tables
from models.errors import ConfigError, SourceError
from orchestration.cli import cli
from sources.feed import check_folder, write_templates


def run(*arguments):
    return CliRunner().invoke(cli, [*map(str, arguments)])


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_template_loads_as_it_is(tmp_path, form):
    folder = tmp_path / "feed"
    assert run("feed", "template", "--out", folder, "--as", form).exit_code == 0
    found = check_folder(folder)
    assert {t.table for t in found} == {*canonical_tables()}
    assert [(t.table, t.good, t.aside, t.fault) for t in found] == [
        (t.table, 2, (), "") for t in found
    ]


def test_a_template_explains_every_column(tmp_path):
    write_templates(["mes_energy"], tmp_path / "feed", "csv")
    notes = (tmp_path / "feed/README.md").read_text("utf-8")
    for name, column in canonical_tables()["mes_energy"].columns.items():
        assert f"| {name} | {column.type} |" in notes
    with pytest.raises(ConfigError, match=r"mes_energy.csv is there already"):
        write_templates(["mes_energy"], tmp_path / "feed", "csv")
    with pytest.raises(ConfigError, match="no canonical table 'mes_enrgy'"):
        write_templates(["mes_enrgy"], tmp_path / "other", "csv")


def test_a_check_lists_what_is_wrong_and_where(tmp_path):
    header = "meter,equipment_code,start_ts,kwh\n"
    (tmp_path / "mes_energy.csv").write_text(
        header
        + "E1,M1,2026-10-31 12:00:00,1\n" * 2
        + "".join(f"E{n},M1,2026-10-31 12:00:00,abc\n" for n in range(10, 40))
    )
    (tmp_path / "xref_code.csv").write_text("entity;code\n")
    result = run("feed", "check", tmp_path)
    assert isinstance(result.exception, SourceError)
    assert "32 rows would be put aside, and 1 tables cannot be read" in str(result.exception)
    lines = result.output.splitlines()
    assert "mes_energy.csv line 4: kwh: 'abc' is no number" in lines
    assert "... and 12 more of mes_energy" in lines
    assert any(re.search("xref_code.csv: column 'code' is not in xref_code", x) for x in lines)
    rows = json.loads(run("feed", "check", tmp_path, "--as", "json").stdout)
    assert [(r["table"], r["good_rows"], r["put_aside"]) for r in rows] == [
        ("mes_energy", 0, 32),
        ("xref_code", 0, 0),
    ]
    assert rows[0]["reasons"] == [
        *(f"mes_energy.csv line {n}: kwh: 'abc' is no number" for n in range(4, 34)),
        *["meter, start_ts: the key is not unique"] * 2,
    ]


def test_a_clean_folder_passes(tmp_path):
    write_templates(["mes_energy"], tmp_path, "csv")
    result = run("feed", "check", tmp_path)
    assert result.exit_code == 0
    assert "mes_energy.csv" in result.output
