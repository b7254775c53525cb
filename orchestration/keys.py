"""Names that several modules of the Dagster graph share.

Belongs here: asset keys and groups that do not come from dbt. Does not belong here: anything else.
"""

from __future__ import annotations

import dagster as dg

ARRIVAL = "arrival"
DELIVERY = "delivery"
DATA_TEAM = "team:data"
WAREHOUSE_POOL = "warehouse"
DEFINITIONS = dg.AssetKey("definitions")
PUBLISHED = dg.AssetKey("published")


def landing_key(source: str, table: str) -> dg.AssetKey:
    """Key of a source's landed table."""
    return dg.AssetKey(["landing", source, table])


def batch_key(source: str) -> dg.AssetKey:
    """Key of a source's newest batch: all its tables in one snapshot."""
    return dg.AssetKey(["landing", source])
