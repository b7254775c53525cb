"""The parts of a change add up to it, and each says what a person would say."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.attribution import Part, by_component, by_ratio, by_share

NUMBER = st.fractions(min_value=0, max_value=1000, max_denominator=100)
POSITIVE = st.fractions(min_value=Fraction(1, 100), max_value=1000, max_denominator=100)
PARTS = st.dictionaries(
    st.sampled_from("abcdef"), st.builds(Part, NUMBER, POSITIVE), min_size=1, max_size=6
)
SCALE = st.sampled_from([Fraction(1), Fraction(100), Fraction(200000)])


def ratio(groups):
    return sum(p.numerator for p in groups.values()) / sum(p.denominator for p in groups.values())


@given(PARTS, PARTS, SCALE)
def test_parts_of_a_ratio_add_up_to_its_change(before, after, scale):
    effects = by_ratio(before, after, scale)
    assert sum(e.total for e in effects) == scale * (ratio(after) - ratio(before))
    assert all(e.rate + e.mix == e.total for e in effects)


@given(PARTS, PARTS, SCALE)
def test_parts_of_a_share_add_up_to_its_change(before, after, scale):
    assert sum(e.total for e in by_share(before, after, scale)) == scale * (
        ratio(after) - ratio(before)
    )


@given(st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=4))
def test_parts_of_a_product_add_up_to_its_change(values):
    before = {str(i): was for i, (was, _) in enumerate(values)}
    after = {str(i): became for i, (_, became) in enumerate(values)}

    def product(of):
        result = Fraction(1)
        for factor in of.values():
            result *= factor
        return result

    effects = by_component(before, after, product)
    assert sum(e.total for e in effects) == product(after) - product(before)


@given(PARTS, SCALE)
def test_what_did_not_change_has_no_part(groups, scale):
    assert {e.total for e in by_ratio(groups, groups, scale)} == {0}


def test_one_group_got_worse_and_another_weighs_more():
    """Two machines at 80 % and 60 % of 100 h each; b falls to 50 %, then a runs 150 h.

    V = 140 / 200 = 70 %; after: 170 / 250 = 68 %. With the means 69 % and 225 h:
    a: (40 - 0.69 x 50) / 225 = 2.4444 points, all mix; b: -10 / 225 = -4.4444 points, all rate.
    """
    before = {"a": Part(Fraction(80), Fraction(100)), "b": Part(Fraction(60), Fraction(100))}
    after = {"a": Part(Fraction(120), Fraction(150)), "b": Part(Fraction(50), Fraction(100))}
    a, b = by_ratio(before, after, Fraction(100))
    assert (float(a.rate), float(a.mix)) == (0, pytest.approx(2.444444))
    assert (float(b.rate), float(b.mix)) == (pytest.approx(-4.444444), 0)


def test_a_group_that_is_new_or_gone_is_mix():
    before = {"old": Part(Fraction(5), Fraction(10))}
    after = {"new": Part(Fraction(8), Fraction(10))}
    new, old = by_ratio(before, after, Fraction(1))
    assert new.rate == old.rate == 0
    assert new.total + old.total == Fraction(3, 10)


def test_a_loss_that_grew_lowers_the_value():
    """Of 100 h, tool changes took 10 and now 13: availability loses 3 points to them."""
    before = {"tool change": Part(Fraction(10)), "": Part(Fraction(0), Fraction(100))}
    after = {"tool change": Part(Fraction(13)), "": Part(Fraction(0), Fraction(100))}
    parts = {e.group: e.total for e in by_share(before, after, Fraction(-100))}
    assert parts == {"tool change": -3, "": 0}
