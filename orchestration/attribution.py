"""Why a KPI changed between two periods: which nodes, items, reasons or components moved it.

Every attribution is exact: its parts add up to the whole change. Three forms, because numerator and
denominator are not always both split by what is asked for:

- *Ratio of sums* V = s N / D, both split into groups g. Where V, D and r_g = N_g / D_g stand for
  the means of both periods and d for a change, the part of a group is s (dN_g - (V/s) dD_g) / D.
  It is rate, s D_g dr_g / D (it did better or worse), plus mix, (s r_g - V) dD_g / D (it weighed
  more or less). A group that is new or gone has mix only.
- *Share*: the denominator is not split (an amount, a stock, scrap by reason). The part of a group
  is the change of s N_g / D.
- *Loss*: the KPI is what losses leave of the denominator (OEE, availability). The part of a loss is
  the change of -s L_g / D.

A derived KPI is attributed to its components by their Shapley values: the mean, over all orders in
which the components could have changed one after the other, of what each changed.

Does not belong here: reading the publication and printing (`orchestration.explanation`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from math import factorial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ZERO = Fraction(0)


@dataclass(frozen=True)
class Part:
    """Numerator and denominator of one group in one period, unscaled."""

    numerator: Fraction = ZERO
    denominator: Fraction = ZERO


Parts = Mapping[str, Part]
"""Part of each group in one period."""
NOTHING = Part()


@dataclass(frozen=True)
class Effect:
    """What one group did to the value, in the KPI's unit; `rate` and `mix` add up to `total`.

    Of a share or a loss, which has no rate of its own, all is `rate`.
    """

    group: str
    total: Fraction
    rate: Fraction
    mix: Fraction


def by_ratio(before: Parts, after: Parts, scale: Fraction) -> list[Effect]:
    """Attribute the change of a ratio of sums to groups of both its parts.

    The denominators of both periods, and their sum, must be other than zero.
    """
    old, new = _sum(before), _sum(after)
    mean_value = (old.numerator / old.denominator + new.numerator / new.denominator) / 2
    mean_denominator = (old.denominator + new.denominator) / 2
    effects = []
    for group in sorted(before.keys() | after.keys()):
        was, became = before.get(group, NOTHING), after.get(group, NOTHING)
        more = became.denominator - was.denominator
        total = (became.numerator - was.numerator - mean_value * more) / mean_denominator
        rate = ZERO
        if was.denominator and became.denominator:
            change = became.numerator / became.denominator - was.numerator / was.denominator
            rate = (was.denominator + became.denominator) / 2 * change / mean_denominator
        effects.append(Effect(group, scale * total, scale * rate, scale * (total - rate)))
    return effects


def by_share(before: Parts, after: Parts, scale: Fraction) -> list[Effect]:
    """Attribute the change of N / D to groups of N; a loss has a negative scale.

    The denominators of both periods must be other than zero.
    """
    old, new = _sum(before).denominator, _sum(after).denominator
    effects = []
    for group in sorted(before.keys() | after.keys()):
        was, became = (period.get(group, NOTHING).numerator for period in (before, after))
        total = scale * (became / new - was / old)
        effects.append(Effect(group, total, total, ZERO))
    return effects


def by_component(
    before: Mapping[str, Fraction],
    after: Mapping[str, Fraction],
    value: Callable[[Mapping[str, Fraction]], Fraction],
) -> list[Effect]:
    """Shapley values of the components of a derived KPI, whose `value` is computed from theirs."""
    parts = dict.fromkeys(before, ZERO)
    for order in permutations(before):
        current = dict(before)
        for component in order:
            was = value(current)
            current[component] = after[component]
            parts[component] += value(current) - was
    orders = factorial(len(before))
    return [Effect(name, total / orders, total / orders, ZERO) for name, total in parts.items()]


def _sum(groups: Parts) -> Part:
    return Part(
        sum((part.numerator for part in groups.values()), ZERO),
        sum((part.denominator for part in groups.values()), ZERO),
    )
