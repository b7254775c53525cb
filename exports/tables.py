"""Which tables are published, and as what.

Belongs here: the choice, the plain types, and the five tables that the warehouse does not hold as
they are published: `check_result`, `load`, `reconciliation`, `restatement`, and `dim_kpi` with the
SQL of its contributions and losses. Does not belong here: file formats (`exports.targets`).

Plain types are those that every client of the last years reads: BOOLEAN, BIGINT, DOUBLE, VARCHAR,
DATE, TIMESTAMP (µs, without zone, UTC).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from exports.restatement import RESTATEMENT, restatements
from models.errors import PublishError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

    from models.config import Config

WAREHOUSE = "warehouse"
"""Name under which the warehouse is attached."""
PREFIXES = ("dim_", "fct_")
MARTS = (
    "canonical_coverage",
    "clock",
    "corrective_action",
    "deviation",
    "duplicate_row",
    "forecast",
    "kpi_component",
    "kpi_part",
    "kpi_readiness",
    "kpi_refused",
    "kpi_source",
    "kpi_target",
    "kpi_value",
    "node_closure",
    "objective_score",
    "order_reconciliation",
    "organization_closure",
    "perspective_score",
    "scorecard",
    "segment_member",
    "shared_code",
    "strategy_link",
    "unmapped_code",
)
"""Published wherever the warehouse has them, besides all dimensions and facts."""
CHECK_RESULT, LOAD, DIM_KPI = "check_result", "load", "dim_kpi"
ORDER = ("period_type", "node_id", "kpi_id", "objective_id", "perspective_id", "period_start")
"""Tables of periods are stored in the order in which they are asked: of one kind of period and node
at a time. So a query reads a small part of them."""
RECONCILIATION = "reconciliation"
LOAD_SCHEMA = pa.schema(
    {
        "source": pa.string(),
        "batch_id": pa.string(),
        "table_name": pa.string(),
        "rows": pa.int64(),
        "upserts": pa.int64(),
        "deletes": pa.int64(),
        "quarantined": pa.int64(),
        "source_rows": pa.int64(),
        "control_column": pa.string(),
        "source_control_total": pa.string(),
        "landed_control_total": pa.string(),
        "file_sha256": pa.string(),
        "extracted_at": pa.timestamp("us"),
        "watermark": pa.string(),
    }
)
"""One row per batch and table landed. Control totals are text: exact, whatever their scale."""

RECONCILIATION_SCHEMA = pa.schema(
    {
        "source": pa.string(),
        "table_name": pa.string(),
        "checked_at": pa.timestamp("us"),
        "missing": pa.int64(),
        "stale": pa.int64(),
        "extra": pa.int64(),
        "repaired": pa.int64(),
        "seconds": pa.float64(),
    }
)
"""One row per table and reconciliation: how far the landing was from its source, in rows."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is published."""

    name: str
    columns: tuple[tuple[str, str], ...]
    """Names and plain types."""
    sql: str
    """Selects exactly these columns from the attached warehouse."""

    @property
    def is_fact(self) -> bool:
        """Facts may have millions of rows; everything else is small."""
        return self.name.startswith("fct_")


