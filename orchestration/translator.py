"""How dbt's models look in Dagster: key, group, owner, description, and what they are made from.

Belongs here: the one translator. Does not belong here: running dbt (`orchestration.assets`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

from models.contract import canonical_tables
from models.strategy import strategy
from orchestration.keys import ARRIVAL, DATA_TEAM, DEFINITIONS, landing_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dagster_dbt import DbtProject

    from models.config import Config

BASE_MODEL = re.compile(r"base_(?P<system>.+?)__(?P<table>.+)")

STAGING_MODEL = re.compile(r"stg_(?P<system>.+?)__(?P<table>.+)")


def model_key(props: Mapping[str, Any]) -> dg.AssetKey:
    """Asset key of a dbt model: its layer, then its name; `marts` are `kpi` and `scorecard`."""
    return dg.AssetKey([_layer(props), props["name"]])


def _layer(props: Mapping[str, Any]) -> str:
    layer, *folders = props["fqn"][1:-1]
    return str(folders[0] if layer == "marts" and folders else layer)


def _team(name: str) -> str:
    return "team:" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


class Translator(DagsterDbtTranslator):
    """Keys and groups follow the folders of `dbt_project/models`."""

    def __init__(self, config: Config, tables: Mapping[str, frozenset[str]]) -> None:
        """`tables`: names of each source's landed tables."""
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))
        self._config = config
        self._tables = tables
        self._kpi_owner = {f"kpi_{kpi.id}": _team(kpi.owner) for kpi in strategy().kpis}

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Layer and name of a model; a dbt source is a table of the definitions or a landed one."""
        if dbt_resource_props["resource_type"] != "source":
            return model_key(dbt_resource_props)
        if dbt_resource_props["source_name"] == DEFINITIONS.path[0]:
            return DEFINITIONS
        return landing_key(dbt_resource_props["source_name"], dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """A base model belongs to arrival, a fact to its perspective, the rest to its layer."""
        if dbt_resource_props["resource_type"] == "source":
            return ARRIVAL
        layer = _layer(dbt_resource_props)
        if layer == "star":
            return str(dbt_resource_props["fqn"][2])
        return ARRIVAL if layer == "base" else layer

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """A KPI belongs to its owner of the strategy, everything else to the data team."""
        return [self._kpi_owner.get(dbt_resource_props["name"], DATA_TEAM)]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's own; base and staging models say what they stand for."""
        name = dbt_resource_props["name"]
        if base := BASE_MODEL.fullmatch(name):
            return f"Current state of {base['table']} in {base['system']}: each row as it is now."
        if staging := STAGING_MODEL.fullmatch(name):
            meaning = canonical_tables()[staging["table"]].description
            return f"From {staging['system']}: {meaning}"
        return str(dbt_resource_props["description"])

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """A base model is made from the landed tables of every source of its system.

        To dbt the system is the source; in the graph it is each configured source of that system.
        """
        spec = super().get_asset_spec(manifest, unique_id, project)
        props = self.get_resource_props(manifest, unique_id)
        base = BASE_MODEL.fullmatch(props["name"])
        if props["resource_type"] != "model" or not base:
            return spec
        landed = [
            dg.AssetDep(landing_key(source.name, base["table"]))
            for source in self._config.sources
            if source.system == base["system"] and base["table"] in self._tables[source.name]
        ]
        return spec.replace_attributes(deps=landed)


def model_keys(manifest: Mapping[str, Any]) -> dict[str, dg.AssetKey]:
    """Asset keys of all enabled models by name."""
    return {
        node["name"]: model_key(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
