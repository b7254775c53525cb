"""A Tryton that is at work while the pipeline runs; in the end the scorecard is what Tryton says.

Tryton runs in a virtual environment and a process of its own (`tryton/plant.py`) and is driven
through its own workflows. It has only the modules that the connector needs, so this is also the
test that all others may be missing. What is expected comes from Tryton's records, never from SQL.
"""

import contextlib
import json
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from oracle import figures, rolled_up, run, valued, warehouse

from models.config import load_config
from sources.extract import extract

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
ENVIRONMENT = REPOSITORY / ".venv/tryton"
PLANT = Path(__file__).parent / "tryton/plant.py"
SCORECARD = Path(sys.executable).with_name("scorecard")
CONFIG = """
enterprise: {code: PUMPS, name: Pumps, time_zone: UTC, currency: USD}
sources:
  - {name: tryton, system: tryton74, url_env: TRYTON_URL}
"""
SITE, HALL = "tryton-site1", "tryton-wc1"
ABOVE = {HALL: SITE, SITE: "PUMPS"}
OF_THE_HALL = {"quality_ratio", "scrap_ratio", "schedule_attainment"}
ROLLUP = {"inventory_value": "stock", "net_sales": "additive"}
SCALE = dict.fromkeys(("inventory_value", "net_sales", "order_cycle_time"), 1)
MOST_ROUNDS = 8
"""So many rounds of business at most during a run, however long it takes."""


class Tryton:
    """The process of `plant.py`."""

    def __init__(self, url, log):
        self.url = url
        self._log = log
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                [ENVIRONMENT / "bin/python", PLANT],
                env=os.environ | {"TRYTOND_DATABASE_URI": url},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def answer(self):
        line = self._process.stdout.readline()
        assert line, self._log.read_text("utf-8")[-3000:]
        return json.loads(line)

    def begin(self, command):
        """Give a command; `answer` waits for its end."""
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()

    def do(self, command):
        self.begin(command)
        return self.answer()

    def end(self):
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()


@pytest.fixture(scope="module")
def tryton(postgres, tmp_path_factory):
    """A company in a new Tryton database."""
    if not (ENVIRONMENT / "installed").exists():
        pytest.skip("no Tryton here: make .venv/tryton/installed")
    url = postgres.create_database("living_tryton")
    with postgres.connect() as connection:
        # a catalogue that was never analyzed is joined row by row otherwise, a hundred times slower
        connection.execute("alter database living_tryton set enable_nestloop = off")
    living = Tryton(url, tmp_path_factory.mktemp("living") / "tryton.log")
    try:
        assert "ready" in living.answer()
        yield living
    finally:
        living.end()


@pytest.fixture(scope="module")
def worked(tryton, tmp_path_factory):
    """Home of the state after runs and extractions in the midst of business, and one at the end."""
    folder = tmp_path_factory.mktemp("pipeline")
    config, home = folder / "scorecard.yml", folder / "home"
    config.write_text(CONFIG, encoding="utf-8")
    environment = {"TRYTON_URL": tryton.url, "SCORECARD_HOME": str(home)}
    tryton.do("round")
    with subprocess.Popen(
        [SCORECARD, "run", "--config", config],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as first:
        rounds = 1
        while first.poll() is None and rounds < MOST_ROUNDS:
            rounds = tryton.do("round")
        output, _ = first.communicate()
    assert first.returncode == 0, output
    assert rounds > 1
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        known = load_config(config)
        batches = 0
        for _ in range(2):
            tryton.begin("round")
            for _ in range(3):
                batches += extract(known.sources[0], known).batch_id is not None
            tryton.answer()
        assert batches > 1
    return run(config, home, **environment)


@pytest.fixture(scope="module")
def report(tryton, worked):
    """KPI -> rows of (node, day, numerator, denominator)."""
    assert worked
    return {
        kpi: [
            (
                HALL if kpi in OF_THE_HALL else SITE,
                date.fromisoformat(day),
                Decimal(numerator),
                Decimal(denominator),
            )
            for day, numerator, denominator in rows
        ]
        for kpi, rows in tryton.do("report").items()
    }


@pytest.mark.parametrize(
    "kpi",
    [
        "gross_margin",
        "inventory_value",
        "mes_erp_agreement",
        "net_sales",
        "order_cycle_time",
        "otif",
        "quality_ratio",
        "return_rate",
        "schedule_attainment",
        "scrap_ratio",
        "supplier_on_time",
    ],
)
def test_a_kpi_is_what_tryton_says(worked, report, kpi):
    parts = rolled_up(report[kpi], ABOVE, rollup=ROLLUP.get(kpi, "ratio"))
    assert len(parts) > 3
    assert figures(worked, kpi) == valued(parts, SCALE.get(kpi, 100))


def test_cycles_longer_than_a_day_are_read_whole(worked, report):
    """Each took 25 hours and as many minutes as rounds before it."""
    works = warehouse(
        worked, "select act_time_min from mes_operation where act_time_min is not null order by 1"
    )
    assert report
    assert works == [(Decimal(25 * 60 + number),) for number in range(1, len(works) + 1)]
