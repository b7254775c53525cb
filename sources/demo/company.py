"""The simulated company: sites, lines, machines, items, partners, accounts, and its story.

Belongs here: master data as constants, and how the story bends probabilities over time. Does not
belong here: events (`shopfloor`, `office`, `people`).

Quantities are counted in the MES's unit: whole pieces (ST), or grams (G) where the ERP counts in
kilograms. Standard costs are in cents per piece or per kilogram.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING

from sources.demo.calendar import HEADQUARTERS, ShiftPlan, Zone

if TYPE_CHECKING:
    from collections.abc import Mapping

PER_KG = 1000
PIECE = "PCE"
KILOGRAM = "KG"
EMPTY_DATE = "0000-00-00"
"""How the ERP writes no date."""

_ALL_WEEK = frozenset(range(7))
_WORKDAYS = frozenset(range(5))
_EARLY, _LATE, _NIGHT = ("E", 6, 8), ("L", 14, 8), ("N", 22, 8)


@dataclass(frozen=True)
class Site:
    """A plant. `code` is the MES's name of it, `werks` the ERP's."""

    code: str
    name: str
    werks: str
    zone: Zone
    currency: str
    price_per_euro: float
    """Local price of what costs one euro in Bremen."""


BREMEN = Site("BRE", "Bremen plant", "1000", HEADQUARTERS, "EUR", 1.0)
JOLIET = Site("JOL", "Joliet plant", "2000", Zone("America/Chicago"), "USD", 1.12)
SITES = (BREMEN, JOLIET)


@dataclass(frozen=True)
class Machine:
    """A machine, and its place in the routing of its line (`step` from 0)."""

    code: str
    name: str
    res_id: int
    erp_code: str
    step: int


AREAS: Mapping[str, tuple[str, Site]] = MappingProxyType(
    {
        "BRE-MA": ("Machining", BREMEN),
        "BRE-AS": ("Assembly", BREMEN),
        "JOL-PL": ("Plastics", JOLIET),
        "JOL-CO": ("Compounding", JOLIET),
    }
)


@dataclass(frozen=True)
class Line:
    """A production line.

    With `te` of several steps an order passes all of them, machine by machine; with one step each
    machine makes whole orders alone.
    """

    number: int
    code: str
    name: str
    area: str
    te: tuple[int, ...]
    """Run time per base unit of the item, in seconds, for each step of the routing."""
    machine_names: tuple[str, ...]
    kilowatts: float
    """Power of one machine that runs."""
    people: int
    load: float
    """Demand as a share of scheduled machine time at rated speed."""
    scrap: float = 0.02
    weekdays: frozenset[int] = _WORKDAYS
    shifts: tuple[tuple[str, int, int], ...] = (_EARLY, _LATE, _NIGHT)
    grams: bool = False

    @property
    def site(self) -> Site:
        """Where the line stands."""
        return AREAS[self.area][1]

    @property
    def res_id(self) -> int:
        """The MES's id."""
        return 100 * self.number

    @property
    def erp_code(self) -> str:
        """The ERP's name of the line."""
        return f"L{self.number}"

    @property
    def cost_center(self) -> str:
        """Cost centre of what the line makes and sells."""
        return f"K{self.site.werks[0]}1{self.number}0"

    @cached_property
    def plan(self) -> ShiftPlan:
        """When the line works."""
        return ShiftPlan(self.site.zone, self.shifts, self.weekdays)

    @cached_property
    def machines(self) -> tuple[Machine, ...]:
        """Machines in the order of the routing."""
        return tuple(
            Machine(
                code=f"{self.code}-M{i}",
                name=name,
                res_id=self.res_id + i,
                erp_code=f"WC{self.site.werks[0]}{self.number}{i:02}",
                step=i - 1 if self.is_flow else 0,
            )
            for i, name in enumerate(self.machine_names, 1)
        )

    @property
    def is_flow(self) -> bool:
        """True where orders pass from machine to machine."""
        return len(self.te) > 1

    @property
    def base(self) -> int:
        """MES units in one base unit of the ERP."""
        return PER_KG if self.grams else 1

    @property
    def uom(self) -> str:
        """Unit of the MES."""
        return "G" if self.grams else "ST"

    @property
    def base_uom(self) -> str:
        """Unit of the ERP."""
        return KILOGRAM if self.grams else PIECE


