"""The catalogue as Great Expectations suites on the warehouse, one suite per table.

Everything is pushed down as SQL to DuckDB, so memory stays bounded however many rows there are.
Great Expectations takes seconds to import; only `expectations.run` imports this module, and only
when checks run.

Does not belong here: what is checked (`expectations.catalogue`).
"""

from __future__ import annotations

import math
import re
import warnings
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

with warnings.catch_warnings():
    # It imports sre_constants, which Python deprecates.
    warnings.simplefilter("ignore", DeprecationWarning)
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations import core

from sqlalchemy import text

from expectations import dialect
from expectations.check import AtLeast, FewRows, NotNull, OneOf, Youngest, failing_rows
from expectations.results import MAX_FAILING_KEYS, CheckResult, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from great_expectations.expectations.expectation import Expectation

    from expectations.check import Check

MEMORY_LIMIT = "768MB"
MAX_DETAIL = 300
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0}


class ExpectFewRows(core.UnexpectedRowsExpectation):
    """At most `share` of the rows of `query` are in `unexpected_rows_query`."""

    query: str
    share: float

    metric_dependencies: ClassVar[tuple[str, ...]] = (
        "unexpected_rows_query.row_count",
        "query.row_count",
    )
    success_keys: ClassVar[tuple[str, ...]] = ("unexpected_rows_query", "query", "share")

    def _validate(
        self,
        metrics: Mapping[str, Any],
        runtime_configuration: object = None,  # noqa: ARG002 - the signature of the base class
        execution_engine: object = None,  # noqa: ARG002 - the signature of the base class
    ) -> dict[str, Any]:
        population = metrics["query.row_count"]
        unexpected = metrics["unexpected_rows_query.row_count"]
        return {
            "success": unexpected <= self.share * population,
            "result": {"element_count": population, "unexpected_count": unexpected},
        }


class Warehouse:
    """The warehouse as a data source of Great Expectations; use `open_warehouse`."""

    def __init__(self, path: Path, relations: Mapping[str, str]) -> None:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self._source = context.data_sources.add_sql(
            "warehouse",
            connection_string=f"duckdb+{dialect.NAME}:///{path}"
            f"?access_mode=read_only&memory_limit={MEMORY_LIMIT}",
        )
        self._relations = relations

    def close(self) -> None:
        """Let go of the file."""
        self._source.get_execution_engine().close()
        self._source.get_engine().dispose()

    def validate(
        self, table: str, checks: Sequence[Check], *, checked_at: datetime
    ) -> list[CheckResult]:
        """Results of the checks of one table, in their order."""
        judged = [check for check in checks if check.rule]
        try:
            if self._is_empty(table):
                # A rule about each row is not applicable then; asking costs as much as judging.
                judged = [check for check in judged if isinstance(check.rule, FewRows | Youngest)]
            outcomes = self._outcomes(table, judged) if judged else {}
        except Exception as e:  # noqa: BLE001 - a check that cannot be made is a result, not a crash
            outcomes = {c.id: {"error": f"{type(e).__name__}: {e}"} for c in judged}
        return [_result(check, outcomes.get(check.id, {}), checked_at) for check in checks]

    def _is_empty(self, table: str) -> bool:
        query = self._relations.get(table)
        sql = text(f"select 1 from {f'({query})' if query else table} limit 1")
        return self._source.get_execution_engine().execute_query(sql).first() is None

    def _outcomes(self, table: str, checks: Sequence[Check]) -> dict[str, dict[str, Any]]:
        query = self._relations.get(table)
        asset = (
            self._source.add_query_asset(name=table, query=query)
            if query
            else self._source.add_table_asset(name=table, table_name=table)
        )
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        suite = gx.ExpectationSuite(name=table, expectations=[_expectation(c) for c in checks])
        outcomes: dict[str, dict[str, Any]] = {}
        for validation in batch.validate(suite, result_format=COUNTS_ONLY).results:
            found: dict[str, Any] = validation.to_json_dict()
            error = _raised(found["exception_info"])
            outcomes[found["expectation_config"]["meta"]["check"]] = (
                {"error": error} if error else {"success": found["success"], **found["result"]}
            )
        for check in checks:
            if outcomes[check.id].get("unexpected_count"):
                outcomes[check.id]["keys"] = self._failing_keys(
                    check, f"({query})" if query else table
                )
        return outcomes

    def _failing_keys(self, check: Check, relation: str) -> list[dict[str, str | None]]:
        """Keys of some failing rows: always the same, and never anything else of the rows."""
        rows = failing_rows(check).format(batch=relation)
        sql = text(f"select source_system, source_pk from ({rows}) order by all limit :most")
        engine = self._source.get_execution_engine()
        found = engine.execute_query(sql.bindparams(most=MAX_FAILING_KEYS))
        return [dict(row) for row in found.mappings()]


