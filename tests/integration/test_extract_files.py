from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from extraction_rig import make_rig

from models.config import Source
from models.errors import FileFault, SourceError
from sources.readers.files import FilesReader
from sources.spec import load_system

if TYPE_CHECKING:
    from extraction_rig import Rig

NO_TIME = " is no time such as 2026-10-31 14:00:00 (UTC, or with its offset)"
NO_COMMA = "write a point for decimals, and nothing for thousands"
COMMAS = "in place of 4, separated by comma"
NEVER = "never calculated: open and save the file in Excel"
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
    (feed / "mes_shift_pattern.csv").write_text(
        "equipment_code,shift_code,valid_from,weekdays,start_time,end_time\n"
        "L,E,2026-01-01,12345,06:00,14:00:00\n"
        "L,E,2026-01-01,Mon-Fri,06:00,14:00\n"
        "L,L,2026-01-01,12345,6:00,14:00\n"
    )
    rig.run()
    assert len(rig.live("mes_energy")) == 1
    assert len(rig.live("mes_shift_pattern")) == 1
    assert rig.quarantine() == [
        ("mes_energy", "mes_energy.csv line 3: kwh: 'a lot' is no number"),
        ("mes_energy", "mes_energy.csv line 4: equipment_code: empty but required"),
        (
            "mes_energy",
            f"mes_energy.csv line 5: start_ts: '31.10.2026'{NO_TIME}",
        ),
        (
            "mes_energy",
            "mes_energy.csv line 6: kwh: '0.1234567' has more than 6 decimals or 18 digits",
        ),
        ("mes_energy", "meter, start_ts: the key is not unique"),
        ("mes_energy", "meter, start_ts: the key is not unique"),
        (
            "mes_equipment_state",
            (
                "mes_equipment_state.csv line 2: state: 'SLEEP' is none of "
                "RUN, IDLE, STOP, SETUP, PLANNED, OFF, NODATA"
            ),
        ),
        (
            "mes_shift_pattern",
            "mes_shift_pattern.csv line 3: weekdays: 'Mon-Fri' is not written like 12345",
        ),
        (
            "mes_shift_pattern",
            "mes_shift_pattern.csv line 4: start_time: '6:00' is not written like 22:00",
        ),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("mes_energy.csv", b"meter,kw\n", r"mes_energy.csv: column 'kw' .*mean 'kwh'"),
        (
            "mes_energy.csv",
            b"meter,start_ts,kwh\n",
            "required column 'equipment_code' is missing",
        ),
        ("mes_energy.csv", b"", "mes_energy.csv is empty"),
        ("mes_energy.csv", b",,\n", "mes_energy.csv has no header"),
        ("mes_energy.csv", b"meter,kwh,,start_ts\n", "has a column without a name"),
        ("mes_energy.csv", b"kwh,kwh\n", "names the column 'kwh' twice"),
        (
            "mes_energy.csv",
            HEADER.encode() + b"E1,K\xfchler,2026-10-31,1\n",
            r"mes_energy.csv line 2: byte 0xfc \(number 39 of the file\) is not UTF-8.*'ü'",
        ),
        ("mes_energy.csv", HEADER.encode("utf-16"), "mes_energy.csv is in UTF-16"),
        (
            "mes_energy.csv",
            HEADER.encode() + b'E1,M1,2026-10-31,1\nE1,"M1,2026-10-31,1\n',
            "mes_energy.csv line 3: .*quote is never closed",
        ),
        ("mes_energy.parquet", b"no parquet", "mes_energy.parquet is no whole Parquet file"),
        ("mes_energy.parquet", b"PAR1 PAR1", "mes_energy.parquet cannot be read"),
        ("mes_energy.xlsx", b"PK\x03\x04 half", "mes_energy.xlsx is no whole Excel workbook"),
        ("mes_energy.xlsx", b"\xd0\xcf\x11\xe0", "no whole Excel workbook.*has a password"),
        ("mes_energy.xls", b"old", "mes_energy.xls is of a form that is not read"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(feed, name, content, message):
    (feed / "mes_energy.csv").unlink()
    (feed / name).write_bytes(content)
    spec = next(t for t in load_system("files").tables if t.name == "mes_energy")

    def read(duck):
        reader = FilesReader(Source(name="plant", system="files", path=feed), duck)
        return reader.rows(reader.describe(spec), None)

    with duckdb.connect() as duck, pytest.raises(FileFault, match=message):
        read(duck)


def test_such_a_file_stops_its_table_alone(rig, feed):
    good = (feed / "mes_energy.csv").read_text()
    (feed / "mes_energy.csv").write_text("meter,kw\n")
    (feed / "xref_code.csv").write_text("entity,source_code,conformed_code\nuom,STK,pc\n")
    report = rig.run()
    assert [*report.stopped] == ["mes_energy"]
    with pytest.raises(SourceError, match="column 'kw' is not in mes_energy"):
        raise report.failure
    assert len(rig.live("xref_code")) == 1
    # the table was never there, so no batch names it; mended, it lands as if it were new
    assert "mes_energy" not in rig.manifests()[-1].tables
    (feed / "mes_energy.csv").write_text(good)
    assert rig.run().failure is None
    assert len(rig.live("mes_energy")) == 2


def test_a_table_stays_as_it_was_while_its_file_cannot_be_read(rig, feed):
    rig.run()
    good = (feed / "mes_energy.csv").read_text()
    (feed / "mes_energy.csv").write_text(good + 'E1,"M1')
    assert not rig.has_new_data()
    report = rig.run()
    assert "line 4" in report.stopped["mes_energy"].message
    assert len(rig.live("mes_energy")) == 2
    (feed / "mes_energy.csv").write_text(good)
    report = rig.run()
    assert not report.stopped
    assert report.batch_id is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mes_enrgy.csv", "mes_enrgy.csv is named after no .*mean 'mes_energy'"),
        ("energy_of_may.parquet", "is named after no canonical table"),
    ],
)
def test_a_file_named_after_no_table_stops_the_source(rig, feed, name, message):
    rig.run()
    (feed / name).write_text(HEADER)
    with pytest.raises(SourceError, match=message):
        rig.run()
    assert len(rig.manifests()) == 1