HOUSINGS = Line(
    number=1,
    code="BRE-L1",
    name="Housing machining",
    area="BRE-MA",
    te=(58, 60, 55),
    machine_names=("Turning centre", "Milling centre", "Leak test"),
    kilowatts=24,
    people=20,
    load=0.68,
)
ROTORS = Line(
    number=2,
    code="BRE-L2",
    name="Rotor grinding",
    area="BRE-MA",
    te=(90,),
    machine_names=("Grinder 1", "Grinder 2", "Grinder 3"),
    kilowatts=18,
    people=26,
    load=0.72,
    weekdays=_ALL_WEEK,
)
PUMPS = Line(
    number=3,
    code="BRE-L3",
    name="Pump assembly",
    area="BRE-AS",
    te=(72, 75, 68),
    machine_names=("Pre-assembly", "Final assembly", "Test bench"),
    kilowatts=9,
    people=30,
    load=0.68,
    scrap=0.012,
)
IMPELLERS = Line(
    number=4,
    code="JOL-L4",
    name="Impeller moulding",
    area="JOL-PL",
    te=(30,),
    machine_names=("Moulding machine 1", "Moulding machine 2", "Moulding machine 3"),
    kilowatts=32,
    people=15,
    load=0.64,
    shifts=(_EARLY, _LATE),
)
COMPOUNDS = Line(
    number=5,
    code="JOL-L5",
    name="Seal compound mixing",
    area="JOL-CO",
    te=(20,),
    machine_names=("Mixer 1", "Mixer 2"),
    kilowatts=55,
    people=14,
    load=0.72,
    scrap=0.015,
    grams=True,
)
LINES = (HOUSINGS, ROTORS, PUMPS, IMPELLERS, COMPOUNDS)


@dataclass(frozen=True)
class Raw:
    """A purchased item."""

    code: str
    mes_code: str
    name: str
    base_uom: str
    cost: int
    supplier: str
    site: Site
    """The site that uses it."""

    @property
    def base(self) -> int:
        """MES units in one base unit."""
        return PER_KG if self.base_uom == KILOGRAM else 1


RAWS = (
    Raw("200010", "BLK-AL", "Aluminium casting blank", PIECE, 1400, "S5001", BREMEN),
    Raw("200020", "BAR-42", "Alloy steel bar", KILOGRAM, 890, "S5002", BREMEN),
    Raw("200030", "KIT-MOT", "Motor kit", PIECE, 4400, "S5003", BREMEN),
    Raw("200040", "KIT-SEA", "Seal kit", PIECE, 800, "S5004", BREMEN),
    Raw("200050", "PA66-GF", "PA66 granulate", KILOGRAM, 450, "S5005", JOLIET),
    Raw("200060", "EPDM", "EPDM polymer", KILOGRAM, 118, "S5006", JOLIET),
    Raw("200070", "CB-550", "Carbon black", KILOGRAM, 92, "S5006", JOLIET),
)
RAW = MappingProxyType({r.code: r for r in RAWS})

BILLS: Mapping[str, tuple[tuple[str, int], ...]] = MappingProxyType(
    {
        HOUSINGS.code: (("200010", 1000),),
        ROTORS.code: (("200020", 450_000),),
        PUMPS.code: (("200030", 1000), ("200040", 1000)),
        IMPELLERS.code: (("200050", 200_000),),
        COMPOUNDS.code: (("200060", 800), ("200070", 250)),
    }
)
"""Bill of material of every item of a line: raw item, and its quantity for 1,000 of ours."""


