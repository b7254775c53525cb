"""The simulated plant: deterministic, continuable, balanced, with faults and a story on purpose."""

import csv
import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import pairwise

import pyarrow.parquet as pq
import pytest

from models.contract import canonical_tables
from models.errors import SourceError
from sources.demo import continue_plant, generate
from sources.demo.__main__ import main
from sources.demo.calendar import HOUR, Kind, ShiftPlan, Zone, instant
from sources.demo.company import ROTORS
from sources.demo.journal import Journal
from sources.demo.schema import TABLES

DAYS = 10
HOURS_OF_STATE = """
    24 * (julianday(substr(t_to, 1, 19)) - ofs_to / 1440.0
        - julianday(substr(t_from, 1, 19)) + ofs_from / 1440.0)
"""


def open_plant(folder):
    connection = sqlite3.connect(folder / "simulation.sqlite")
    connection.execute("ATTACH ? AS mes", [str(folder / "mes.sqlite")])
    connection.execute("ATTACH ? AS erp", [str(folder / "erp.sqlite")])
    return closing(connection)


def ask(folder, query, *parameters):
    with open_plant(folder) as connection:
        return connection.execute(query, parameters).fetchall()


def contents(folder):
    """Hash of every vendor table and every file of the feed."""
    hashes = {}
    with open_plant(folder) as connection:
        for name in TABLES:
            digest = hashlib.sha256()
            for row in connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3, 4"):
                digest.update(repr(row).encode())
            hashes[name] = digest.hexdigest()
    for path in sorted((folder / "feed").rglob("*")):
        if path.suffix == ".csv":
            hashes[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif path.suffix == ".parquet":
            hashes[path.name] = repr(pq.read_table(path).to_pylist()[:500])
    return hashes


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    folder = tmp_path_factory.mktemp("short") / "plant"
    generate(folder, days=DAYS)
    return folder


@pytest.fixture(scope="module")
def half_year(tmp_path_factory):
    folder = tmp_path_factory.mktemp("long") / "plant"
    generate(folder)
    return folder


def test_same_seed_same_plant(plant, tmp_path):
    generate(tmp_path / "again", days=DAYS)
    assert contents(tmp_path / "again") == contents(plant)


def test_other_seed_other_plant(plant, tmp_path):
    generate(tmp_path / "other", days=DAYS, seed=43)
    ours, theirs = contents(plant), contents(tmp_path / "other")
    assert ours["mc_log"] != theirs["mc_log"]
    assert ours["GL_LINE"] != theirs["GL_LINE"]


def test_six_days_and_four_equal_ten(plant, tmp_path):
    # The period holds the night in which clocks go back, so four days are 97 hours here.
    folder = tmp_path / "plant"
    generate(folder, days=DAYS - 4, end=date(2026, 10, 27))
    report = continue_plant(folder, minutes=4 * 24 * 60)
    assert report.until.isoformat() == "2026-10-31T23:00:00"
    assert contents(folder) == contents(plant)


def test_continuing_by_odd_minutes_changes_nothing(plant, tmp_path):
    folder = tmp_path / "plant"
    generate(folder, days=DAYS - 2, end=date(2026, 10, 29))
    left = 2 * 24 * 60
    for minutes in (1, 13, 331, 700, 1000):
        continue_plant(folder, minutes=minutes)
        left -= minutes
    continue_plant(folder, minutes=left)
    assert contents(folder) == contents(plant)


def test_continuing_writes_only_what_is_new(tmp_path):
    folder = tmp_path / "plant"
    before = generate(folder, days=2, end=date(2026, 10, 28))
    after = continue_plant(folder, minutes=30)
    assert 0 < after.written < 1000
    assert (after.until - before.until).total_seconds() == 30 * 60
    horizon = before.until.isoformat(sep=" ")
    old = ask(folder, "SELECT count(*) FROM mc_log WHERE upd_utc < ?", horizon)[0][0]
    assert old >= before.rows["mc_log"] - 14  # open states of 14 machines may have been closed
    assert ask(folder, "SELECT count(*) FROM mc_log WHERE upd_utc >= ?", horizon)[0][0] > 0


def test_the_same_request_keeps_the_plant(tmp_path):
    folder = tmp_path / "plant"
    assert generate(folder, days=1).written > 0
    continue_plant(folder, minutes=60)
    kept = contents(folder)
    assert generate(folder, days=1).written == 0
    assert contents(folder) == kept
    assert generate(folder, days=1, seed=1).written > 0
    assert contents(folder) != kept


def test_other_files_in_the_folder_stay(tmp_path):
    folder = tmp_path / "plant"
    folder.mkdir()
    (folder / "landing").mkdir()
    generate(folder, days=1)
    generate(folder, days=1, seed=1)
    assert (folder / "landing").is_dir()


def test_interrupted_making_leaves_the_old_plant(tmp_path):
    folder = tmp_path / "plant"
    generate(folder, days=1)
    kept = contents(folder)

    def interrupt(_day, done, _todo):
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(folder, days=2, progress=interrupt)
    assert contents(folder) == kept


def test_interrupted_continuing_changes_nothing(tmp_path):
    folder = tmp_path / "plant"
    generate(folder, days=1)
    kept = contents(folder)

    def interrupt(_day, done, _todo):
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        continue_plant(folder, minutes=3 * 24 * 60, progress=interrupt)
    assert contents(folder) == kept


def test_no_plant_is_an_error_with_a_hint(tmp_path):
    with pytest.raises(SourceError, match="no simulated plant"):
        continue_plant(tmp_path, minutes=5)
    with pytest.raises(SourceError, match="cannot be simulated"):
        generate(tmp_path / "plant", days=0)


def test_command_line(tmp_path, capsys):
    folder = str(tmp_path / "plant")
    assert main(["--out", folder, "--days", "1"]) == 0
    assert "machine states" in capsys.readouterr().out
    assert main(["--out", folder, "--continue", "--minutes", "5"]) == 0
    assert main(["--out", folder, "--days", "1"]) == 0
    assert "Nothing to do" in capsys.readouterr().out
    assert main(["--out", str(tmp_path / "none"), "--continue"]) == SourceError.exit_code


def test_scale_multiplies_machine_events(tmp_path):
    one = generate(tmp_path / "one", days=2).rows
    five = generate(tmp_path / "five", days=2, scale=5).rows
    assert 3 < five["mc_log"] / one["mc_log"] < 6
    assert 3 < five["qty_tick"] / one["qty_tick"] < 6
    assert five["SO_LINE"] == one["SO_LINE"]


def test_memory_stays_flat():
    """However many rows a day has, few of them are held at a time."""
    held = []

    class Watched:
        def executemany(self, _statement, rows):
            held.append(len(rows))

    journal = Journal(Watched(), [], since=0, until=HOUR, day_end=HOUR)
    for number in range(100_000):
        journal.write("reason", number, f"R{number}", "text", 1)
    outbox = journal.close()
    assert journal.rows == sum(held) == 100_000
    assert max(held) <= 5_000
    assert outbox == []


def test_a_later_day_waits_in_the_outbox():
    journal = Journal(None, [], since=0, until=HOUR, day_end=HOUR)
    journal.write("reason", HOUR, "R", "text", 1)
    assert journal.close() == [(HOUR, "reason", ("R", "text", 1))]
    assert journal.rows == 0


def test_night_shift_of_the_clock_change_has_nine_hours():
    plan = ROTORS.plan
    (night,) = (s for s in plan.of(date(2026, 10, 24)) if s.code == "N")
    assert night.end - night.start == 9 * HOUR
    assert night.work_day == date(2026, 10, 24)


def test_windows_leave_no_gaps():
    plan = ShiftPlan(Zone("America/Chicago"), (("D", 6, 8),), frozenset({0}))
    start = instant(datetime(2026, 10, 18, tzinfo=UTC))
    windows = list(plan.windows(start, start + 14 * 24 * HOUR))
    assert windows[0].start == start
    assert windows[-1].end == start + 14 * 24 * HOUR
    assert all(a.end == b.start for a, b in pairwise(windows))
    assert sum(w.end - w.start for w in windows if w.kind is Kind.WORK) == 2 * 7.5 * HOUR


def test_no_floating_point_in_the_vendors_databases(plant):
    with open_plant(plant) as connection:
        for name, table in TABLES.items():
            for column in table.names:
                kinds = connection.execute(f"SELECT DISTINCT typeof({column}) FROM {name}")
                assert "real" not in {kind for (kind,) in kinds}, f"{name}.{column}"


def test_every_journal_entry_balances(half_year):
    wrong = ask(
        half_year,
        """SELECT docno, sum(CASE dc WHEN 'D' THEN amt_ct ELSE -amt_ct END) AS balance
        FROM gl_line GROUP BY docno HAVING balance <> 0 OR count(*) < 2""",
    )
    assert wrong == []


def test_stock_balances_follow_from_movements(half_year):
    wrong = ask(
        half_year,
        """WITH moved AS (
            SELECT b.itno, b.dt, b.qty,
                (SELECT qty FROM stk_bal AS o WHERE o.itno = b.itno AND o.dt = '2026-05-01')
                + coalesce((SELECT sum(CASE dir WHEN '-' THEN -1 ELSE 1 END * m.qty)
                    FROM stk_move AS m WHERE m.itno = b.itno
                    AND m.post_dt > '2026-05-01' AND m.post_dt <= b.dt), 0) AS expected
            FROM stk_bal AS b WHERE b.dt = '2026-06-30')
        SELECT itno FROM moved WHERE abs(expected - qty) > 0.0005 * abs(qty) + 1""",
    )
    # Movements of the other zone's evening carry another posting date than our midnight.
    assert len(wrong) <= 12
    assert ask(half_year, "SELECT count(*) FROM stk_bal WHERE val_ct < 0") == [(0,)]


def test_sizes_of_the_demo(half_year):
    states = ask(half_year, "SELECT count(*) FROM mc_log")[0][0]
    assert 60_000 < states < 130_000
    assert sum(f.stat().st_size for f in half_year.rglob("*.sqlite")) < 80_000_000
    assert len(ask(half_year, "SELECT 1 FROM resource WHERE res_kind = 1")) == 2
    assert len(ask(half_year, "SELECT 1 FROM resource WHERE res_kind = 3")) >= 4
    assert len(ask(half_year, "SELECT 1 FROM resource WHERE res_kind = 4")) >= 12


# --- the story -------------------------------------------------------------------------------


def share_of_stops(folder, line, month):
    (answer,) = ask(
        folder,
        f"""SELECT sum(CASE WHEN st_code IN (30, 31) THEN {HOURS_OF_STATE} END)
            / sum({HOURS_OF_STATE})
        FROM mc_log AS m JOIN resource AS r USING (res_id)
        WHERE r.res_code LIKE ? AND t_from LIKE ? AND t_to IS NOT NULL
            AND st_code NOT IN (0, 50, 51)""",
        f"{line}%",
        f"{month}%",
    )
    return answer[0]


def test_one_line_deteriorates(half_year):
    assert share_of_stops(half_year, "BRE-L2", "2026-10") > 2 * share_of_stops(
        half_year, "BRE-L2", "2026-06"
    )
    assert share_of_stops(half_year, "BRE-L1", "2026-10") < 1.3 * share_of_stops(
        half_year, "BRE-L1", "2026-06"
    )
    tools = dict(
        ask(
            half_year,
            """SELECT substr(t_from, 1, 7), count(*) FROM mc_log AS m JOIN resource USING (res_id)
            WHERE res_code LIKE 'BRE-L2%' AND rsn_code = 'TOL' GROUP BY 1""",
        )
    )
    assert tools["2026-10"] > 3 * tools["2026-06"]


def test_an_initiative_helps_another_line(half_year):
    assert share_of_stops(half_year, "JOL-L4", "2026-10") < 0.6 * share_of_stops(
        half_year, "JOL-L4", "2026-06"
    )
    hours = dict(
        ask(
            half_year,
            """SELECT substr(train_dt, 1, 7), sum(minutes) / 60
            FROM emp_train JOIN emp USING (persnr) WHERE dept = 'JOL-L4' GROUP BY 1""",
        )
    )
    assert hours["2026-07"] > 2 * hours.get("2026-10", 0)


def test_a_supplier_slips(half_year):
    late = """SELECT avg(rcv_dt > prom_dt) FROM po_line
        WHERE stat = 'C' AND pno {} 'S5001' AND prom_dt >= '2026-08-15'"""
    ours, others = ask(half_year, late.format("=")), ask(half_year, late.format("<>"))
    assert ours[0][0] > 0.4 > 3 * others[0][0]


def test_a_customer_complains(half_year):
    cases = """SELECT count(*) FROM service_case
        WHERE pno {} 'C3002' AND open_ts {} '2026-08-15'"""
    before = ask(half_year, cases.format("=", "<"))[0][0]
    after = ask(half_year, cases.format("=", ">="))[0][0]
    assert after >= 3 * max(1, before)
    others = ask(half_year, cases.format("<>", ">="))[0][0]
    assert after > others / 13 * 3


# --- faults on purpose -----------------------------------------------------------------------


def test_codes_differ_and_exactly_one_is_unmapped(plant):
    with (plant / "feed" / "xref_code.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(canonical_tables()["xref_code"].columns)
    known = {r["source_code"] for r in rows if r["entity"] == "erp_item"}
    used = {code for (code,) in ask(plant, "SELECT DISTINCT item_no FROM wo_head")}
    assert used - known == {"ROT-X99"}
    masters = {code for (code,) in ask(plant, "SELECT itno FROM item")}
    assert {r["conformed_code"] for r in rows if r["entity"] == "erp_item"} == masters
    assert not masters & known
    equipment = {code for (code,) in ask(plant, "SELECT res_code FROM resource")}
    assert {r["conformed_code"] for r in rows if r["entity"] == "mes_equipment"} <= equipment


def test_units_differ(plant):
    assert {u for (u,) in ask(plant, "SELECT DISTINCT uom FROM qty_tick")} == {"ST", "G"}
    assert {u for (u,) in ask(plant, "SELECT DISTINCT buom FROM item")} == {"PCE", "KG"}
    assert ("BX",) in ask(plant, "SELECT DISTINCT uom FROM so_line")
    assert ask(plant, "SELECT num, den FROM item_uom WHERE u_from = 'G'") == [(1, 1000)]


def test_local_time_repeats_an_hour_in_autumn(tmp_path):
    generate(tmp_path / "plant", days=4, scale=20, end=date(2026, 10, 26))
    repeated = ask(
        tmp_path / "plant",
        """SELECT DISTINCT ofs_from FROM mc_log JOIN resource USING (res_id)
        WHERE tz = 'Europe/Berlin' AND t_from LIKE '2026-10-25 02:%'""",
    )
    assert sorted(repeated) == [(60,), (120,)]


def test_duplicates_overlaps_and_gaps(half_year):
    with open_plant(half_year) as connection:
        twice = connection.execute(
            "SELECT count(*) - count(DISTINCT res_id || t_from || ofs_from) FROM mc_log"
        ).fetchone()[0]
        neighbours = """WITH log AS (
            SELECT DISTINCT res_id, t_from, t_to, ofs_from, ofs_to,
                lead(t_from) OVER w AS following FROM mc_log
            WHERE ofs_from = 120 WINDOW w AS (PARTITION BY res_id ORDER BY t_from))
            SELECT sum(following > t_to), sum(following < t_to AND following <> t_from) FROM log"""
        gaps, overlaps = connection.execute(neighbours).fetchone()
        delivered = connection.execute(
            "SELECT count(*) - count(DISTINCT dlvno || '/' || posnr) FROM dlv_line"
        ).fetchone()[0]
    assert twice > 50
    assert gaps > 20
    assert overlaps > 5
    assert delivered > 2


def test_late_and_corrected_postings(half_year):
    reversed_counts = ask(
        half_year,
        """SELECT count(*), sum(a.q_good + b.q_good) FROM qty_tick AS a
        JOIN qty_tick AS b ON b.storno_of = a.tick_id""",
    )
    assert reversed_counts[0][0] > 50
    assert reversed_counts[0][1] == 0
    late = """SELECT count(*) FROM stk_move
        WHERE julianday(substr(ent_ts, 1, 10)) > julianday(post_dt) + 1"""
    assert ask(half_year, late)[0][0] > 20
    assert ask(half_year, "SELECT count(*) FROM stk_move WHERE rev_of IS NOT NULL")[0][0] > 20
    assert ask(half_year, "SELECT count(*) FROM gl_line WHERE storno IS NOT NULL")[0][0] > 5


def test_mes_and_erp_quantities_agree_but_for_a_few_orders(half_year):
    orders = ask(
        half_year,
        """WITH made AS (
            SELECT h.erp_ref, max(h.uom) AS uom, sum(t.q_good) AS good, min(h.stat) AS stat
            FROM wo_head AS h JOIN wo_op AS o ON o.ord_no = h.ord_no AND o.last_op = 1
            JOIN qty_tick AS t ON t.ord_no = o.ord_no AND t.op_no = o.op_no
            WHERE h.erp_ref IS NOT NULL GROUP BY 1),
        received AS (
            SELECT ref, sum(CASE dir WHEN '-' THEN -1 ELSE 1 END * qty) AS qty
            FROM stk_move WHERE mvt IN ('101', '102') GROUP BY 1)
        SELECT CASE made.uom WHEN 'G' THEN good / 1000.0 ELSE good END, received.qty
        FROM made JOIN mfg_order AS m ON m.mono = made.erp_ref AND m.stat = 'DLV'
        JOIN received ON received.ref = made.erp_ref WHERE made.stat = 30""",
    )
    beyond = [1 for made, got in orders if abs(made - got) > max(1.0, 0.005 * got)]
    unequal = [1 for made, got in orders if abs(made - got) > 1e-6]
    assert len(orders) > 1000
    assert 0 < len(beyond) / len(orders) < 0.02
    assert len(unequal) > len(beyond)


def test_feed_has_the_shape_of_the_contract(plant):
    for name in ("erp_survey_response", "hr_suggestion", "ehs_incident"):
        with (plant / "feed" / f"{name}.csv").open(encoding="utf-8") as file:
            assert next(csv.reader(file)) == list(canonical_tables()[name].columns)
    (month,) = (plant / "feed" / "mes_energy").glob("*.parquet")
    table = pq.read_table(month)
    assert table.schema.names == list(canonical_tables()["mes_energy"].columns)
    # 14 machines; autumn adds an hour, and the last one is metered when it is over.
    assert table.num_rows == 14 * (DAYS * 24 + 1 - 1)