def quoted(identifier: str) -> str:
    """Return the identifier as SQL writes it."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return the text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def published_tables(
    con: duckdb.DuckDBPyConnection, config: Config, *, version: str, former: Path | None
) -> list[Table]:
    """All tables to publish as `version`, by name; `con` has the warehouse attached as WAREHOUSE.

    `former`: the folder of what is published now, if anything is.

    Registers Arrow tables with `con`, which the tables' SQL reads.
    """
    views = dict(
        con.execute(
            "select view_name, sql from duckdb_views() where database_name = ? and not internal",
            [WAREHOUSE],
        ).fetchall()
    )
    existing = {
        name
        for (name,) in con.execute(
            "select table_name from duckdb_tables() where database_name = ?", [WAREHOUSE]
        ).fetchall()
    } | views.keys()
    kpis = _kpis(con, existing)
    contributions, losses = (
        {
            kpi: _unqualified(con, views[name])
            for kpi in kpis
            if (name := pattern.format(kpi)) in views
        }
        for pattern in ("kpi_{}", "{}_loss")
    )
    wanted = {name for name in existing if name.startswith(PREFIXES)} | (existing & set(MARTS))
    for sql in (*contributions.values(), *losses.values()):
        wanted |= con.get_table_names(sql) & existing
    con.register("contribution", _sql_table("contribution_sql", contributions))
    con.register("loss", _sql_table("loss_sql", losses))
    con.register("load_table", _load(config.landing))
    con.register("reconciliation_table", _reconciliation(config.evidence))
    con.register(
        "restatement_table",
        restatements(con, former, version, warehouse=WAREHOUSE, existing=existing),
    )
    sources = {
        name: f"select * from {WAREHOUSE}.main.{quoted(name)}" for name in wanted - {DIM_KPI}
    }
    sources[CHECK_RESULT] = _check_result(config.evidence)
    sources[LOAD] = "select * from load_table"
    sources[RECONCILIATION] = "select * from reconciliation_table"
    sources[RESTATEMENT] = "select * from restatement_table"
    if DIM_KPI in wanted:
        sources[DIM_KPI] = (
            f"select dim.*, contribution_sql, loss_sql from {WAREHOUSE}.main.{DIM_KPI} as dim "
            "left join contribution using (kpi_id) left join loss using (kpi_id)"
        )
    return [_plain(con, name, sources[name]) for name in sorted(sources)]


def _kpis(con: duckdb.DuckDBPyConnection, existing: set[str]) -> list[str]:
    if DIM_KPI not in existing:
        return []
    rows = con.execute(f"select kpi_id from {WAREHOUSE}.main.{DIM_KPI} order by 1").fetchall()
    return [kpi for (kpi,) in rows]


def _plain(con: duckdb.DuckDBPyConnection, name: str, source: str) -> Table:
    columns = tuple(
        (column, _plain_type(kind))
        for column, kind, *_ in con.execute(f"describe {source}").fetchall()
    )
    casts = ", ".join(f"cast({quoted(c)} as {kind}) as {quoted(c)}" for c, kind in columns)
    order = [column for column in ORDER if column in dict(columns)]
    sorting = f" order by {', '.join(order)}" if ORDER[0] in order else ""
    return Table(name, columns, f"select {casts} from ({source}){sorting}")


def _plain_type(kind: str) -> str:
    if kind in {"BOOLEAN", "DATE"}:
        return kind
    if kind in {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}:
        return "BIGINT"
    if kind in {"FLOAT", "DOUBLE", "HUGEINT", "UBIGINT", "UHUGEINT"} or kind.startswith("DECIMAL"):
        return "DOUBLE"
    return "TIMESTAMP" if kind.startswith("TIMESTAMP") else "VARCHAR"


def _unqualified(con: duckdb.DuckDBPyConnection, view: str) -> str:
    """The query of a view, with database and schema taken off its tables.

    DuckDB itself parses and prints it, so no text inside a string is mistaken for a table.
    """
    body = re.sub(r"^CREATE VIEW .*? AS ", "", view, count=1, flags=re.DOTALL).rstrip().rstrip(";")
    parsed = _one(con, "select json_serialize_sql(?)", body)
    tree = json.loads(parsed)
    if tree["error"]:
        raise PublishError(
            f"DuckDB cannot read back the view {view.split()[2]}: {tree['error_message']}.",
            "Simplify the KPI's SQL.",
        )
    for node in _nodes(tree):
        if node.get("type") == "BASE_TABLE" and node.get("catalog_name") == WAREHOUSE:
            node["catalog_name"] = node["schema_name"] = ""
    return str(_one(con, "select json_deserialize_sql(?::json)", json.dumps(tree)))


def _one(con: duckdb.DuckDBPyConnection, sql: str, parameter: str) -> Any:  # noqa: ANN401 - any SQL value
    row = con.execute(sql, [parameter]).fetchone()
    return row[0] if row else None


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for child in children:
        yield from _nodes(child)


def _sql_table(name: str, queries: dict[str, str]) -> pa.Table:
    return pa.table(
        {
            "kpi_id": pa.array(queries.keys(), pa.string()),
            name: pa.array(queries.values(), pa.string()),
        }
    )


def _check_result(evidence: Path) -> str:
    """Every record of evidence; the record's hash is in its file's name."""
    return (
        "select * exclude (filename), regexp_extract(filename, '([0-9a-f]{64})', 1) as hash "
        f"from read_parquet({literal(str(evidence / '*.parquet'))}, filename = true)"
    )


def _reconciliation(evidence: Path) -> pa.Table:
    """Every result kept, in the order of time."""
    files = sorted((evidence / RECONCILIATION).glob("*.parquet"))
    return pa.concat_tables(
        [
            RECONCILIATION_SCHEMA.empty_table(),
            *(pq.read_table(path, schema=RECONCILIATION_SCHEMA) for path in files),
        ]
    )


def _load(landing: Path) -> pa.Table:
    rows = []
    for path in sorted(landing.glob("*/batch=*/manifest.json")):
        manifest = json.loads(path.read_text("utf-8"))
        for table, facts in manifest["tables"].items():
            facts |= {"source": manifest["source"], "batch_id": manifest["batch_id"]}
            facts |= {"table_name": table, "extracted_at": manifest["extracted_at"]}
            rows.append({name: facts.get(name) for name in LOAD_SCHEMA.names})
    texts = pa.schema(
        [f if pa.types.is_integer(f.type) else f.with_type(pa.string()) for f in LOAD_SCHEMA]
    )
    return pa.Table.from_pylist(rows, schema=texts).cast(LOAD_SCHEMA)
