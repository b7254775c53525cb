"""A source, its landing and an oracle: after a run, what has landed equals what the source holds.

Does not belong here: anything that starts a server (`servers`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq

from models.config import Config, Enterprise, Source
from sources import spec
from sources.changes import rows_aside
from sources.extract import extract, has_new_data, manifests
from sources.landing import SourceLanding, verify
from sources.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from sources.extract import ExtractReport
    from sources.landing import Manifest


@dataclass(frozen=True)
class Rig:
    """One source under test."""

    source: Source
    config: Config

    def run(self, *, full: bool = False) -> ExtractReport:
        """Extract, and check that the chain of manifests holds."""
        report = extract(self.source, self.config, full=full)
        assert verify(self.config.landing, self.source.name) == len(self.manifests())
        return report

    def manifests(self) -> list[Manifest]:
        return manifests(self.config.landing, self.source.name)

    def has_new_data(self) -> bool:
        return has_new_data(self.source, self.config)

    def folder(self) -> Path:
        return self.config.landing / self.source.name

    def files(self, table: str) -> str:
        return str(self.folder() / "batch=*" / f"{table}.parquet")

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect() as duck:
            return duck.execute(sql).fetchall()

    def live(self, table: str, columns: str = "* EXCLUDE (_op, _seq, _extracted_at, _n)"):
        """Landed current state of a table, sorted."""
        key = ", ".join(f'"{k}"' for k in self.manifests()[-1].tables[table].key)
        return self.query(
            f"SELECT {columns} FROM (SELECT *, row_number() OVER (PARTITION BY {key} "
            f"ORDER BY _seq DESC) AS _n FROM read_parquet('{self.files(table)}', "
            f"union_by_name = true, hive_partitioning = false)) "
            "WHERE _n = 1 AND _op = 'upsert' ORDER BY ALL"
        )

    def quarantine(self) -> list[tuple]:
        """(table, reason) of every row put aside, sorted."""
        return self.query(
            f"SELECT source_table, reason FROM read_parquet('{self.files('_quarantine')}') "
            "ORDER BY ALL"
        )

    def aside(self) -> list[tuple]:
        """(table, key, reason, row, batch) of every row that is put aside now."""
        relation = rows_aside(SourceLanding(self.config.landing, self.source.name))
        return self.query(f"FROM ({relation}) ORDER BY ALL") if relation else []

    def text(self) -> str:
        """All that has landed, decoded: values of every file, and the manifests."""
        parts = [
            str(pq.read_table(path, partitioning=None).to_pylist())
            for path in self.folder().rglob("*.parquet")
        ]
        return "\n".join(parts + [p.read_text("utf-8") for p in self.folder().rglob("*.json")])

    def types(self, table: str) -> dict[str, str]:
        rows = self.query(
            f"DESCRIBE FROM read_parquet('{self.files(table)}', hive_partitioning = false)"
        )
        return {name: kind for name, kind, *_ in rows if not name.startswith("_")}


def amid_the_first_rows(rig: Rig, monkeypatch: pytest.MonkeyPatch, act: Callable) -> Rig:
    """The rig, but the next run stops at the first rows that it is given, and something happens."""
    take, acted = Pace.take, []

    def take_and_act(self, rows):
        if not acted:
            acted.append(act())
        take(self, rows)

    monkeypatch.setattr(Pace, "take", take_and_act)
    return replace(rig, source=rig.source.model_copy(update={"max_rows_per_second": 10**9}))


def make_rig(monkeypatch: pytest.MonkeyPatch, folder: Path, yaml: str, **source) -> Rig:
    """A rig with a system of its own; `source` says where the source is."""
    systems = folder / "systems"
    systems.mkdir(exist_ok=True)
    (systems / "vendor.yml").write_text(yaml, encoding="utf-8")
    monkeypatch.setattr(spec, "SYSTEMS_DIR", systems)
    spec.load_system.cache_clear()
    known = Source(**{"name": "plant", "system": "vendor", **source})
    enterprise = Enterprise(code="E", name="E", time_zone="Europe/Berlin", currency="EUR")
    return Rig(known, Config(enterprise=enterprise, sources=(known,), home=folder / "home"))