def test_what_programs_put_beside_open_files_is_no_data(rig, feed):
    for name in ("~$mes_energy.xlsx", ".~lock.mes_energy.csv#", "mes_energy.csv.part", "notes.md"):
        (feed / name).write_text("")
    assert not rig.run().stopped


def test_a_file_that_grows_meanwhile_is_not_read(rig, feed, monkeypatch):
    path = feed / "mes_energy.csv"

    def grows(_seconds):
        path.write_text(path.read_text() + "E1,M1,2026-10-31 14:00:00,2\n")

    monkeypatch.setattr("sources.readers.files.time.sleep", grows)
    with pytest.raises(SourceError, match=r"mes_energy.csv is being written"):
        rig.run()
    assert rig.manifests() == []


def test_lines_are_those_of_an_editor_and_good_rows_land(rig, feed):
    (feed / "mes_energy.csv").write_text(
        HEADER
        + "\n"
        + 'E1,"M\n1",2026-10-31 12:00:00,1\n'  # lines 3 and 4
        + "E2,M1,2026-10-31 12:00:00\n"
        + "E3;M1;2026-10-31 12:00:00;1\n"
        + "\n"
        + "E4,M1,2026-10-31 12:00:00,abc\n"
        + "E5,M1,2026-10-31 12:00:00,1\n"
    )
    report = rig.run()
    assert [row[0] for row in rig.live("mes_energy")] == ["E1", "E5"]
    assert [reason for _, reason in rig.quarantine()] == [
        f"mes_energy.csv line 5: has 3 fields {COMMAS}",
        f"mes_energy.csv line 6: has 1 fields {COMMAS}; it looks separated by semicolon",
        "mes_energy.csv line 8: kwh: 'abc' is no number",
    ]
    entry = report.tables["mes_energy"]
    assert (entry.source_rows, entry.rows, entry.quarantined) == (5, 2, 3)


def test_semicolons_bring_a_decimal_comma(rig, feed):
    (feed / "mes_energy.csv").write_text(
        "meter;equipment_code;start_ts;kwh\n"
        "E1;M1,5;2026-10-31 12:00:00;1,5\n"
        "E2;M1;2026-10-31 12:00:00;1.5\n"
        "E3;M1;2026-10-31 12:00:00;1.234,5\n"
    )
    rig.run()
    assert [(row[0], row[1], str(row[3])) for row in rig.live("mes_energy")] == [
        ("E1", "M1,5", "1.500000"),
        ("E2", "M1", "1.500000"),
    ]
    assert rig.quarantine() == [
        ("mes_energy", f"mes_energy.csv line 4: kwh: '1.234,5' is no number: {NO_COMMA}")
    ]