@contextmanager
def open_warehouse(path: Path, relations: Mapping[str, str]) -> Iterator[Warehouse]:
    """Open the warehouse for reading; `relations` (name to SQL) are seen as further tables."""
    with closing(Warehouse(path, relations)) as warehouse:
        yield warehouse


def _expectation(check: Check) -> Expectation:
    common: dict[str, Any] = {"description": check.description, "meta": {"check": check.id}}
    on_column: dict[str, Any] = {**common, "column": check.column}
    match check.rule:
        case NotNull():
            return core.ExpectColumnValuesToNotBeNull(**on_column)
        case OneOf(values):
            return core.ExpectColumnValuesToBeInSet(**on_column, value_set=list(values))
        case AtLeast(minimum):
            return core.ExpectColumnValuesToBeBetween(**on_column, min_value=minimum)
        case Youngest(hours):
            return core.ExpectColumnMinToBeBetween(**on_column, max_value=hours)
        case FewRows(violations, population, share):
            return ExpectFewRows(
                **common, unexpected_rows_query=violations, query=population, share=share
            )
    raise TypeError(check.rule)


def _raised(info: Mapping[str, Any]) -> str | None:
    """Message of the first exception; Great Expectations gives one, or one per metric."""
    for one in (info, *info.values()):
        if isinstance(one, dict) and one.get("raised_exception"):
            return str(one["exception_message"])
    return None


def _result(check: Check, outcome: Mapping[str, Any], checked_at: datetime) -> CheckResult:
    error = outcome.get("error")
    match check.rule:
        case Youngest(hours):
            unit, threshold, evaluated = "hours", hours, 1
            unexpected = int(not outcome.get("success"))
            observed = outcome.get("observed_value")
        case rule:
            unit, threshold = "share", getattr(rule, "share", 0.0)
            evaluated = outcome.get("element_count", 0) - outcome.get("missing_count", 0)
            unexpected = outcome.get("unexpected_count") or 0  # null where the table is empty
            observed = unexpected / evaluated if evaluated else None
    if error:
        status, evaluated, unexpected = Status.ERROR, 0, 0
    elif check.rule is None or not evaluated:
        status = Status.NOT_APPLICABLE
    else:
        status = Status.PASSED if outcome["success"] else Status.FAILED
    return CheckResult(
        check_id=check.id,
        description=check.description,
        category=check.category,
        table_name=check.table,
        column_name=check.column,
        severity=check.severity,
        status=status,
        observed=observed if observed is not None and math.isfinite(observed) else None,
        threshold=threshold if check.rule else None,
        unit=unit,
        evaluated_count=evaluated,
        unexpected_count=unexpected,
        failing_keys=tuple(outcome.get("keys", ())),
        detail=_without_values(error) if error else "",
        checked_at=checked_at,
    )


def _without_values(message: str) -> str:
    """First line of a database's message; what it quotes may be personal data."""
    return re.sub(r"'[^']*'", "'...'", message.splitlines()[0])[:MAX_DETAIL]
