"""The enterprise's configuration: `scorecard.yml`.

Belongs here: what the file may say, its defaults, and how relative paths and environment
variables are resolved. Does not belong here: connecting to anything.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from models.errors import ConfigError

NAME = re.compile(r"[a-z][a-z0-9_]*")
CONFIG_VARIABLE = "SCORECARD_CONFIG"
HOME_VARIABLE = "SCORECARD_HOME"


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as e:
        msg = f"{value!r} is no IANA time zone such as Europe/Berlin"
        raise ValueError(msg) from e
    return value


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        msg = f"{value!r} must be lower case letters, digits and _, starting with a letter"
        raise ValueError(msg)
    return value


Zone = Annotated[str, AfterValidator(_zone)]
Name = Annotated[str, AfterValidator(_name)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Conventions(_Frozen):
    """Where the dialects of a KPI differ. Each default is what its standard says.

    `docs/conventions.md` says which KPIs each of them changes.
    """

    minor_stops: Literal["availability", "performance"] = "availability"
    """Which OEE factor a short stop lowers: availability, because it is delay time (ADET, ISO
    22400-2), or effectiveness, as a performance loss (Vorne, Nakajima)."""
    minor_stop_below_s: float = Field(default=300, gt=0)
    """A stop shorter than this many seconds is minor; used with `minor_stops: performance`."""
    set_up: Literal["availability", "planned"] = "availability"
    """Whether set-up lowers availability (ISO 22400-2) or is planned downtime, outside of the busy
    time of OEE. NEE forgives set-up either way."""
    planned_downtime: Literal["excluded", "availability"] = "excluded"
    """Whether planned downtime in a shift is outside of planned busy time (ISO 22400-2) or lowers
    availability."""
    failure_intervals: Literal["failures", "failures_plus_one"] = "failures"
    """Divisor of MTBF and MTTF: failures, or one more, because n failures part a period into n + 1
    intervals."""
    effectiveness_shown_max: float | None = Field(default=None, gt=0)
    """Largest effectiveness in % that `scorecard show` prints; what is stored, rolled up and
    exported is never capped."""
    zero_production: Literal["no_data", "zero"] = "no_data"
    """Quality ratio and effectiveness of a machine that was busy and made nothing: no data, because
    0 / 0 is not defined, or zero."""
    payables_basis: Literal["cogs", "material", "purchases"] = "cogs"
    """What days payable outstanding divide by: cost of goods sold, so that they compare with the
    other days of cash-to-cash; material cost as posted (SCOR AM.2.3); or the value of what
    suppliers delivered."""
    scrap_cost: Literal["counted", "posted"] = "counted"
    """Whether scrap enters the cost of poor quality as the shop floor counts it, at standard cost,
    or is among the postings of `erp_quality_cost` already."""
    under_delivery_tolerance: float = Field(default=0, ge=0, lt=1)
    """Share of the ordered quantity that may be missing from a delivery in full."""
    new_product_years: int = Field(default=5, ge=1)
    """How long after its launch a product is new: 5 years (3M), others take 3."""
    customer_lapses_after_days: int = Field(default=365, ge=1)
    """A customer who has bought nothing for this many days is one no longer."""


class Enterprise(_Frozen):
    """The company whose scorecard this is; the root of the organization."""

    code: str
    """`node_id` of the enterprise."""
    name: str
    time_zone: Zone
    """Zone of the enterprise's calendar and of every site that names none."""
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    """ISO 4217; every amount is converted to it."""
    fiscal_year_start_month: int = Field(default=1, ge=1, le=12)
    """A fiscal year is called by the calendar year in which it ends."""
    fiscal_calendar: Literal["months", "4-4-5", "4-5-4", "5-4-4"] = "months"
    """Calendar months, or weeks of the three months of each quarter; a 53rd week is the last of the
    year's last month."""
    fiscal_week_start: Literal[
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
    ] = "monday"
    """First day of a fiscal week; ISO weeks begin on Monday all the same."""
    fiscal_year_end: Literal["last", "nearest"] = "last"
    """A year of weeks ends with the last week that ends in the month before the start month, or
    with the week whose end is nearest to the end of that month."""
    as_of: Literal["extraction", "data"] | datetime = "extraction"
    """Until when the scorecard counts: the time of the newest extraction, the newest event in the
    data (for simulated or historical data), or a fixed instant (UTC where it has no offset)."""
    conventions: Conventions = Conventions()


