"""What the simulation must remember from one midnight to the next, and nothing else.

Belongs here: plain data that turns into JSON and back. Does not belong here: behaviour.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from sources.demo.journal import Waiting  # noqa: TC001 - pydantic reads the annotation


@dataclass
class Order:
    """A production order on its way through a line; quantities in MES units."""

    number: str
    erp_number: str | None
    """None for the trial order that the ERP does not know."""
    item: str
    mes_item: str
    line: str
    total: int
    """What the ERP ordered; more than `planned` where the MES split the order."""
    planned: int
    input: int
    """Pieces that enter the step at hand."""
    released: int
    due: int
    split_from: str | None = None
    last_part: bool = True
    """False for a split order whose other part is still to come."""
    step: int = 0
    ready: int = 0
    started: int | None = None


@dataclass
class Interval:
    """The machine state that lasts."""

    log_id: int
    start: int
    reading: tuple[str, int]
    """Local clock at the start, and its offset."""
    code: int
    reason: str | None
    order: str | None
    lost: bool
    """True where the interface loses the row: a gap in the log."""


@dataclass
class MachineState:
    """What a machine is in the middle of. Times in ms."""

    queue: list[Order] = field(default_factory=list)
    order: Order | None = None
    open: Interval | None = None
    last_item: str = ""
    setup_left: int = 0
    stop_left: int = 0
    stop_code: int = 0
    stop_reason: str = ""
    run_left: int = 0
    """Running time until the next stop."""
    count_left: int = 0
    """Running time until the next count."""
    run: int = 0
    """Running time of the step so far."""
    cycle: float = 1.0
    """Actual ms per MES unit."""
    counted: int = 0
    good: int = 0
    scrap_carry: float = 0.0
    op_start: int = 0


@dataclass
class SalesLine:
    """A sales order line that is not fully shipped."""

    order: str
    position: int
    customer: str
    item: str
    quantity: int
    """Ordered, in MES units."""
    open: int
    """Still to be shipped."""
    net: int
    """Net cents of the line in its currency."""
    requested: str
    first_promise: str
    promise: str
    ship_on: str
    """Day on which the warehouse means to ship."""


@dataclass
class Purchase:
    """A purchase order line on its way; quantities in MES units."""

    number: str
    raw: str
    quantity: int
    net: int
    ordered: str
    promise: str
    arrives: str


@dataclass
class Return:
    """Goods that will come back."""

    day: str
    order: str
    position: int
    customer: str
    item: str
    quantity: int
    net: int


@dataclass
class Employee:
    """A person on the payroll."""

    number: str
    department: str
    hired: str
    fte: int
    absent_until: str = ""


def _counter() -> defaultdict[str, int]:
    return defaultdict(int)


@dataclass
class State:
    """Everything at a midnight."""

    numbers: defaultdict[str, int] = field(default_factory=_counter)
    """Last number given per number range."""
    machines: dict[str, MachineState] = field(default_factory=dict)
    stock: defaultdict[str, int] = field(default_factory=_counter)
    """On hand by item, in MES units."""
    coming: defaultdict[str, int] = field(default_factory=_counter)
    """Released to production or ordered from suppliers."""
    backlog: defaultdict[str, int] = field(default_factory=_counter)
    """Sold and not yet shipped."""
    wip: dict[str, int] = field(default_factory=dict)
    """Cents in work in progress by production order."""
    sales: list[SalesLine] = field(default_factory=list)
    purchases: list[Purchase] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    employees: list[Employee] = field(default_factory=list)
    outbox: list[Waiting] = field(default_factory=list)

    def number(self, name: str) -> int:
        """Next number of a number range."""
        self.numbers[name] += 1
        return self.numbers[name]


_STATE = TypeAdapter(State)


def dump(state: State) -> str:
    """State as JSON; numbers survive exactly."""
    return _STATE.dump_json(state).decode()


def load(text: str) -> State:
    """State from JSON."""
    return _STATE.validate_json(text)
