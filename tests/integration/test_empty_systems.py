"""Complete but empty databases: every table is there, no row in any; nothing is wrong or known."""

import psycopg
import pytest
from oracle import published, run

pytestmark = pytest.mark.slow

CONFIG = """
enterprise: {code: NEW, name: New plant, time_zone: Europe/Warsaw, currency: EUR}
sources:
  - {name: openmes, system: openmes, url_env: OPENMES_URL}
  - {name: odoo, system: odoo17, url_env: ODOO_URL}
"""


@pytest.fixture(scope="module")
def home(real_dump, postgres, tmp_path_factory):
    urls = {}
    for name in ("openmes", "odoo17"):
        real_dump(name)
        with postgres.connect() as connection:
            connection.execute(f'create database "{name}_empty" template "{name}"')
        urls[name] = postgres.url(f"{name}_empty")
        with psycopg.connect(urls[name], autocommit=True) as connection:
            tables = connection.execute(
                "select string_agg(format('%I', tablename), ', ') from pg_tables "
                "where schemaname = 'public'"
            ).fetchone()[0]
            connection.execute(f"truncate {tables}")
    folder = tmp_path_factory.mktemp("empty")
    config = folder / "scorecard.yml"
    config.write_text(CONFIG)
    return run(config, folder / "home", OPENMES_URL=urls["openmes"], ODOO_URL=urls["odoo17"])


def test_no_kpi_has_a_value(home):
    assert published(home, "select * from kpi_value where value is not null") == []


def test_every_kpi_of_the_scorecard_says_no_data(home):
    statuses = published(home, "select status, count(*) > 0 from scorecard group by 1")
    assert statuses == [("no_data", True)]


def test_every_kpi_names_what_is_missing(home):
    assert published(home, "select kpi_id from kpi_readiness where missing is null") == []


def test_no_check_fails_but_that_mandatory_tables_are_empty(home):
    failed = published(
        home,
        "select check_id from check_result where status in ('failed', 'error')",
    )
    assert failed
    assert all(check.endswith("__filled") for (check,) in failed)