@dataclass(frozen=True)
class Item:
    """A finished item."""

    code: str
    mes_code: str
    name: str
    line: Line
    cost: int
    conversion: int
    """Part of `cost` that is labour and overhead."""
    price: int
    box: int
    """Base units in the unit that it is sold in; 1 = sold in the base unit."""
    launched: str

    @property
    def base(self) -> int:
        """MES units in one base unit."""
        return self.line.base

    @property
    def base_uom(self) -> str:
        """Unit of the ERP."""
        return self.line.base_uom

    @property
    def sales_uom(self) -> str:
        """Unit that it is sold in."""
        return "BX" if self.box > 1 else self.base_uom

    @property
    def site(self) -> Site:
        """The site that makes and ships it."""
        return self.line.site


_CONVERSION_CENTS_PER_HOUR = 20_500
_MARGIN = 1.42
_FAMILY: Mapping[str, tuple[str, str, int, tuple[int, ...]]] = MappingProxyType(
    {
        HOUSINGS.code: ("HSG", "Pump housing", 1, (50, 65, 80, 100)),
        ROTORS.code: ("ROT", "Rotor", 50, (20, 25, 32, 40)),
        PUMPS.code: ("PMP", "Coolant pump", 1, (110, 150, 220, 300)),
        IMPELLERS.code: ("IMP", "Impeller", 200, (60, 75, 90, 120)),
        COMPOUNDS.code: ("CMP", "Seal compound", 1, (40, 55, 70, 85)),
    }
)


def _items() -> tuple[Item, ...]:
    items = []
    for number, line in enumerate(LINES, 1):
        short, name, box, sizes = _FAMILY[line.code]
        material = sum(
            RAW[raw].cost * quantity * line.base // RAW[raw].base
            for raw, quantity in BILLS[line.code]
        )
        conversion = round(sum(line.te) * _CONVERSION_CENTS_PER_HOUR / 3600)
        for position, size in enumerate(sizes):
            cost = material // 1000 + conversion
            items.append(
                Item(
                    code=f"1000{number}{position}",
                    mes_code=f"{short}-{size:03}",
                    name=f"{name} {size}",
                    line=line,
                    cost=cost,
                    conversion=conversion,
                    price=round(cost * (_MARGIN + 0.04 * (position - 1.5))),
                    box=box,
                    launched=("2012-03-01", "2018-09-01", "2022-02-01", "2025-05-01")[position],
                )
            )
    return tuple(items)


ITEMS = _items()
ITEM = MappingProxyType({i.code: i for i in ITEMS})
GOODS: tuple[Item | Raw, ...] = (*ITEMS, *RAWS)


def daily_demand(line: Line) -> float:
    """Quantity (MES units) of one item of a line that customers take per weekday."""
    hours = sum(hours for _, _, hours in line.plan.shifts) - len(line.plan.shifts) / 2  # breaks
    parallel = len(line.machines) if len(line.te) == 1 else 1
    seconds = hours * 3600 * len(line.plan.weekdays) / 5 * parallel * line.load
    items = sum(item.line is line for item in ITEMS)
    return seconds / max(line.te) * line.base / items


PROTOTYPE = Item(
    code="ROT-X99",
    mes_code="ROT-X99",
    name="Trial rotor",
    line=ROTORS,
    cost=0,
    conversion=0,
    price=0,
    box=1,
    launched="",
)
"""Item of one trial order that nobody told the ERP about: the one code that nothing maps."""


@dataclass(frozen=True)
class Partner:
    """A customer or supplier."""

    code: str
    name: str
    role: str
    country: str
    since: str
    lines: tuple[str, ...] = ()
    """Lines that a customer buys from."""
    temper: float = 8.4
    """Mean answer of a customer to "would you recommend us" (0 to 10)."""


