from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from extraction_rig import make_rig

from models.errors import SourceError

if TYPE_CHECKING:
    from extraction_rig import Rig

HEADER = "meter,equipment_code,start_ts,kwh\n"


@pytest.fixture
def feed(tmp_path):
    folder = tmp_path / "feed"
    folder.mkdir()
    (folder / "mes_energy.csv").write_text(
        HEADER + "E1,M1,2026-10-31T12:00:00Z,1.5\nE1,M1,2026-10-31 13:00:00,2\n"
    )
    return folder


@pytest.fixture
def rig(feed, tmp_path, monkeypatch) -> Rig:
    return make_rig(monkeypatch, tmp_path, "", system="files", path=feed)


def test_a_csv_lands_with_the_types_of_the_contract(rig):
    report = rig.run()
    assert rig.types("mes_energy") == {
        "meter": "VARCHAR",
        "equipment_code": "VARCHAR",
        "start_ts": "TIMESTAMP",
        "kwh": "DECIMAL(18,6)",
    }
    assert rig.live("mes_energy")[0] == (
        "E1",
        "M1",
        datetime(2026, 10, 31, 12),  # noqa: DTZ001 - naive UTC everywhere
        Decimal("1.500000"),
    )
    assert report.tables["mes_energy"].source_rows == 2
    # every canonical table is there, also the empty ones
    assert rig.types("erp_party")["party_code"] == "VARCHAR"
    assert rig.live("erp_party") == []


def test_silent_run_lands_no_batch_even_if_the_file_was_rewritten(rig, feed):
    rig.run()
    path = feed / "mes_energy.csv"
    path.write_text(path.read_text())
    assert not rig.has_new_data()
    assert rig.run().batch_id is None
    path.write_text(path.read_text().replace("\n", "\r\n"))
    assert not rig.has_new_data()
    assert rig.run().batch_id is None


def test_changed_added_and_removed_rows(rig, feed):
    rig.run()
    (feed / "mes_energy.csv").write_text(
        HEADER + "E1,M1,2026-10-31 12:00:00,1.6\nE2,M2,2026-10-31 12:00:00,7\n"
    )
    assert rig.has_new_data()
    report = rig.run()
    assert (report.tables["mes_energy"].upserts, report.tables["mes_energy"].deletes) == (2, 1)
    assert [(row[0], row[3]) for row in rig.live("mes_energy")] == [
        ("E1", Decimal("1.600000")),
        ("E2", Decimal("7.000000")),
    ]


def test_a_folder_of_parquet_and_csv_is_one_table(rig, feed):
    folder = feed / "mes_energy"
    folder.mkdir()
    (feed / "mes_energy.csv").rename(folder / "2026-10.csv")
    pq.write_table(
        pa.table(
            {
                "kwh": [0.1 + 0.2, 4.0],
                "meter": ["E9", "E9"],
                "equipment_code": ["M9", "M9"],
                "start_ts": pa.array(
                    [1793448000000000, 1793451600000000], pa.timestamp("us", tz="Europe/Berlin")
                ),
            }
        ),
        folder / "2026-11.parquet",
    )
    rig.run()
    assert [(row[0], row[2].hour, str(row[3])) for row in rig.live("mes_energy")] == [
        ("E1", 12, "1.500000"),
        ("E1", 13, "2.000000"),
        ("E9", 12, "0.300000"),
        ("E9", 13, "4.000000"),
    ]


def test_missing_optional_columns_are_empty(rig, feed):
    (feed / "xref_code.csv").write_text(
        "entity,source_code,conformed_code\nuom,STK,pc\nuom,KGM,kg\n"
    )
    report = rig.run()
    assert report.tables["xref_code"].quarantined == 0
    assert rig.live("xref_code") == [
        ("uom", None, "KGM", "kg", None, None),
        ("uom", None, "STK", "pc", None, None),
    ]
    (feed / "xref_code.csv").write_text("entity,source_code,conformed_code\nuom,STK,piece\n")
    report = rig.run()
    assert (report.tables["xref_code"].upserts, report.tables["xref_code"].deletes) == (1, 1)


def test_bad_values_are_put_aside_with_file_row_and_column(rig, feed):
    (feed / "mes_energy.csv").write_text(
        HEADER
        + "E1,M1,2026-10-31 12:00:00,1\n"
        + "E1,M1,2026-10-31 13:00:00,a lot\n"
        + "E1,,2026-10-31 14:00:00,1\n"
        + "E1,M1,31.10.2026,1\n"
        + "E1,M1,2026-10-31 15:00:00,0.1234567\n"
        + "E2,M1,2026-10-31 15:00:00,1\n"
        + "E2,M1,2026-10-31 15:00:00,2\n"
    )
    (feed / "mes_equipment_state.csv").write_text(
        "equipment_code,start_ts,state\nM1,2026-10-31 12:00:00,SLEEP\n"
    )
    rig.run()
    assert len(rig.live("mes_energy")) == 1
    assert rig.quarantine() == [
        ("mes_energy", "mes_energy.csv row 2: kwh: a lot is no exact DECIMAL(18,6)"),
        ("mes_energy", "mes_energy.csv row 3: equipment_code: empty but required"),
        ("mes_energy", "mes_energy.csv row 4: start_ts: 31.10.2026 is no exact TIMESTAMP"),
        ("mes_energy", "mes_energy.csv row 5: kwh: 0.1234567 is no exact DECIMAL(18,6)"),
        ("mes_energy", "meter, start_ts: the key is not unique"),
        ("mes_energy", "meter, start_ts: the key is not unique"),
        (
            "mes_equipment_state",
            (
                "mes_equipment_state.csv row 1: state: SLEEP is none of "
                "RUN, IDLE, STOP, SETUP, PLANNED, OFF, NODATA"
            ),
        ),
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("mes_energy.csv", "meter,kw\n", r"mes_energy.csv: column 'kw' .*mean 'kwh'"),
        ("mes_energy.csv", "meter,start_ts,kwh\n", "required column 'equipment_code' is missing"),
        ("mes_enrgy.csv", HEADER, r"mes_enrgy.csv is named after no .*mean 'mes_energy'"),
        ("mes_energy.csv", HEADER + "E1,M1\n", "mes_energy.csv, line 2: .*Columns: 4 Found: 2"),
        ("mes_energy.csv", "", "mes_energy.csv has no header"),
        ("mes_energy.csv", "kwh,kwh\n", "names a column twice"),
        ("mes_energy.parquet", "no parquet", "mes_energy.parquet cannot be read"),
    ],
)
def test_a_file_that_cannot_be_understood_is_named(rig, feed, name, text, message):
    rig.run()
    (feed / name).write_text(text)
    with pytest.raises(SourceError, match=message):
        rig.run()
    assert len(rig.manifests()) == 1


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_quotes_and_a_byte_order_mark(rig, feed, delimiter):
    rows = ["meter,equipment_code,start_ts,kwh", 'E1,"M ""1"",\nleft",2026-10-31 12:00:00,1.5']
    text = "\r\n".join(rows).replace(",", delimiter)
    (feed / "mes_energy.csv").write_text("\ufeff" + text, encoding="utf-8", newline="")
    rig.run()
    assert rig.live("mes_energy", "equipment_code, kwh") == [
        (f'M "1"{delimiter}\nleft', Decimal("1.500000"))
    ]


def test_a_missing_folder_is_named(tmp_path, monkeypatch):
    rig = make_rig(monkeypatch, tmp_path, "", system="files", path=tmp_path / "none")
    with pytest.raises(SourceError, match="there is no folder"):
        rig.run()