class Source(_Frozen):
    """One database or folder that data comes from."""

    name: Name
    system: Name
    """Name of the folder of knowledge: `sources/systems/<system>.yml`, or `files`."""
    path: Path | None = None
    """SQLite file or feed folder; relative to scorecard.yml."""
    url_env: str | None = None
    """Environment variable that holds the database's URL; secrets never stand in this file."""
    time_zone: Zone | None = None
    """Zone of the source's local times; the enterprise's if empty."""
    local_times: Mapping[Name, tuple[Name, ...]] = Field(default_factory=dict)
    """Columns with times on the clock of that zone, without an offset, by table of the system. One
    that the clock skips blocks publication, one that it shows twice is a warning."""
    site: str | None = None
    """Code of the site that everything of this source belongs to where the source itself names
    none: its topmost lines and machines hang below it, and documents without a site count there.
    Some source's `mes_equipment` must have that site, for instance a file. Leave it empty where the
    system knows its sites."""
    go_live: date | None = None
    """First day of real data, on the source's calendar; events before it (tests, migrated openings)
    are kept out and listed by rule R10."""
    freshness_hours: float | None = Field(default=None, gt=0)
    """A source whose newest batch is older than this many hours blocks publication."""
    on_new_column: Literal["evolve", "freeze", "discard"] = "evolve"
    """What a column that the vendor adds does: `evolve` lands it, `freeze` stops its table until
    `--full` takes it over, `discard` leaves it in the source. Each is recorded in the manifest."""
    max_rows_per_second: int | None = Field(default=None, gt=0)
    """How fast rows are read at most, over all tables; as fast as can be if empty."""
    max_statement_minutes: int = Field(default=60, gt=0)
    """The server ends what takes longer. Reading the largest table, at its pace, must fit in."""

    def __hash__(self) -> int:
        """By name: sources are keys, and `local_times` alone cannot be hashed."""
        return hash(self.name)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (self.url_env is None):
            msg = f"source {self.name!r} needs either path or url_env"
            raise ValueError(msg)
        return self

    def url(self) -> str:
        """URL of the database from the environment.

        Raises `ConfigError` if the variable is not set.
        """
        value = os.environ.get(self.url_env or "")
        if not value:
            msg = f"Source {self.name!r} needs the environment variable {self.url_env}."
            raise ConfigError(msg, "Set it to the database's URL, for a role that may only read.")
        return value


class Tolerance(_Frozen):
    """How far MES and ERP may differ before a check fails."""

    order_qty_units: float = 1.0
    """Rule R1: absolute difference per order in base units ..."""
    order_qty_share: float = 0.005
    """... or relative to the ERP's quantity, whichever is larger."""
    order_mismatch_share: float = 0.02
    """Share of orders that may exceed the tolerance before publication is blocked."""
    delivery_share: float = Field(default=0.1, ge=0)
    """Rules R15 and R19: how much more, or less, than ordered may be made or shipped."""
    hours_share: float = Field(default=0.05, ge=0)
    """Rule R16: relative difference of an order's hours between machine states and operations."""
    silence_minutes: float = Field(default=60, gt=0)
    """Rule R8: longest time inside a shift in which a machine may report nothing."""
    silence_share: float = Field(default=0.05, ge=0, le=1)
    """Share of the pieces of scheduled time that may be such a silence."""
    stated_minutes: float = Field(default=0.5, ge=0)
    """Rule R9: largest difference of a stored duration from end minus start."""
    clock_skew_minutes: float = Field(default=5, ge=0)
    """Rule R10: how far a source's clock may run ahead of ours."""


class Config(_Frozen):
    """`scorecard.yml` as a whole."""

    enterprise: Enterprise
    sources: tuple[Source, ...] = Field(min_length=1)
    home: Path = Path("var")
    """Where all state is kept; the environment variable SCORECARD_HOME overrides it."""
    keep_versions: int = Field(default=5, ge=1)
    """Published versions kept, the newest included."""
    keep_history_days: int | None = Field(default=None, ge=1)
    """How long superseded row versions stay in the landing; for ever if empty. Every state since
    then can be computed again; of what is older, the state at that moment is kept."""
    extraction_memory_mb: int = Field(default=300, ge=64)
    """Memory of DuckDB while a source is read, whatever the size of its tables; what needs more
    spills to disk. The process as a whole takes about 100 MB more."""
    tolerance: Tolerance = Tolerance()

    @field_validator("sources")
    @classmethod
    def _unique(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        names = [s.name for s in sources]
        for name in names:
            if names.count(name) > 1:
                msg = f"two sources are called {name!r}"
                raise ValueError(msg)
        return sources

    @property
    def systems(self) -> tuple[str, ...]:
        """Systems in use, each once, in the order of the sources."""
        return tuple(dict.fromkeys(s.system for s in self.sources))

    @property
    def landing(self) -> Path:
        """The immutable change log."""
        return self.home / "landing"

    @property
    def definitions(self) -> Path:
        """Strategy, KPIs and enterprise as Parquet tables for the warehouse."""
        return self.home / "definitions"

    @property
    def warehouse(self) -> Path:
        """The working DuckDB file; nobody but the pipeline opens it."""
        return self.home / "warehouse" / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """Folder of published versions; `current` in it points to the newest."""
        return self.home / "published"

    @property
    def evidence(self) -> Path:
        """Results of every check of every run."""
        return self.home / "evidence"


def default_config_path() -> Path:
    """The file named by SCORECARD_CONFIG, else scorecard.yml in the working directory."""
    return Path(os.environ.get(CONFIG_VARIABLE, "scorecard.yml"))


def load_config(path: Path | None = None) -> Config:
    """Read `scorecard.yml`; relative paths in it are relative to the file.

    Raises `ConfigError` naming the file, the field and what is wrong with it.
    """
    path = path or default_config_path()
    try:
        text = path.read_text("utf-8")
    except OSError as e:
        msg = f"{path} cannot be read: {e.strerror}."
        raise ConfigError(
            msg, "Name the file with --config, or run `make demo` for an example."
        ) from e
    try:
        config = Config.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as e:
        msg = f"{path} is not valid YAML: {e}."
        raise ConfigError(msg, "Mend the line named.") from e
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        msg = f"{path}: {where}: {first['msg']}."
        raise ConfigError(msg, "examples/ holds valid files.") from e
    base = path.resolve().parent
    home = os.environ.get(HOME_VARIABLE)
    return config.model_copy(
        update={
            "home": Path(home).resolve() if home else (base / config.home).resolve(),
            "sources": tuple(
                s.model_copy(update={"path": (base / s.path).resolve()}) if s.path else s
                for s in config.sources
            ),
        }
    )