def test_where_files_overlap_the_later_name_counts(rig, feed):
    folder = feed / "mes_energy"
    folder.mkdir()
    (feed / "mes_energy.csv").unlink()
    (folder / "2026-10.csv").write_text(
        HEADER + "E1,M1,2026-10-30T12:00:00Z,1\nE1,M1,2026-10-31T12:00:00Z,2\n"
    )
    (folder / "2026-11.csv").write_text(
        HEADER + "E1,M1,2026-10-31 12:00:00,3\nE1,M1,2026-10-30 12:00:00,x\n"
    )
    report = rig.run()
    assert [(row[2].day, str(row[3])) for row in rig.live("mes_energy")] == [(31, "3.000000")]
    assert [reason for _, reason in rig.quarantine()] == [
        "mes_energy/2026-11.csv line 3: kwh: 'x' is no number"
    ]
    assert report.tables["mes_energy"].source_rows == 2
    assert rig.manifests()[-1].snapshot["mes_energy superseded"] == '{"mes_energy/2026-10.csv": 2}'
    # another name for the same content is no change
    (folder / "2026-10.csv").rename(folder / "2026-09.csv")
    assert rig.run().tables["mes_energy"].rows == 0


def workbook(path, **sheets):
    """A workbook of those sheets, each a list of rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_is_read_exactly(rig, feed):
    (feed / "mes_energy.csv").unlink()
    when = datetime(2026, 10, 31, 13, 59, 59, 999999)  # noqa: DTZ001 - naive UTC everywhere
    path = workbook(
        feed / "mes_energy.xlsx",
        Energy=[
            HEADER.strip().split(","),
            [7, 4711, datetime(2026, 10, 31, 12), 0.1 + 0.2],  # noqa: DTZ001 - as above
            [None, None, None, None],
            ["E2", "M2", "2026-10-31T12:00:00Z", "1.5"],
            ["E3", "M3", when, 12345678901],
            ["E4", "M4", 46326, 1],
            ["E5", "#N/A", datetime(2026, 10, 31, 12), 1],  # noqa: DTZ001 - as above
            ["E6", "M6", datetime(2026, 10, 31, 12), "=1+1"],  # noqa: DTZ001 - as above
            ["E7", "M7", datetime(2026, 10, 31, 12), 1, "beyond"],  # noqa: DTZ001 - as above
        ],
        Notes=[["whatever"]],
    )
    book = openpyxl.load_workbook(path)
    book["Energy"]["A2"].number_format = "0000"
    book.save(path)
    rig.run()
    assert [(row[0], row[1], str(row[2]), str(row[3])) for row in rig.live("mes_energy")] == [
        ("0007", "4711", "2026-10-31 12:00:00", "0.300000"),
        ("E2", "M2", "2026-10-31 12:00:00", "1.500000"),
        ("E3", "M3", "2026-10-31 14:00:00", "12345678901.000000"),
    ]
    assert [reason for _, reason in rig.quarantine()] == [
        f"mes_energy.xlsx row 6: start_ts: '46326'{NO_TIME}",
        "mes_energy.xlsx row 7: B7: #N/A is an error of Excel's",
        f"mes_energy.xlsx row 8: D8 is a formula that was {NEVER}",
        "mes_energy.xlsx row 9: has a value beyond the last column",
    ]


def test_a_workbook_may_hold_several_tables(rig, feed):
    (feed / "mes_energy.csv").unlink()
    energy = [HEADER.strip().split(","), ["E1", "M1", "2026-10-31 12:00:00", 2]]
    codes = [["entity", "source_code", "conformed_code"], ["uom", "STK", "pc"], ["x", "y", "z"]]
    workbook(feed / "plant.xlsx", mes_energy=energy, xref_code=codes, remarks=[["nothing"]])
    rig.run()
    assert len(rig.live("mes_energy")) == len(rig.live("xref_code")) == 1
    assert rig.quarantine()[0][1].startswith("plant.xlsx sheet xref_code row 3: entity: 'x' is")
    workbook(feed / "plant.xlsx", mes_enrgy=energy)
    with pytest.raises(SourceError, match=r"sheet 'mes_enrgy' is named after no.*'mes_energy'"):
        rig.run()


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