_L1, _L2, _L3, _L4, _L5 = (line.code for line in LINES)
CUSTOMERS = (
    Partner("C3001", "Hansa Kältetechnik GmbH", "C", "DE", "2009-04-01", (_L1, _L3)),
    Partner("C3002", "Halden Marine AS", "C", "NO", "2014-06-01", (_L2, _L3, _L1), 8.6),
    Partner("C3003", "Atelier Hydraulique SA", "C", "FR", "2011-01-15", (_L1, _L2)),
    Partner("C3004", "Bolt & Weaver Ltd", "C", "GB", "2016-11-01", (_L2, _L3)),
    Partner("C3005", "Nordlicht Agrar AG", "C", "DE", "2019-03-01", (_L3,)),
    Partner("C3006", "Pompe Rossi SpA", "C", "IT", "2013-08-01", (_L1, _L2, _L3)),
    Partner("C3007", "Vltava Motory s.r.o.", "C", "CZ", "2021-02-01", (_L2,)),
    Partner("C3008", "Twente Klimaat BV", "C", "NL", "2017-05-01", (_L3, _L1)),
    Partner("C3009", "Prairie Pump Supply Inc", "C", "US", "2015-09-01", (_L4, _L5)),
    Partner("C3010", "Great Lakes Sealing LLC", "C", "US", "2012-10-01", (_L5,)),
    Partner("C3011", "Cascade Irrigation Co", "C", "US", "2018-04-01", (_L4,)),
    Partner("C3012", "Maple Ridge Industries", "C", "CA", "2020-07-01", (_L4, _L5)),
    Partner("C3013", "Baja Fluid SA de CV", "C", "MX", "2023-01-01", (_L4,)),
    Partner("C3014", "Ohio Gasket Works", "C", "US", "2010-02-01", (_L5,)),
)
SUPPLIERS = (
    Partner("S5001", "Brandt Castings GmbH", "S", "DE", "2008-01-01"),
    Partner("S5002", "Ruhr Alloy AG", "S", "DE", "2010-05-01"),
    Partner("S5003", "Moravia Motors a.s.", "S", "CZ", "2015-03-01"),
    Partner("S5004", "Sealine Oy", "S", "FI", "2017-09-01"),
    Partner("S5005", "Gulf Polymers Inc", "S", "US", "2013-02-01"),
    Partner("S5006", "Lakeshore Chemicals Inc", "S", "US", "2011-11-01"),
)

ACCOUNTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "1000": ("Bank", "CSH"),
        "1200": ("Trade receivables", "REC"),
        "1300": ("Raw material", "INV"),
        "1310": ("Finished goods", "INV"),
        "1350": ("Work in progress", "WIP"),
        "1500": ("Property, plant and equipment", "FIX"),
        "2000": ("Trade payables", "PAY"),
        "2500": ("Bank loan", "LIA"),
        "3000": ("Equity", "EQU"),
        "4000": ("Sales", "REV"),
        "4900": ("Conversion cost absorbed into stock", "OIN"),
        "5000": ("Cost of goods sold", "COG"),
        "5100": ("Material usage variance", "MAT"),
        "5110": ("Purchase price variance", "MAT"),
        "5200": ("Stock adjustments", "MAT"),
        "6000": ("Direct labour", "LAB"),
        "6100": ("Manufacturing overhead", "OVH"),
        "6900": ("Depreciation", "DEP"),
        "7000": ("Selling and administration", "OPX"),
        "8000": ("Interest", "INT"),
        "8100": ("Income tax", "TAX"),
    }
)
"""Chart of accounts: name and the ERP's account group."""

HEAD_OFFICE = "K9000"


def overhead_center(site: Site) -> str:
    """Cost centre of everything in a site that belongs to no line."""
    return f"K{site.werks[0]}010"


REASONS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "BRK": ("Break", 1),
        "PMW": ("Preventive maintenance", 1),
        "MEC": ("Mechanical failure", 2),
        "ELE": ("Electrical failure", 2),
        "TOL": ("Tool change", 5),
        "JAM": ("Jam", 5),
        "MAT": ("Material missing", 5),
        "ADJ": ("Adjustment", 5),
        "UNK": ("Not yet explained", 5),
        "SET": ("Set-up", 3),
        "NOO": ("No order", 5),
        "DIM": ("Out of tolerance", 4),
        "SUR": ("Surface defect", 4),
        "FNC": ("Function test failed", 4),
    }
)
"""Reasons of the MES: text and group (1 planned, 2 failure, 3 changeover, 4 scrap, 5 minor)."""

