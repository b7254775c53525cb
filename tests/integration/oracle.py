"""Published KPI figures against rows that a test computed by itself, for every node and period.

A test writes each KPI's parts as SQL on the vendor's own tables, one row per event: (node, day,
numerator, denominator). Here they are rolled up the slow and obvious way, and laid beside what a
run published.

Does not belong here: any SQL on a vendor's tables, anything taken from the dbt project.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from unittest import mock

import duckdb
import psycopg

from models.config import load_config
from orchestration.warehouse import PROJECT, dbt_vars
from sources.extract import extract


def run(config, home, **environment):
    """`scorecard run` on a configuration, as documented; returns the home of its state."""
    command(config, home, "run", **environment)
    return home


def command(config, home, *arguments, **environment):
    """What a `scorecard` command, which must succeed, prints on a configuration and its state."""
    done = subprocess.run(
        [Path(sys.executable).with_name("scorecard"), *arguments, "--config", config],
        env=os.environ | environment | {"SCORECARD_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def conformed(config, home, **environment):
    """Extract, and compute the canonical tables alone; a third of the time of a whole run."""
    with mock.patch.dict(os.environ, environment | {"SCORECARD_HOME": str(home)}):
        loaded = load_config(config)
        for source in loaded.sources:
            extract(source, loaded)
    loaded.warehouse.parent.mkdir(parents=True)
    build = [
        Path(sys.executable).with_name("dbt"),
        *("run", "--select", "base", "staging", "canonical"),
        *("--vars", json.dumps(dbt_vars(loaded)), "--profiles-dir", PROJECT),
        *("--target-path", home / "target", "--log-path", home),
    ]
    done = subprocess.run(
        build,
        cwd=PROJECT,
        env=os.environ | {"SCORECARD_WAREHOUSE": str(loaded.warehouse)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return home


def published(home, sql):
    """Rows of the published marts."""
    with duckdb.connect(home / "published/current/scorecard.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def warehouse(home, sql):
    """Rows of the working warehouse, while no run is in progress."""
    with duckdb.connect(home / "warehouse/warehouse.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def as_of(home):
    """The instant until which a run counted (UTC)."""
    [(instant,)] = warehouse(home, "select as_of from clock")
    return instant


def ask(url, instant, prelude, sql):
    """Rows of a vendor's own tables, with what the prelude makes of them, as of an instant."""
    with psycopg.connect(url) as connection:
        connection.execute(f"create temp table clock as select timestamp '{instant}' as as_of")
        connection.execute(prelude)
        return connection.execute(sql).fetchall()


def rolled_up(rows, above, *, first_day=date.min, rollup="ratio", fiscal_month=1):
    """(node, period type, first day) -> (numerator, denominator) for days, months, fiscal years.

    `above` names the node above each node but the enterprise; rows before `first_day` are left out.
    `rollup`: a `ratio` has no value where its denominator is 0, a `stock` is averaged over the days
    it was held, an `additive` sum is divided by 1.
    """
    parts = defaultdict(lambda: [Decimal(0), Decimal(0)])
    days = defaultdict(set)
    for leaf, day, numerator, denominator in rows:
        if day < first_day:
            continue
        node = leaf
        while node:
            for period, start in _periods(day, fiscal_month):
                key = (node, period, start)
                parts[key][0] += Decimal(numerator or 0)
                parts[key][1] += Decimal(denominator or 0)
                days[key].add(day)
            node = above.get(node)
    if rollup == "stock":
        return {key: (numerator, Decimal(len(days[key]))) for key, (numerator, _) in parts.items()}
    if rollup == "additive":
        return {key: (numerator, Decimal(1)) for key, (numerator, _) in parts.items()}
    return {key: tuple(sums) for key, sums in parts.items() if sums[1]}


def _periods(day, fiscal_month):
    year = day.year if day.month >= fiscal_month else day.year - 1
    return (
        ("day", day),
        ("month", day.replace(day=1)),
        ("year", date(year, fiscal_month, 1)),
    )


def figures(home, kpi, *, first_day=date.min):
    """What was published: (node, period type, first day) -> (numerator, denominator, value)."""
    return {
        (node, period, start): (numerator, denominator, value)
        for node, period, start, numerator, denominator, value in published(
            home,
            "select node_id, period_type, period_start, numerator, denominator, value "
            f"from kpi_value where kpi_id = '{kpi}' and period_type in ('day', 'month', 'year') "
            f"and period_start >= date '{first_day.isoformat()}' "
            "and node_id in (select node_id from dim_organization)",
        )
    }


def valued(parts, scale):
    """Numerators and denominators with the value they give, as they are published."""
    return {key: (float(n), float(d), scale * float(n) / float(d)) for key, (n, d) in parts.items()}
