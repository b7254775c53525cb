"""The ERP's books: ledger and stock, and how the ERP writes numbers.

Belongs here: what a posting and a movement look like. Does not belong here: why something is posted
(`office`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sources.demo.calendar import utc_text
from sources.demo.company import PER_KG, Item

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sources.demo.company import Raw
    from sources.demo.journal import Journal
    from sources.demo.state import State

Posting = tuple[str, int, str]
"""Account, cents (positive = debit) and cost centre."""


def quantity_text(quantity: int, base: int) -> str:
    """Quantity in MES units as the ERP's decimal text in base units."""
    return f"{quantity}.000" if base == 1 else f"{quantity // PER_KG}.{quantity % PER_KG:03}"


def sales_quantity_text(item: Item, quantity: int) -> str:
    """Quantity in MES units as decimal text in the unit that the item is sold in."""
    if item.box == 1:
        return quantity_text(quantity, item.base)
    thousandths = quantity * 1000 // item.box
    return f"{thousandths // 1000}.{thousandths % 1000:03}"


def money_text(cents: int) -> str:
    """Cents (not negative) as decimal text."""
    return f"{cents // 100}.{cents % 100:02}"


def value(item: Item | Raw, quantity: int) -> int:
    """Cents of a quantity in MES units at standard cost."""
    return round(quantity * item.cost / item.base)


def storage(item: Item | Raw) -> str:
    """Storage location of an item."""
    return f"{item.site.werks}-{'FG' if isinstance(item, Item) else 'RM'}"


@dataclass(frozen=True)
class Document:
    """What postings and movements of one occasion share."""

    day: date
    """Posting date."""
    at: int
    """When it is typed in."""
    reference: str = ""
    """Order concerned."""
    reverses: tuple[int, ...] = ()
    """Numbers of the lines or movements that it takes back."""

    def later(self, wait: int) -> Document:
        """The same, typed in later."""
        return replace(self, at=self.at + wait)


class Books:
    """Ledger and stock of all plants."""

    def __init__(self, journal: Journal, state: State) -> None:
        self._journal, self._state = journal, state

    def post(self, document: Document, postings: Sequence[Posting]) -> tuple[int, ...]:
        """Post one journal entry that balances; returns the numbers of its lines."""
        number = f"{self._state.number('document'):010}"
        lines = []
        for position, (account, cents, center) in enumerate(p for p in postings if p[1]):
            line = self._state.number("ledger")
            lines.append(line)
            self._journal.write(
                "GL_LINE",
                document.at,
                line,
                number,
                document.day.isoformat(),
                account,
                "D" if cents > 0 else "C",
                abs(cents),
                center,
                document.reference,
                document.reverses[position] if document.reverses else None,
            )
        return tuple(lines)

    def move(self, document: Document, kind: str, item: Item | Raw, quantity: int) -> int:
        """Move stock (positive = into it) now, though typed in later; returns the number."""
        number = self._state.number("movement")
        self._state.stock[item.code] += quantity
        self._journal.write(
            "STK_MOVE",
            document.at,
            number,
            document.day.isoformat(),
            utc_text(document.at),
            kind,
            "-" if quantity < 0 else "+",
            item.code,
            quantity_text(abs(quantity), item.base),
            item.base_uom,
            storage(item),
            document.reference,
            document.reverses[0] if document.reverses else None,
        )
        return number

    def balances(self, day: date, at: int, goods: Sequence[Item | Raw]) -> None:
        """Write down what is on hand at the end of a day."""
        for item in goods:
            stock = self._state.stock[item.code]
            self._journal.write(
                "STK_BAL",
                at,
                item.code,
                storage(item),
                day.isoformat(),
                item.site.werks,
                item.base_uom,
                quantity_text(stock, item.base),
                value(item, stock),
            )
