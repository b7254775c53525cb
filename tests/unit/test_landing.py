from __future__ import annotations

from datetime import datetime

import pytest

from models.errors import BusyError, LandingError
from sources.landing import (
    MANIFEST,
    Manifest,
    SourceLanding,
    TableEntry,
    batch_id_after,
    manifests,
    sha256,
    verify,
)

NOW = datetime(2026, 10, 31, 12)  # noqa: DTZ001 - naive UTC everywhere


def land(landing: SourceLanding, content: bytes = b"rows") -> str:
    newest = landing.newest()
    batch = landing.begin(batch_id_after(NOW, newest.batch_id if newest else None))
    batch.path("orders").write_bytes(content)
    entry = TableEntry(
        query="SELECT 1",
        key=("id",),
        change="full",
        columns={"id": "BIGINT"},
        watermark=None,
        newest_change=None,
        file_sha256=sha256(batch.path("orders")),
    )
    batch.commit(
        Manifest(
            source=landing.source,
            system="vendor",
            batch_id=batch.batch_id,
            extracted_at=NOW,
            code_version="1",
            previous_manifest_sha256=landing.newest_sha256(),
            identity={},
            snapshot={},
            last_seq=1,
            tables={"orders": entry},
        )
    )
    return batch.batch_id


@pytest.fixture
def landing(tmp_path) -> SourceLanding:
    landing = SourceLanding(tmp_path, "plant")
    with landing.locked():
        for content in (b"one", b"two", b"three"):
            land(landing, content)
    return landing


def test_batch_ids_sort_by_time_even_if_the_clock_is_set_back():
    first = batch_id_after(NOW, None)
    assert first == "20261031T120000.000000Z"
    later = batch_id_after(datetime(2026, 10, 31, 11), first)  # noqa: DTZ001 - naive UTC
    assert later == "20261031T120000.000001Z"


def test_manifests_are_chained_oldest_first(landing, tmp_path):
    found = manifests(tmp_path, "plant")
    assert [m.batch_id[-5:] for m in found] == ["0000Z", "0001Z", "0002Z"]
    assert found[0].previous_manifest_sha256 is None
    assert found[2].previous_manifest_sha256 == sha256(landing.folders()[1] / MANIFEST)
    assert verify(tmp_path, "plant") == 3


def test_a_source_without_batches_stands_nowhere(tmp_path):
    landing = SourceLanding(tmp_path, "new")
    assert (landing.newest(), landing.newest_sha256(), manifests(tmp_path, "new")) == (
        None,
        None,
        [],
    )


def test_an_edited_file_is_found(landing, tmp_path):
    (landing.folders()[1] / "orders.parquet").write_bytes(b"twx")
    with pytest.raises(LandingError, match=r"000001Z/orders.parquet is not what was landed"):
        verify(tmp_path, "plant")


def test_an_added_file_is_found(landing, tmp_path):
    (landing.folders()[2] / "orders2.parquet").write_bytes(b"rows")
    with pytest.raises(LandingError, match=r"000002Z/orders2.parquet"):
        verify(tmp_path, "plant")


def test_an_edited_manifest_is_found(landing, tmp_path):
    path = landing.folders()[0] / MANIFEST
    path.write_text(path.read_text().replace('"vendor"', '"other"'))
    with pytest.raises(LandingError, match=r"000001Z does not follow"):
        verify(tmp_path, "plant")


def test_a_missing_batch_is_found(landing, tmp_path):
    landing.folders()[1].rename(tmp_path / "elsewhere")
    with pytest.raises(LandingError, match=r"000002Z does not follow"):
        verify(tmp_path, "plant")


def test_a_damaged_manifest_is_named(landing, tmp_path):
    (landing.folders()[2] / MANIFEST).write_text("{")
    with pytest.raises(LandingError, match=r"plant/batch=.*000002Z cannot be read"):
        manifests(tmp_path, "plant")


def test_a_crashed_run_leaves_nothing_behind(landing):
    unfinished = landing.begin("20261031T130000.000000Z")
    unfinished.path("orders").write_bytes(b"half")
    assert len(landing.folders()) == 3
    with landing.locked():
        assert not unfinished.folder.exists()
    assert len(landing.folders()) == 3


def test_a_second_run_is_refused_while_one_is_at_work(landing, tmp_path):
    with (
        landing.locked(),
        pytest.raises(BusyError, match="plant"),
        SourceLanding(tmp_path, "plant").locked(),
    ):
        pass
    with landing.locked():
        pass
