"""What a run holds against the batch before: is this still the same source, with the same columns?

Belongs here: everything that stops a run, or one table of it, because the source is not what it
was; and which of a table's columns land. Does not belong here: reading, comparing and landing
(`sources.extract`). `--full` accepts what is otherwise refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.errors import ConfigError, SchemaDrift, SourceError
from sources import personal
from sources.landing import SchemaEvent
from sources.readers.base import TEMPORAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from models.config import Source
    from sources.landing import Manifest, TableEntry
    from sources.readers.base import Reader, SourceColumn, SourceTable

MASS_DELETE_SHARE = 0.5
MASS_DELETE_ROWS = 50
"""A run that would delete more than this share, and more than this many rows, stops."""

_ACCEPT = "If that is right, take it over with `scorecard run --full`."


@dataclass(frozen=True, slots=True)
class Agreed:
    """A table with the columns that are to land."""

    table: SourceTable
    discarded: tuple[str, ...] = ()
    """New columns that stay in the source."""
    events: tuple[SchemaEvent, ...] = ()
    """What is different from the batch before, each difference once."""


class Guard:
    """One source against its newest batch; there is nothing to refuse where none has landed."""

    def __init__(self, source: Source, previous: Manifest | None, *, full: bool) -> None:
        self._source = source
        self._previous = previous
        self._full = full

    def refuse_other_source(self, reader: Reader) -> None:
        """A restored or exchanged database has another identity, or an older horizon.

        Raises `SourceError`.
        """
        if self._full or self._previous is None:
            return
        shown = f"Source {self._source.name!r}"
        if self._previous.system != self._source.system:
            raise SourceError(
                f"{shown} is now of system {self._source.system}, after {self._previous.system}.",
                _ACCEPT,
            )
        for name, now in reader.identity().items():
            before = self._previous.identity.get(name, now)
            if before != now:
                raise SourceError(
                    f"{shown} is another one: {name} is {now}, after {before}.", _ACCEPT
                )
        horizon, reached = reader.horizon(), self._previous.snapshot.get("horizon")
        if horizon and reached and int(horizon) < int(reached):
            raise SourceError(
                f"{shown} went backwards: its oldest transaction is {horizon}, after {reached}.",
                _ACCEPT,
            )

    def refuse_backwards(
        self, tables: Iterable[SourceTable], newest_read: Mapping[str, str | None]
    ) -> None:
        """Raise `SourceError` if the newest change of the whole source is older than it was.

        One table's newest row may be deleted; that all went back means a restored backup.
        `newest_read`: greatest cursor value that was read of each table.
        """
        if self._full or self._previous is None:
            return
        landed = self._previous.tables
        followed = [
            t.spec.name
            for t in tables
            if t.spec.cursor and t.types[t.spec.cursor] in TEMPORAL and t.spec.name in landed
        ]
        before = max((landed[name].newest_change or "" for name in followed), default="")
        now = max((newest_read[name] or "" for name in followed), default="")
        if now < before:
            raise SourceError(
                f"Source {self._source.name!r} went backwards: its newest change is "
                f"{now or 'gone'}, after {before} in the last run.",
                _ACCEPT,
            )

    def refuse_other_key(self, hash_key: str | None) -> None:
        """Another key gives other hashes: rows landed before and after would not join.

        Raises `ConfigError`.
        """
        before = self._previous.hash_key if self._previous else None
        if not self._full and before and hash_key and before != hash_key:
            raise ConfigError(
                f"{personal.KEY_VARIABLE} is not the key that personal columns of source "
                f"{self._source.name!r} were hashed with.",
                f"Set the key of before. {_ACCEPT}",
            )

    def agreed(self, table: SourceTable) -> Agreed:
        """The table as it may land by the source's contract.

        Raises `SchemaDrift` if a column is gone or has another type, or is new and the contract
        freezes the table.
        """
        earlier = self._previous.tables.get(table.spec.name) if self._previous else None
        if earlier is None:
            return Agreed(table)
        new = [c for c in table.columns if c.name not in earlier.columns]
        discard = self._source.on_new_column == "discard"
        if not self._full:
            self._refuse_drift(table, earlier, [] if discard else new)
        kept = tuple(c for c in table.columns if not (discard and c in new))
        types = {c.name: c.sql_type for c in kept}
        arrived = [
            SchemaEvent(
                table=table.spec.name,
                column=c.name,
                what="discarded" if discard else "added",
                after=c.sql_type,
            )
            for c in new
            if c.name not in earlier.discarded or not discard
        ]
        changed = [
            SchemaEvent(
                table=table.spec.name,
                column=column,
                what="retyped" if column in types else "removed",
                before=before,
                after=types.get(column),
            )
            for column, before in earlier.columns.items()
            if types.get(column) != before
        ]
        discarded = tuple(c.name for c in new) if discard else ()
        return Agreed(replace(table, columns=kept), discarded, (*arrived, *changed))

    def _refuse_drift(
        self, table: SourceTable, earlier: TableEntry, new: Sequence[SourceColumn]
    ) -> None:
        shown = f"table {table.spec.source_name}"
        for name, before in earlier.columns.items():
            now = table.types.get(name)
            if now != before:
                what = f"is {now}, after {before}" if now else f"({before}) is gone"
                raise SchemaDrift(
                    f"Source {self._source.name!r}: column {name!r} of {shown} {what}.",
                    "If that is right, mend the staging model and run `scorecard run --full`.",
                )
        if new and self._source.on_new_column == "freeze":
            raise SchemaDrift(
                f"Source {self._source.name!r}: {shown} has a new column {new[0].name!r} "
                f"({new[0].sql_type}), and is frozen.",
                _ACCEPT,
            )

    def mass_delete(self, table: SourceTable, deletes: int, live: int) -> SourceError | None:
        """What is wrong with so many deletions; None if they are few enough to be believed.

        `live`: rows of the table that have landed and are not deleted.
        """
        if deletes <= max(MASS_DELETE_ROWS, live * MASS_DELETE_SHARE):
            return None
        name = f"{self._source.name}.{table.spec.name}"
        return SourceError(
            f"Source {self._source.name!r}: {deletes:,} of {live:,} rows of table "
            f"{table.spec.source_name} are gone.",
            f"If that is right, take it over with `scorecard reconcile --approve-deletes {name}`.",
        )
