"""Examples of segments, currencies, targets, people and ERPs with equal numbers.

One site for each example, worked out by hand in `example_segments.py`.
"""

import pytest
from example_judgement import called, judged
from example_plant import about, first_of_everything, names
from example_segments import OBJECTIVES, PERSPECTIVES, SCORES, build
from feed import run

CONFIG = """
enterprise: {code: E, name: Segments, time_zone: UTC, currency: CHF, as_of: 2026-08-20T12:00:00}
sources:
  - {name: feed, system: files, path: feed}
  - {name: other, system: files, path: other, site: OS}
  - {name: third, system: files, path: third}
tolerance: {order_mismatch_share: 1}
"""
PLANT, OTHER, THIRD = build(first_of_everything)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("segments")
    PLANT.write(folder / "feed")
    OTHER.write(folder / "other")
    THIRD.write(folder / "third")
    (folder / "scorecard.yml").write_text(CONFIG, "utf-8")
    return run(folder / "scorecard.yml", folder / "home")


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
def test_score_of_an_objective(published, case):
    *_, score, status = case
    found = judged(published, "objective_score", case, "score, status")
    assert found == (about(score), status)


@pytest.mark.parametrize("case", PERSPECTIVES, ids=called(PERSPECTIVES))
def test_score_of_a_perspective(published, case):
    *_, score, status = case
    found = judged(published, "perspective_score", case, "score, status")
    assert found == (about(score), status)
