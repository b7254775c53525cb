"""What a check is: which rows would violate it, out of which rows, and which share is accepted.

Does not belong here: any single check (`catalogue`, `rules`), and running one (`suites`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from expectations.results import Severity

if TYPE_CHECKING:
    from expectations.results import Category


@dataclass(frozen=True, slots=True)
class NotNull:
    """The check's column is never empty."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """Where the check's column is filled, it holds one of these values."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Where the check's column is filled, it is not below this."""

    minimum: float


@dataclass(frozen=True, slots=True)
class Youngest:
    """The smallest number in the check's column, an age in hours, is not above this."""

    hours: float


@dataclass(frozen=True, slots=True)
class FewRows:
    """At most a share of the population violates the check.

    Both queries read `{batch}`, the check's table. `violations` selects `source_system` and
    `source_pk` of each violating row and nothing else; `population` selects one row for each row
    that could violate.
    """

    violations: str
    population: str = "select 1 from {batch}"
    share: float = 0.0


Rule = NotNull | OneOf | AtLeast | Youngest | FewRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check of the catalogue."""

    id: str
    """Letters, digits and _ only; unique."""
    description: str
    category: Category
    table: str
    """Table of the warehouse, or the source's name for a check of the landing."""
    rule: Rule | None
    """None: the enterprise has set no threshold, so there is nothing to compare with."""
    column: str | None = None
    severity: Severity = Severity.BLOCKING


def failing_rows(check: Check) -> str:
    """SQL that selects `source_system` and `source_pk` of the rows that violate the check."""
    match check.rule:
        case FewRows(violations):
            return violations
        case NotNull():
            condition = f"{check.column} is null"
        case OneOf(values):
            condition = f"{check.column} not in {values!r}"
        case AtLeast(minimum):
            condition = f"{check.column} < {minimum}"
        case _:  # an age is a property of the source, not of a row
            condition = "false"
    return f"select source_system, source_pk from {{batch}} where {condition}"
