"""The strategy: vision, perspectives, objectives, their causes and effects, and the KPIs.

`models/scorecard/strategy.yml` holds the map, `models/scorecard/kpis/<perspective>/<kpi>.yml` one
KPI each. Terms follow Kaplan and Norton.

Does not belong here: how a KPI is computed; its SQL is `dbt_project/models/marts/kpi/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.contract import canonical_tables
from models.errors import ConfigError

SCORECARD_DIR = Path(__file__).parent / "scorecard"

Perspective = Literal["financial", "customer", "internal_process", "learning_growth"]
NodeLevel = Literal["enterprise", "site", "area", "line", "machine"]
NODE_LEVELS: tuple[NodeLevel, ...] = ("enterprise", "site", "area", "line", "machine")
Segment = Literal["company", "business_unit", "customer_group", "item_group", "supplier"]
SEGMENT_CONTEXT: dict[Segment, tuple[str, ...]] = {
    "company": ("node_id", "source_system"),
    "business_unit": ("cost_center_code", "node_id"),
    "customer_group": ("customer_code",),
    "item_group": ("item_code",),
    "supplier": ("supplier_code",),
}
"""Columns of a contribution row that say which member of a segment it belongs to, best first."""
WITH_BOOKS: tuple[Segment, ...] = ("company", "business_unit")
"""Segments whose groups trade with each other: nothing is eliminated in their figures."""
Rollup = Literal["additive", "ratio", "stock", "derived", "product", "set", "none"]
Statistic = Literal["median", "percentile", "cp", "cpk", "cm", "cmk"]
SUMMED: tuple[Rollup, ...] = ("additive", "ratio", "stock")
"""Roll-up classes whose values are computed from sums of days."""
OF_MEMBERS: tuple[Rollup, ...] = ("product", "set", "none")
"""Roll-up classes whose values are computed from members at each node and period, never summed."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(_Frozen):
    """A target from a day on, for one node or for all.

    Score (0 to 10): the red flag scores 10/3, the target 20/3, linear between and beyond. For a
    KPI with direction `band` the target is the middle and scores 10, and `red_flag` is the distance
    from it that scores 10/3, so up to half of that distance is green.
    """

    valid_from: date
    target: float
    red_flag: float
    node: str | None = None
    """Node that this target holds for; empty for every node without its own."""


class Weight(_Frozen):
    """Weight of a KPI among those of its objective, from a day on."""

    valid_from: date
    weight: float = Field(gt=0)


class Version(_Frozen):
    """What a KPI's formula says, in words, until the next version of it takes over.

    Its SQL is the block of its number in the KPI's SQL.
    """

    version: int
    valid_from: date | None = None
    """First day that it counts; empty for the oldest version, which counts all days before."""
    formula: str
    numerator: str
    denominator: str
    derived_from: dict[str, float] = Field(default_factory=dict)
    """Of a derived KPI: the KPIs that it was computed from, and their factors."""


class Need(_Frozen):
    """Data without which a KPI has none: live rows of a canonical table, or certain ones of them.

    Written in YAML as `table`, as `table.column` (rows with a value in that column) or as
    `table.column=a|b` (rows with one of these values). A table that the contract does not have,
    and a column or value that its table does not have, is refused.
    """

    table: str
    column: str | None = None
    values: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, data: Any) -> Any:  # noqa: ANN401 - whatever the YAML holds
        if not isinstance(data, str):
            return data
        path, limited, values = data.partition("=")
        table, _, column = path.partition(".")
        return {
            "table": table,
            "column": column or None,
            "values": tuple(values.split("|")) if limited else (),
        }

    @model_validator(mode="after")
    def _exists(self) -> Self:
        table = canonical_tables().get(self.table)
        if table is None:
            msg = f"{self.table!r} is no canonical table"
            raise ValueError(msg)
        if self.column is None:
            if self.values:
                msg = f"{self.table}={'|'.join(self.values)} names values but no column"
                raise ValueError(msg)
            return self
        if self.column not in table.columns:
            msg = f"{self.table} has no column {self.column!r}"
            raise ValueError(msg)
        allowed = table.columns[self.column].values
        for value in self.values:
            if value not in allowed:
                known = f"its values are {', '.join(allowed)}" if allowed else "it lists no values"
                msg = f"{self.table}.{self.column} is never {value!r}: {known}"
                raise ValueError(msg)
        return self

    def __str__(self) -> str:
        """In words, and the same for no two needs: `erp_gl_entry with account_class cogs`."""
        if self.column is None:
            return self.table
        return " ".join([self.table, "with", self.column, " or ".join(self.values)]).rstrip()


