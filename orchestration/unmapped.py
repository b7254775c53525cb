"""Codes that nobody knows, and which known code each may mean.

Belongs here: `scorecard source codes`. Does not belong here: what refuses a row (the macro
`conform`), mapping (`xref_code`).

A suggestion is a likeness of spelling, no more: codes are compared without case, punctuation and
leading zeros, with the codes and the names of their master table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from exports import query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from models.config import Config

ALIKE = 0.6
"""Likeness from which a known code is worth naming."""
SURE = 0.85
"""Likeness from which it is put where it can be taken over unread."""
SUGGESTED = 3
_UNMAPPED = """
select source_system, entity, code, count(distinct (canonical_table, source_pk)) as rows,
    min(needed_on) as first_day, max(needed_on) as last_day,
    string_agg(distinct canonical_table || '.' || column_name, ', ') as found_in
from unmapped_code
where reason = 'unmapped'
group by all
order by rows desc, source_system, entity, code
"""
_KNOWN = {
    "mes_equipment": "select node_id, node_name from dim_organization",
    "erp_item": "select item_code, item_name from dim_item",
    "erp_party": "select customer_code, customer_name from dim_customer "
    "union select supplier_code, supplier_name from dim_supplier",
    "hr_employee": "select emp_no, null from dim_employee",
    "mes_downtime_reason": "select reason_code, reason_name from dim_reason",
    "uom": "select distinct base_uom, null from dim_item",
}
"""Published codes and names by entity; a cost centre and a currency have none to be like."""
_ELSEWHERE = {"currency": "erp_exchange_rate"}
"""Entities that are mended in another table than xref_code."""


@dataclass(frozen=True, slots=True)
class Unmapped:
    """One code that kept rows out."""

    source: str
    entity: str
    code: str
    rows: int
    first_day: date | None
    last_day: date | None
    found_in: str
    suggestions: tuple[tuple[str, str, float], ...]
    """Known code, its name, and likeness from 0 to 1; the most alike first."""

    @property
    def suggestion(self) -> str:
        """The most similar codes in words."""
        if self.entity in _ELSEWHERE:
            return f"add it to {_ELSEWHERE[self.entity]}"
        return ", ".join(
            f"{code} {f'({name}) ' if name else ''}{likeness:.0%}"
            for code, name, likeness in self.suggestions
        )


def unmapped_codes(config: Config) -> list[Unmapped]:
    """Every unmapped code of the newest publication, those that cost most rows first."""
    found = query(config, _UNMAPPED).to_pylist()
    known: dict[str, list[tuple[str, str]]] = {}
    for entity in {row["entity"] for row in found} & {*_KNOWN}:
        rows = query(config, _KNOWN[entity])
        known[entity] = [
            (code, name or "")
            for code, name in zip(*(c.to_pylist() for c in rows.columns), strict=True)
        ]
    return [
        Unmapped(
            row["source_system"],
            row["entity"],
            row["code"],
            row["rows"],
            row["first_day"],
            row["last_day"],
            row["found_in"],
            most_alike(row["code"], known.get(row["entity"], ())),
        )
        for row in found
    ]


def most_alike(code: str, known: Iterable[tuple[str, str]]) -> tuple[tuple[str, str, float], ...]:
    """The known codes whose spelling, or whose name's, is most like a code's."""
    scored = [
        (theirs, name, max(likeness(code, theirs), 0.95 * likeness(code, name)))
        for theirs, name in known
    ]
    fitting = sorted((s for s in scored if s[2] >= ALIKE), key=lambda s: (-s[2], s[0]))
    return tuple(fitting[:SUGGESTED])


def likeness(one: str, other: str) -> float:
    """From 0 to 1: how alike two codes are spelled; 1 if they differ in form only."""
    a, b = _plain(one), _plain(other)
    if not a or not b:
        return 0
    if a == b:
        return 1
    numbers = re.findall(r"\d+", a), re.findall(r"\d+", b)
    ratio = SequenceMatcher(None, a, b, autojunk=False).ratio()
    if all(numbers) and numbers[0] != numbers[1]:
        return ratio * 0.7  # DRILL-1 and DRILL-2 are two machines
    if a in b or b in a:
        return max(ratio, 0.9)
    return ratio


def pasted(codes: Sequence[Unmapped]) -> list[tuple[str, str, str, str, str, str]]:
    """Rows of xref_code; the conformed code is empty where no known code is alike enough."""
    return [
        (
            code.entity,
            code.source,
            code.code,
            code.suggestions[0][0] if code.suggestions and code.suggestions[0][2] >= SURE else "",
            "",
            "",
        )
        for code in codes
        if code.entity not in _ELSEWHERE
    ]


def _plain(text: str) -> str:
    """Small letters and digits without leading zeros, so that WC-0007 is wc7."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\W_]+", "", text.casefold()))
