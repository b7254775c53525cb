"""The log of evidence: whatever is done to it, `verify` names the first broken record."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime

import pyarrow.parquet as pq
import pytest

from expectations import (
    Category,
    CheckReport,
    CheckResult,
    Severity,
    Status,
    evidence_table,
    record,
    verify,
)
from expectations.evidence import SCHEMA
from models.config import Config, Enterprise, Source


def report(run_id: str, checks: int = 2) -> CheckReport:
    return CheckReport(
        run_id,
        tuple(
            CheckResult(
                check_id=f"erp_item__key_unique_{i}",
                description="No two rows share item_code",
                category=Category.KEY,
                table_name="erp_item",
                column_name=None,
                severity=Severity.BLOCKING,
                status=Status.FAILED,
                observed=0.5,
                threshold=0.0,
                unit="share",
                evaluated_count=4,
                unexpected_count=2,
                failing_keys=({"source_system": "erp", "source_pk": "7"},),
                detail="",
                checked_at=datetime.fromisoformat("2026-03-01T12:00:00"),
            )
            for i in range(checks)
        ),
    )


@pytest.fixture
def config(tmp_path):
    return Config(
        enterprise=Enterprise(code="E", name="E", time_zone="Europe/Berlin", currency="EUR"),
        sources=(Source(name="erp", system="files", path=tmp_path),),
        home=tmp_path,
    )


@pytest.fixture
def log(config):
    return [record(report(f"run {i}"), config) for i in range(4)]


def test_a_summary_tells_warnings_from_what_blocks():
    blocking, other = report("run").results
    warning = replace(other, severity=Severity.WARNING, check_id="late")
    passed = replace(other, status=Status.PASSED)
    empty = replace(other, status=Status.NOT_APPLICABLE)
    summary = CheckReport("run", (blocking, warning, passed, empty, passed)).summary
    assert summary == "2 passed, 1 not applicable, 1 blocking, 1 warn (late)"


def test_an_empty_log_is_whole(config):
    assert verify(config).ok
    assert evidence_table(config).num_rows == 0
    assert evidence_table(config).schema == SCHEMA


def test_results_come_back_as_they_were(config, log):
    table = evidence_table(config)
    assert table.schema == SCHEMA
    rows = table.to_pylist()
    assert [row["run_id"] for row in rows] == [f"run {i}" for i in range(4) for _ in range(2)]
    assert json.loads(rows[0]["failing_keys"]) == [{"source_system": "erp", "source_pk": "7"}]
    assert rows[0]["status"] == "failed"
    assert rows[2]["previous_hash"] == rows[0]["hash"]
    assert log[0].name == f"00000001-{rows[0]['hash']}.parquet"
    found = verify(config)
    assert (found.ok, found.records) == (True, 4)


def test_a_run_without_checks_is_on_record(config):
    record(report("empty", checks=0), config)
    record(report("next"), config)
    assert verify(config).records == 2


@pytest.mark.parametrize("position", [0, 1, 3])
@pytest.mark.parametrize("byte", [10, 200, -5])
def test_tamper_evidence_one_changed_byte(config, log, position, byte):
    content = bytearray(log[position].read_bytes())
    content[byte] ^= 1
    log[position].write_bytes(content)
    found = verify(config)
    assert (found.broken, found.records) == (log[position].name, position)
    assert "changed" in found.reason


@pytest.mark.parametrize("position", [0, 1, 2])
def test_tamper_evidence_a_missing_record(config, log, position):
    log[position].unlink()
    assert verify(config).broken == f"record {position + 1}"


def test_tamper_evidence_a_missing_record_whose_gap_was_closed(config, log):
    log[1].unlink()
    for path, number in ((log[2], 2), (log[3], 3)):
        path.rename(path.with_name(f"{number:08d}{path.name[8:]}"))
    found = verify(config)
    assert found.broken == f"00000002{log[2].name[8:]}"
    assert "does not follow" in found.reason


def test_tamper_evidence_a_forged_record_with_a_fitting_name(config, log):
    """Changed results, chained to the record before, and named by their own hash."""
    table = pq.read_table(log[1])
    forged = table.set_column(
        table.schema.get_field_index("status"), table.schema.field("status"), [["passed"] * 2]
    )
    log[1].unlink()
    aside = log[1].with_name("forged")
    pq.write_table(forged, aside)
    aside.rename(aside.with_name(f"00000002-{_sha256(aside)}.parquet"))
    found = verify(config)
    assert found.broken == log[2].name
    assert "does not follow" in found.reason


def test_tamper_evidence_a_record_that_was_put_in_between(config, log):
    log[1].with_name(f"00000002-{'f' * 64}.parquet").write_bytes(log[0].read_bytes())
    assert not verify(config).ok


def test_tamper_evidence_a_removed_end_is_noticed_by_what_was_published(config, log):
    version = config.published / "20260301T120000.000000Z"
    version.mkdir(parents=True)
    (version / "manifest.json").write_text(json.dumps({"evidence_head": log[3].name}), "utf-8")
    assert verify(config).ok
    log[3].unlink()
    assert verify(config).broken == log[3].name


def test_a_crash_while_writing_leaves_no_record(config, log):
    (config.evidence / f"00000005-{'a' * 64}.tmp").write_bytes(b"half a record")
    assert verify(config).records == len(log)
    path = record(report("after the crash"), config)
    assert path.name.startswith("00000005")
    assert verify(config).ok


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