class Kpi(_Frozen):
    """One KPI. Its parts (numerator, denominator per node and day) come from its SQL model.

    value = scale * SUM(numerator) / SUM(denominator), rolled up by `rollup`.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    objective: str
    formula: str
    """Formula in words."""
    numerator: str
    """What the numerator is, with unit."""
    denominator: str
    unit: str
    """Unit of the value: %, days, h, kWh, per 1,000 orders ...; `currency` stands for the
    enterprise's."""
    decimals: int = Field(ge=0, le=4)
    """For display only; stored values are not rounded."""
    direction: Literal["higher", "lower", "band"]
    rollup: Rollup
    """How values at higher nodes and longer periods come about.

    additive: sum. ratio: ratio of sums. stock: sum over nodes, average over days. derived: from the
    rolled-up values of the KPIs in `derived_from`. product: product of the ratios of its members,
    such as the operations of a routing. set: members of a set that are in it, each once per node,
    by `set_base`. none: not aggregable, computed from the observations themselves by `statistic`.
    """
    derived_from: dict[str, float] = Field(default_factory=dict)
    """For `derived`: other KPIs, each with the factor of its value: {dio: 1, dpo: -1}."""
    derived_as: Literal["sum", "product"] = "sum"
    """For `derived`: scale * sum, or product, of factor * value over `derived_from`."""
    set_base: Literal["start", "end"] | None = None
    """For `set`: value = scale * members of the base with a numerator on the last day / members of
    the base. The base are the members with a denominator on the day before the period (start: of
    those we had, how many do we still have?) or on its last day (end: how many are covered?)."""
    statistic: Statistic | None = None
    """For `none`: of all observed values (median, percentile), or of each member's (capability
    indices, ISO 22400-2 KPIs 19 to 22), of which the worst member's is the value."""
    percentile: float | None = Field(default=None, gt=0, lt=100)
    """For statistic `percentile`."""
    at_least: float | None = None
    """For capability indices: not the worst, but the share of members that reach this."""
    scale: float = 1.0
    """Factor of the value: 100 for %, 200000 for TRIR, 365 to annualise."""
    counts_intervals: bool = False
    """The denominator counts what parts a period into intervals, such as failures; the enterprise's
    convention may add one to it, at every node and period."""
    undefined_without_production: bool = False
    """0 / 0 where nothing was made; the enterprise's convention may call that zero."""
    of_rated_days: bool = False
    """Counts only machine-days whose output can be measured in planned run time; the busy time that
    it leaves out lowers its completeness."""
    lowest_level: NodeLevel
    """Deepest level at which the KPI is defined."""
    lowest_period: Literal["shift", "day"] = "day"
    """shift: also has values per shift. Only where every fact that it counts knows its shift."""
    segments: tuple[Segment, ...] = ()
    """What else than the organization it is rolled up by."""
    standard: str
    """Standard or source, with clause where it has one."""
    timing: Literal["lead", "lag"]
    role: Literal["core", "diagnostic"] = "core"
    """core: on the scorecard. diagnostic: for finding causes, shown with `scorecard show --all`."""
    needs: tuple[Need, ...] = ()
    """What must have been recorded, or there is no data; of a derived KPI, what its components
    need."""
    columns: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """Canonical columns that the value is computed from, by table: what to feed to reproduce it."""
    owner: str
    gaming: str
    """How it can be gamed and what guards it."""
    plausible_min: float | None = None
    plausible_max: float | None = None
    """A monthly value outside of these bounds raises a warning; it is published all the same."""
    weight: float = Field(default=1.0, gt=0)
    """Weight among the KPIs of its objective."""
    weights: tuple[Weight, ...] = ()
    """Weights that replace it, each from a day on. A period has the weight of its last day."""
    targets: tuple[Target, ...] = ()
    version: int = 1
    """Raised whenever formula or SQL changes the value; `versions.yml` remembers what each was."""
    valid_from: date | None = None
    """First day that this version counts, if `former` ones count the days before; without them it
    counts every day there is."""
    former: tuple[Version, ...] = ()
    """Versions that go on counting the days before, the oldest first. What is no word of the
    formula, such as roll-up, scale, needs and targets, holds for all versions."""
    perspective: Perspective

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        derived, capability = self.rollup == "derived", {"cp", "cpk", "cm", "cmk"}
        contradictions = {
            "derived_from belongs to rollup: derived, and only there": (
                derived != bool(self.derived_from)
            ),
            "derived_as belongs to rollup: derived, and only there": (
                not derived and self.derived_as != "sum"
            ),
            "set_base belongs to rollup: set, and only there": (
                (self.rollup == "set") != (self.set_base is not None)
            ),
            "statistic belongs to rollup: none, and only there": (
                (self.rollup == "none") != (self.statistic is not None)
            ),
            "percentile belongs to statistic: percentile, and only there": (
                (self.statistic == "percentile") != (self.percentile is not None)
            ),
            "at_least belongs to a capability index, and only there": (
                self.at_least is not None and self.statistic not in capability
            ),
            f"a KPI with rollup: {self.rollup} has no values per shift of its own": (
                self.lowest_period == "shift" and self.rollup not in {"additive", "ratio"}
            ),
            "every KPI names its needs but a derived one, which has its parts'": (
                bool(self.needs) == bool(self.derived_from)
            ),
            f"a KPI with rollup: {self.rollup} has no former versions, because its values are no "
            "sums of days; leave them out, and the new version counts every day": (
                bool(self.former) and self.rollup not in {*SUMMED, "derived"}
            ),
            "each of former says what a derived KPI was derived_from, and no other KPI's does": (
                any(bool(version.derived_from) != derived for version in self.former)
            ),
            "valid_from is the first day of each version but the oldest, which stands first under "
            "former and counts all days before": (
                [v.valid_from is None for v in self.versions] != [True] + [False] * len(self.former)
            ),
            "version and valid_from rise from each of former to the next, and to the KPI's own": (
                any(
                    later.version <= earlier.version
                    or (later.valid_from or date.min) <= (earlier.valid_from or date.min)
                    for earlier, later in pairwise(self.versions)
                )
            ),
            "two weights are valid from the same day": (
                len({w.valid_from for w in self.weights}) < len(self.weights)
            ),
            "two targets of the same node are valid from the same day": (
                len({(t.node, t.valid_from) for t in self.targets}) < len(self.targets)
            ),
        }
        for message, is_so in contradictions.items():
            if is_so:
                msg = f"{self.id}: {message}"
                raise ValueError(msg)
        for table, columns in self.columns.items():
            known = canonical_tables()[table].columns if table in canonical_tables() else ()
            if unknown := [name for name in columns if name not in known]:
                msg = f"{self.id}: {table} has no column {', '.join(unknown)}"
                raise ValueError(msg)
        for target in self.targets:
            wrong = {
                "higher": target.target <= target.red_flag,
                "lower": target.target >= target.red_flag,
                "band": target.red_flag <= 0,
            }[self.direction]
            if wrong:
                msg = (
                    f"{self.id}: target {target.target} and red flag {target.red_flag} "
                    f"contradict direction {self.direction!r}"
                )
                raise ValueError(msg)
        return self

    @property
    def versions(self) -> tuple[Version, ...]:
        """Every version of its formula that counts some days, the oldest first."""
        words = {name: getattr(self, name) for name in Version.model_fields}
        return (*self.former, Version(**words))

    @property
    def versions_until(self) -> tuple[tuple[Version, date | None], ...]:
        """Each version with the first day that it no longer counts, which the last one lacks."""
        ends = [version.valid_from for version in self.versions[1:]]
        return tuple(zip(self.versions, [*ends, None], strict=True))

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels of nodes at which it is defined: down to `lowest_level`, and its segments."""
        depth = NODE_LEVELS.index(self.lowest_level)
        return (*NODE_LEVELS[: depth + 1], *self.segments)


class Objective(_Frozen):
    """A strategic objective."""

    id: str
    name: str
    perspective: Perspective
    description: str
    owner: str
    weight: float = Field(default=1.0, gt=0)
    supports: tuple[str, ...] = ()
    """Objectives that this one is a cause of (arrows of the strategy map)."""


class Strategy(_Frozen):
    """The strategy map and its KPIs."""

    vision: str
    mission: str
    objectives: tuple[Objective, ...]
    kpis: tuple[Kpi, ...]

    @model_validator(mode="after")
    def _links(self) -> Self:
        objectives = {o.id: o for o in self.objectives}
        kpis = {k.id: k for k in self.kpis}
        for objective in self.objectives:
            for effect in objective.supports:
                if effect not in objectives:
                    msg = f"objective {objective.id} supports {effect!r}, which does not exist"
                    raise ValueError(msg)
        for kpi in self.kpis:
            if kpi.objective not in objectives:
                msg = f"{kpi.id} serves objective {kpi.objective!r}, which does not exist"
                raise ValueError(msg)
            if objectives[kpi.objective].perspective != kpi.perspective:
                msg = f"{kpi.id} lies in another perspective than its objective {kpi.objective}"
                raise ValueError(msg)
            for part in dict.fromkeys(chain(*(version.derived_from for version in kpi.versions))):
                if part not in kpis:
                    msg = f"{kpi.id} is derived from {part!r}, which does not exist"
                    raise ValueError(msg)
                _check_component(kpi, kpis[part])
        return self

    def needs(self, kpi: Kpi) -> tuple[Need, ...]:
        """What a KPI of this strategy needs, itself and through its components; each once.

        Of a derived KPI with former versions those count that all versions are derived from.
        """
        parts = [
            part
            for part in self.kpis
            if all(part.id in version.derived_from for version in kpi.versions)
        ]
        return tuple(dict.fromkeys(need for each in (kpi, *parts) for need in each.needs))


def _check_component(kpi: Kpi, part: Kpi) -> None:
    if part.rollup == "derived":
        msg = f"{kpi.id} is derived from {part.id!r}, which is derived itself"
        raise ValueError(msg)
    if missing := set(kpi.levels) - set(part.levels):
        msg = f"{kpi.id} is defined at {', '.join(sorted(missing))}, {part.id!r} is not"
        raise ValueError(msg)


def load_strategy(folder: Path = SCORECARD_DIR) -> Strategy:
    """Read strategy and KPIs; `ConfigError` names the file and what is wrong in it."""
    path = folder / "strategy.yml"
    try:
        strategy = yaml.safe_load(path.read_text("utf-8"))
        kpis = []
        for path in sorted(folder.glob("kpis/*/*.yml")):
            definition = yaml.safe_load(path.read_text("utf-8"))
            kpis.append(Kpi(id=path.stem, perspective=path.parent.name, **definition))
        path = folder / "strategy.yml"
        return Strategy(**strategy, kpis=tuple(kpis))
    except (OSError, ValidationError, TypeError, yaml.YAMLError) as e:
        msg = f"{path.name} is not valid: {e}"
        raise ConfigError(msg, f"Mend {path}.") from e


@cache
def strategy() -> Strategy:
    """The strategy shipped in `models/scorecard/`."""
    return load_strategy()