DEPARTMENTS: Mapping[str, tuple[Site, int]] = MappingProxyType(
    {line.code: (line.site, line.people) for line in LINES}
    | {
        "MAINT-1": (BREMEN, 8),
        "ADMIN-1": (BREMEN, 22),
        "MAINT-2": (JOLIET, 4),
        "ADMIN-2": (JOLIET, 11),
    }
)
"""Department: site and number of people."""


def badge(persnr: str) -> str:
    """Number by which the suggestion scheme knows an employee."""
    return f"B-{int(persnr[1:]) * 7 % 10_007:05}"


def ramp(value: float, first: float, last: float) -> float:
    """0 up to `first`, 1 from `last`, linear between."""
    return min(1.0, max(0.0, (value - first) / (last - first)))


_SUPPLIER_SLIPS = 2.5
"""Months after which Brandt Castings slips."""
_CAMPAIGN = (1.5, 3.5)
"""Months between which impeller moulding trains and collects ideas."""


@dataclass(frozen=True)
class Story:
    """What a manager can discover, `months` after the plant's first day.

    Rotor grinding deteriorates from the fourth month: tools wear, stops grow. Brandt Castings
    slips from the middle of the third. Halden Marine is served badly from the fourth and complains.
    At Joliet, training and suggestions in the second and third month help impeller moulding.
    """

    months: float

    @property
    def wear(self) -> float:
        """How worn rotor grinding is, 0 to 1."""
        return ramp(self.months, 3.0, 5.5)

    @property
    def skill(self) -> float:
        """How much the initiative has helped impeller moulding, 0 to 1."""
        return ramp(self.months, *_CAMPAIGN)

    def stop_rate(self, line: Line) -> float:
        """Factor of how often machines of a line stop."""
        if line is ROTORS:
            return 1 + 2.0 * self.wear
        return 2.5 - 1.7 * self.skill if line is IMPELLERS else 1.0

    def stop_length(self, line: Line) -> float:
        """Factor of how long stops of a line last."""
        return 1 + 0.7 * self.wear if line is ROTORS else 1.0

    def scrap(self, line: Line) -> float:
        """Scrap rate of one step of a line."""
        if line is ROTORS:
            return line.scrap + 0.025 * self.wear
        return line.scrap + 0.035 * (1 - self.skill) if line is IMPELLERS else line.scrap

    def late_supply(self, supplier: str) -> float:
        """Probability that a supplier misses its date."""
        return 0.65 if supplier == "S5001" and self.months > _SUPPLIER_SLIPS else 0.08

    def rejected_supply(self, supplier: str) -> float:
        """Share of a receipt that is refused when some is."""
        return 0.08 if supplier == "S5001" and self.months > _SUPPLIER_SLIPS else 0.02

    def _unhappy(self, customer: str) -> float:
        return ramp(self.months, 3.0, 4.0) if customer == "C3002" else 0.0

    def late_delivery(self, customer: str) -> float:
        """Probability that transport misses the promise."""
        return 0.05 + 0.25 * self._unhappy(customer)

    def complaint(self, customer: str) -> float:
        """Probability that a delivered line brings a complaint."""
        return 0.012 + 0.11 * self._unhappy(customer)

    def score(self, customer: Partner) -> float:
        """Mean answer of a customer to "would you recommend us"."""
        return customer.temper - 3.5 * self._unhappy(customer.code)

    @property
    def _campaign(self) -> bool:
        first, last = _CAMPAIGN
        return first <= self.months < last

    def training(self, department: str) -> float:
        """Factor of the probability of a training day."""
        return 4.0 if department == IMPELLERS.code and self._campaign else 1.0

    def ideas(self, department: str) -> float:
        """Factor of the probability of a suggestion."""
        return 6.0 if department == IMPELLERS.code and self._campaign else 1.0


def rng(*parts: object) -> Random:
    """Random numbers that depend on nothing but the parts named, on any machine."""
    return Random("/".join(map(str, parts)))  # noqa: S311 - simulation, not cryptography
