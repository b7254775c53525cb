"""A plant of which each site is one example of the shop floor, worked out by hand.

Machines overlap their states, change the clocks, correct their counts and fail at the end of a
month; what must come of it stands beside the rows. The fiscal year begins in April.
"""

from example_plant import (
    APR,
    FEB,
    MAR,
    MONDAY,
    MONDAY_ONLY,
    QUARTER,
    YEAR,
    day,
    share,
    since,
)


def effectiveness(plant):
    """Two machines of other cycle times and loads on two days; a line that is busy for nothing."""
    plant.item("SLOW", pri_s=120)
    plant.item("FAST")
    plant.site("OE", lines=2, machines=2)
    first, second = "OE-L1M1", "OE-L1M2"
    plant.states(first, MONDAY, ("SETUP", "06:00", "06:40"), ("RUN", "06:40", "13:00"))
    plant.states(first, MONDAY, ("STOP", "13:00", "14:00"))
    plant.count(first, f"{MONDAY} 12:00", 150, 140, item_code="SLOW")  # 300 min, good 280
    plant.states(second, MONDAY, ("RUN", "06:00", "07:00"), ("IDLE", "07:00", "08:00"))
    plant.count(second, f"{MONDAY} 06:30", 400, 300, item_code="FAST", pri_s=9)  # 60, 45
    plant.states(second, "2026-03-31", ("RUN", "06:00", "08:00"))
    plant.count(second, "2026-03-31 07:00", 1000, 1000, item_code="FAST", pri_s=9)  # 150 of 120
    plant.states("OE-L2M1", MONDAY, ("STOP", "06:00", "10:00"))
    for node, period, good, made, run, set_up, busy in (
        (first, MONDAY_ONLY, 280, 300, 380, 40, 480),
        (second, MONDAY_ONLY, 45, 60, 60, 0, 120),
        ("OE-L1", MONDAY_ONLY, 325, 360, 440, 40, 600),
        ("OE", MONDAY_ONLY, 325, 360, 440, 40, 840),
        (second, day("2026-03-31"), 150, 150, 120, 0, 120),
        (second, MAR, 195, 210, 180, 0, 240),
        ("OE-L1", MAR, 475, 510, 560, 40, 720),
        ("OE", MAR, 475, 510, 560, 40, 960),
        ("OE", QUARTER, 475, 510, 560, 40, 960),
        ("OE", YEAR, 475, 510, 560, 40, 960),
    ):
        plant.expect(
            *(node, period),
            oee=share(good, busy),
            availability=share(run, busy),
            effectiveness=share(made, run),
            oee_quality=share(good, made),
            nee=share(run + set_up, busy) * good / run,
            setup_ratio=share(set_up, run + set_up),
        )
    plant.expect("OE-L1", MAR, quality_ratio=share(1440, 1550), cycle_time=560 * 60 / 1550)
    plant.expect("OE-L1", MAR, teep=share(475, 60 * 1440))  # two machines on two days
    nothing = dict.fromkeys(("effectiveness", "quality_ratio", "setup_ratio", "cycle_time"))
    plant.expect("OE-L2", MONDAY_ONLY, oee=0, **nothing)
    plant.expect("OE-L1", ("week", "2026-03-30"), oee=125)
    plant.expect("OE-L1", APR, oee=None)


def unrated(plant):
    """A part without planned run time takes its machine's day out of OEE, not out of the rest."""
    plant.site("UR", lines=1, machines=2)
    plant.item("UNRATED")
    for machine in ("UR-L1M1", "UR-L1M2"):
        plant.states(machine, "2026-03-03", ("RUN", "06:00", "08:00"))
        plant.count(machine, "2026-03-03 07:00", 60, 60, pri_s=60)
    plant.count("UR-L1M2", "2026-03-03 07:00", 60, 0, item_code="UNRATED")
    plant.expect("UR-L1", MAR, oee=50, availability=100, oee_coverage=50)
    plant.expect("UR-L1", MAR, quality_ratio=share(120, 180))
    plant.expect("UR-L1M2", MAR, oee=None)


def states(plant):
    """States that overlap, that leave gaps, that last; longer than a day."""
    plant.site("OV", lines=1, machines=3)
    overlapping, gap, lasting = (f"OV-L1M{number}" for number in (1, 2, 3))
    # 240 min: run 06:00-07:50 and 08:30-10:00, set-up 10 min, stop 30 min.
    plant.states(overlapping, MONDAY, ("RUN", "06:00", "10:00"), ("SETUP", "07:50", "08:10"))
    plant.states(overlapping, MONDAY, ("STOP", "08:00", "08:30"), ("STOP", "08:05", "08:20"))
    plant.expect(overlapping, MONDAY_ONLY, availability=share(200, 240))
    plant.expect(overlapping, MONDAY_ONLY, setup_ratio=share(10, 210))
    plant.expect(overlapping, MONDAY_ONLY, technical_efficiency=share(200, 230))
    plant.expect(overlapping, MONDAY_ONLY, utilization_efficiency=share(200, 240))
    plant.shift(gap, f"{MONDAY} 06:00", f"{MONDAY} 14:00")
    plant.states(gap, MONDAY, ("RUN", "06:00", "09:00"), ("RUN", "10:00", "14:00"))
    plant.expect(gap, MONDAY_ONLY, availability=100, state_coverage=share(420, 480))
    plant.expect(gap, MONDAY_ONLY, utilization=share(420, 1440))
    plant.expect("OV-L1", MONDAY_ONLY, availability=share(620, 660))
    # Until noon of the last day, which is now.
    plant.states(lasting, "2026-05-20", ("STOP", "08:00", "10:00"), ("RUN", "10:00", ""))
    plant.expect(lasting, day("2026-05-20"), availability=50)
    plant.expect(lasting, since("month_to_date", "2026-05-01", "2026-05-20"), availability=50)
    plant.site("LG", lines=1, machines=1)
    plant.states("LG-L1M1", "", ("STOP", "2026-03-30 12:00", "2026-04-01 06:00"))
    plant.states("LG-L1M1", "", ("RUN", "2026-04-01 06:00", "2026-04-02 00:00"))
    plant.expect("LG-L1M1", day("2026-04-01"), availability=75)
    plant.expect("LG-L1M1", day("2026-03-30"), utilization=50)
    plant.expect("LG-L1M1", MAR, availability=0)


def shifts(plant):
    """A line's shift holds for a machine without its own; states outside of it do not count."""
    plant.site("SH", lines=1, machines=2, ideal_rate_per_h=10)
    plant.shift("SH-L1", f"{MONDAY} 06:00", f"{MONDAY} 14:00")
    plant.shift("SH-L1M2", f"{MONDAY} 06:00", f"{MONDAY} 10:00")
    for machine in ("SH-L1M1", "SH-L1M2"):
        plant.states(machine, MONDAY, ("RUN", "06:00", "08:00"), ("STOP", "13:00", "15:00"))
        plant.count(machine, f"{MONDAY} 07:00", 20, 20)
    plant.expect("SH-L1M1", MONDAY_ONLY, availability=share(120, 180), equipment_load_ratio=25)
    plant.expect("SH-L1M2", MONDAY_ONLY, availability=100)
    plant.expect("SH-L1", MONDAY_ONLY, availability=80, equipment_load_ratio=share(40, 120))
    plant.expect("SH-L1", ("shift", MONDAY), availability=80)
    # A break of 30 min, in which the machine is PLANNED.
    plant.site("BR", lines=1, machines=1)
    plant.shift("BR-L1M1", f"{MONDAY} 06:00", f"{MONDAY} 14:00", breaks=30)
    plant.states("BR-L1M1", MONDAY, ("RUN", "06:00", "10:00"), ("PLANNED", "10:00", "10:30"))
    plant.states("BR-L1M1", MONDAY, ("STOP", "10:30", "14:00"))
    plant.expect("BR-L1M1", MONDAY_ONLY, availability=share(240, 450))
    # The night from Sunday to Monday belongs to the old week.
    plant.site("NW", lines=1, machines=1)
    plant.shift("NW-L1M1", "2026-03-08 22:00", "2026-03-09 06:00", "N")
    plant.states("NW-L1M1", "", ("RUN", "2026-03-08 22:00", "2026-03-09 02:00"))
    plant.states("NW-L1M1", "", ("STOP", "2026-03-09 02:00", "2026-03-09 06:00"))
    plant.expect("NW-L1M1", ("week", "2026-03-02"), availability=50)
    plant.expect("NW-L1M1", ("week", "2026-03-09"), availability=None)


def zones(plant):
    """Nights of 7 hours, days of 24.5, half hours from UTC, and a year with a 53rd week."""
    plant.site("LON", lines=1, machines=1, zone="Europe/London")
    machine = "LON-L1M1"
    for start, end in (
        ("2026-03-28 22:00", "2026-03-29 05:00"),
        ("2026-03-31 21:00", "2026-04-01 05:00"),
    ):
        plant.shift(machine, start, end, "N")
        plant.states(machine, "", ("RUN", start, end))
    plant.count(machine, "2026-03-29 04:30", 210, 210, pri_s=60)
    plant.count(machine, "2026-04-01 02:00", 240, 120, pri_s=60)
    plant.expect(machine, day("2026-03-28"), oee=50)
    plant.expect(machine, day("2026-03-29"), oee=None)
    plant.expect(machine, day("2026-03-31"), oee=25)
    plant.expect(machine, MAR, oee=share(330, 900))
    plant.expect(machine, APR, oee=None)
    plant.expect("LON", YEAR, oee=share(330, 900))
    plant.expect("LON", MAR, quality_ratio=share(330, 450))
    # Between the shifts a count belongs to its own day, at 01:30 in the night, too.
    plant.count(machine, "2026-04-01 12:00", 10, 10, pri_s=60)
    plant.count(machine, "2026-04-15 00:30", 10, 5, pri_s=60)
    plant.expect(machine, day("2026-04-01"), quality_ratio=100)
    plant.expect(machine, day("2026-04-15"), quality_ratio=50)
    plant.expect(machine, APR, quality_ratio=75)
    # Lord Howe puts its clocks back by half an hour: 5 April has 24.5 h, all of them at work.
    plant.site("LHI", lines=1, machines=1, zone="Australia/Lord_Howe")
    plant.states("LHI-L1M1", "", ("RUN", "2026-04-04 13:00", "2026-04-05 13:30"))
    plant.count("LHI-L1M1", "2026-04-05 13:29:59", 735, 735, pri_s=60)
    plant.expect("LHI-L1M1", day("2026-04-05"), oee=50, teep=50, utilization=100, availability=100)
    plant.expect("LHI-L1M1", day("2026-04-04"), oee=None)
    plant.expect("LHI-L1M1", APR, teep=share(735, 24.5 * 60 + 25 * 1440))
    plant.site("KOL", lines=1, machines=1, zone="Asia/Kolkata")
    plant.count("KOL-L1M1", "2026-03-31 19:00", 10, 5)  # 1 April, 00:30
    plant.count("KOL-L1M1", "2026-03-31 18:00", 10, 9)  # 31 March, 23:30
    plant.expect("KOL-L1M1", MAR, quality_ratio=90)
    plant.expect("KOL-L1M1", APR, quality_ratio=50)
    plant.site("W53", lines=1, machines=1)
    for at, total, good in (
        ("2020-12-31 12:00", 10, 10),
        ("2021-01-03 12:00", 30, 10),
        ("2021-01-04 00:00", 30, 30),
    ):
        plant.count("W53-L1M1", at, total, good)
    plant.expect("W53-L1M1", ("week", "2020-12-28"), quality_ratio=50)
    plant.expect("W53-L1M1", ("week", "2021-01-04"), quality_ratio=100)
    plant.expect("W53-L1M1", ("year", "2020-04-01"), quality_ratio=share(50, 70))


def schedule(plant):
    """Orders made, short, cancelled, split, not yet due and overdue."""
    plant.site("SA", lines=2, machines=1)
    made = {"started_at": "2026-03-09 06:00", "finished_at": "2026-03-10 12:00"}
    open_ = {"status": "released"}
    for number, planned, good, columns in (
        ("SA1", 100, 150, made),
        ("SA2", 200, 100, made | {"finished_at": "2026-03-11 12:00"}),
        ("SA3", 500, 0, {"status": "cancelled"}),
        ("SA4", 60, 50, made),
        ("SA4b", 40, 50, made | {"parent_order_no": "SA4"}),
        ("SA5", 1000, 0, open_ | {"due_at": "2026-06-30 00:00"}),
        ("SA6", 20, 0, open_ | {"equipment_code": "SA-L2"}),
        ("SA7", 30, 40, made | {"equipment_code": "SA-L2"}),
    ):
        plant.order(number, "SA-L1", planned, **{"due_at": "2026-03-10 14:00"} | columns)
        if good:
            machine = f"{columns.get('equipment_code', 'SA-L1')}M1"
            plant.count(machine, "2026-03-10 10:00", good, good, order_no=number, op_seq=10)
    plant.expect("SA-L1", MAR, schedule_attainment=share(100 + 100 + 100, 100 + 200 + 100))
    plant.expect("SA-L2", MAR, schedule_attainment=share(30, 50))
    for period in (MAR, QUARTER):
        plant.expect("SA", period, schedule_attainment=share(330, 450))
    plant.expect("SA-L1", MAR, orders_on_time=share(2, 3))
    plant.expect("SA", MAR, orders_on_time=share(3, 5))
    plant.expect("SA-L1", MAR, manufacturing_lead_time=(30 + 54 + 30) / 3)
    plant.expect("SA-L1", MAR, throughput_rate=350 / 114)
    # What was split off ends later than its order.
    plant.site("BK", lines=1, machines=1)
    at = {"due_at": "2026-03-10 14:00", "started_at": "2026-03-10 06:00"}
    plant.order("BK1", "BK-L1", 70, **at, finished_at="2026-03-10 10:00")
    late = {"started_at": "2026-03-11 06:00", "finished_at": "2026-03-12 06:00"}
    plant.order("BK1b", "BK-L1", 30, **at | late, parent_order_no="BK1")
    plant.count("BK-L1M1", "2026-03-10 08:00", 80, 80, order_no="BK1", op_seq=10)
    plant.count("BK-L1M1", "2026-03-12 05:00", 10, 10, order_no="BK1b", op_seq=10)
    plant.expect("BK-L1", MAR, schedule_attainment=90, orders_on_time=0)
    plant.expect("BK-L1", MAR, manufacturing_lead_time=48)
    # Finished on the due day, after the hour: in time, for days count. A count that only names its
    # order.
    plant.site("DT", lines=1, machines=1)
    plant.order("DT1", "DT-L1", 10, **at, finished_at="2026-03-10 18:00")
    plant.expect("DT-L1", MAR, orders_on_time=100)
    plant.site("OB", lines=1, machines=1)
    plant.order("OB1", "OB-L1", 50, **made | {"due_at": "2026-03-11 20:00"})
    plant.count("", "2026-03-10 10:00", 50, 40, order_no="OB1", op_seq=10)
    plant.expect("OB-L1", MAR, schedule_attainment=80, scrap_ratio=20)
    plant.expect("OB", MAR, quality_ratio=80)


def orders(plant):
    """An order on two machines at a time, over midnight; and one of half its time."""
    plant.site("PP", lines=1, machines=2)
    times = "2026-03-09 22:00", "2026-03-10 22:00"
    plant.order("PP1", "PP-L1", 10, started_at=times[0], finished_at=times[1])
    span = "2026-03-09 22:00", "2026-03-10 04:00"
    plant.states("PP-L1M1", "", ("RUN", *span), order="PP1")
    rows = ("RUN", "00:00", "08:00"), ("SETUP", "08:00", "10:00")
    plant.states("PP-L1M2", "2026-03-10", *rows, order="PP1")
    on = "2026-03-12"
    plant.order("PP2", "PP-L1", 10, started_at=f"{on} 06:00", finished_at=f"{on} 12:00")
    rows = ("RUN", "06:00", "09:00"), ("STOP", "09:00", "10:00")
    plant.states("PP-L1M1", on, *rows, order="PP2")
    plant.expect("PP-L1", MAR, production_process_ratio=share(6 + 8 + 3, 24 + 6))
    plant.expect("PP-L1", MAR, allocation_ratio=share(6 + 10 + 4, 24 + 6))
    plant.expect("PP-L1", day(on), production_process_ratio=50)


def scrap(plant):
    """Two operations, a count corrected, a standard cost that changes on the 15th (to 4 EUR)."""
    plant.site("SC", lines=1, machines=2)
    plant.order("SC1", "SC-L1", 100)
    first = {"order_no": "SC1", "op_seq": 10, "is_final_op": "false"}
    plant.count("SC-L1M1", "2026-03-14 23:00", 100, 90, **first)
    last = {"order_no": "SC1", "op_seq": 20}
    wrong = plant.count("SC-L1M2", "2026-03-15 01:00", 90, 50, **last)
    plant.count("SC-L1M2", "2026-03-15 02:00", -90, -50, **last, reversal_of=wrong)
    plant.count("SC-L1M2", "2026-03-15 03:00", 90, 70, rework=5, **last)
    plant.expect("SC-L1", MAR, scrap_ratio=25, fall_off_ratio=25, rework_ratio=share(5, 190))
    plant.expect("SC-L1M2", MAR, quality_ratio=share(70, 90))
    scrapped, started = 10 * 2 + 15 * 4, 10 * 2 + 90 * 4
    plant.expect("SC-L1", MAR, scrap_value_ratio=share(scrapped, started))
    plant.site("RW", lines=1, machines=2)
    plant.count("RW-L1M1", "2026-03-03 10:00", 100, 90, rework=10)
    plant.count("RW-L1M2", "2026-03-03 10:00", 100, 100, qty_rework="")
    plant.expect("RW-L1", MAR, rework_ratio=share(10, 200))
    # An area between site and lines, and a machine that stands in no line.
    plant.node("AR", "site")
    plant.node("AR-A", "area", "AR")
    for number, total, good in ((1, 10, 5), (2, 20, 9)):
        plant.node(f"AR-L{number}", "line", "AR-A")
        plant.node(f"AR-L{number}M", "machine", f"AR-L{number}")
        plant.count(f"AR-L{number}M", "2026-03-03 10:00", total, good)
    plant.node("AR-M", "machine", "AR")
    plant.count("AR-M", "2026-03-03 10:00", 10, 10)
    plant.expect("AR-A", MAR, quality_ratio=share(14, 30), scrap_ratio=share(16, 30))
    plant.expect("AR", MAR, scrap_ratio=40)


def agreement(plant):
    """MES against ERP: 100 and 90 after a reversal, 90 and 100, 50 and none."""
    plant.site("ME", lines=1, machines=1)
    for number, counted in (("ME1", 100), ("ME2", 90), ("ME3", 50)):
        times = {"started_at": "2026-03-09 06:00", "finished_at": "2026-03-10 12:00"}
        plant.order(number, "ME-L1", 100, **times, erp_order_no=f"P{number}")
        at = "2026-03-10 10:00"
        plant.count("ME-L1M1", at, counted, counted, order_no=number, op_seq=10)
    for number, kind, qty, order, reversal_of in (
        ("me1", "GR_PROD", 100, "PME1", ""),
        ("me2", "REVERSAL", -100, "PME1", "me1"),
        ("me3", "GR_PROD", 90, "PME1", ""),
        ("me4", "GR_PROD", 60, "PME2", ""),
        ("me5", "GR_PROD", 40, "PME2", ""),
    ):
        where = {"location_code": "ME-W", "order_no": order, "reversal_of": reversal_of}
        plant.movement(number, "2026-03-10", kind, qty, **where)
    plant.expect("ME", MAR, mes_erp_agreement=share(190 - 10 - 10 - 50, 190))


def maintenance(plant):
    """Three machines of 120, 50 and 30 h with one, three and no failures: 200 h, 4, 11 h repair."""
    plant.site("MT", lines=1, machines=3)
    one, two, three = (f"MT-L1M{number}" for number in (1, 2, 3))
    for machine, until in ((one, "05 04:00"), (two, "03 02:00"), (three, "02 06:00")):
        plant.states(machine, "", ("RUN", "2026-03-01 00:00", f"2026-03-{until}"))
    plant.states(one, "2026-03-20", ("SETUP", "00:00", "20:00"))
    plant.maintenance(one, "corrective", "2026-03-10 00:00", 2)
    for start, hours in (("03 10:00", 1), ("04 10:00", 2), ("05 10:00", 6)):
        plant.maintenance(two, "corrective", f"2026-03-{start}", hours)
    plant.maintenance(three, "preventive", "2026-03-05 00:00", 4)
    plant.maintenance(two, "preventive", "2026-03-06 00:00", 1)
    plant.expect(one, MAR, mtbf=120)
    plant.expect(two, MAR, mtbf=50 / 3)
    plant.expect(three, MAR, mtbf=None, mttf=None, mttr=None, corrective_maintenance_ratio=0)
    plant.expect("MT-L1", MAR, mtbf=200 / 4, mttf=(200 - 11) / 4, mttr=11 / 4)
    plant.expect("MT-L1", MAR, inherent_availability=share(200, 211))
    plant.expect("MT-L1", MAR, corrective_maintenance_ratio=share(11, 11 + 5))
    plant.expect("MT", YEAR, mtbf=50)
    # A failure counts when it is reported, though its repair goes on, or ends in April.
    plant.site("MO", lines=1, machines=2)
    for machine in ("MO-L1M1", "MO-L1M2"):
        plant.states(machine, "", ("RUN", "2026-03-01 00:00", "2026-03-05 00:00"))
    plant.maintenance("MO-L1M1", "corrective", "2026-03-03 00:00", 6)
    plant.maintenance("MO-L1M1", "corrective", "2026-03-05 00:00")
    plant.expect("MO-L1M1", MAR, mtbf=96 / 2, mttr=6, corrective_maintenance_ratio=100)
    plant.maintenance("MO-L1M2", "corrective", "2026-03-31 20:00", 12)
    plant.expect("MO-L1M2", MAR, mtbf=96)
    plant.expect("MO-L1M2", APR, mtbf=None, mttr=12)


def quality(plant):
    """Yields of operations over days and lines, and counts of stock at the edge of tolerance."""
    plant.site("FP", lines=2, machines=1)
    for line, on, operation, *quantities in (
        (1, MONDAY, 10, 100, 5, 5),
        (1, "2026-03-03", 10, 50, 0, 10),
        (1, "2026-03-03", 20, 100, 20),
        (1, "2026-03-03", 30, 0, 0),
        (2, MONDAY, 10, 10, 5),
        (2, "2026-03-09", 20, 300, 0),
    ):
        plant.inspection(f"FP-L{line}M1", on, operation, *quantities)
    plant.expect("FP-L1", MAR, first_pass_yield=share(90 + 40 + 80, 250))
    plant.expect("FP-L1", MAR, rolled_throughput_yield=share(130, 150) * 0.8)
    plant.expect("FP-L2", MAR, rolled_throughput_yield=50)
    for period in (MAR, QUARTER):
        plant.expect("FP", period, rolled_throughput_yield=share(135, 160) * 380 / 400)
    plant.site("IR")
    for row in ((10, 10), (10, 11), (10, 12, 2), (10, 7.9, 2), (0, 0, 0)):
        plant.inventory_count("IR", "2026-03-05", *row)
    plant.expect("IR", MAR, inventory_record_accuracy=60)


def capability(plant):
    """A period's own values: its moving ranges, its mean; none without spread or with one value."""
    plant.site("CP", lines=1, machines=4)
    one, still, single, months = (f"CP-L1M{number}" for number in (1, 2, 3, 4))
    plant.measured(one, MONDAY, 10, 12)
    plant.measured(one, "2026-03-03", 11, 13)
    plant.measured(still, MONDAY, 10, 10, 10)
    plant.measured(single, MONDAY, 9)
    # Mean 11.5; moving ranges 2, 1, 2; deviations from the mean 1.5, 0.5, 0.5, 1.5.
    within = (5 / 3) / 1.128
    overall = ((1.5**2 + 0.5**2 + 0.5**2 + 1.5**2) / 3) ** 0.5
    plant.expect(one, MAR, cp=15 / (6 * within), cpk=6.5 / (3 * within))
    plant.expect(one, MAR, cm=15 / (6 * overall), cmk=6.5 / (3 * overall))
    plant.expect(one, MONDAY_ONLY, cpk=6 / (3 * 2 / 1.128))
    plant.expect(one, day("2026-03-03"), cp=15 / (6 * 2 / 1.128))
    plant.expect(still, MAR, cpk=None)
    plant.expect(single, MAR, cpk=None)
    plant.expect("CP", MAR, cpk=6.5 / (3 * within))
    plant.measured(months, "2026-02-02", 10, 12)
    plant.measured(months, "2026-04-02", 18)
    plant.expect(months, APR, cp=None)
    plant.expect(months, QUARTER, cp=15 / (6 * 2 / 1.128))
    # A Cpk of just 1.33 is capable; 1.3299 is not.
    plant.site("CX", lines=1, machines=3)
    for machine, upper in (("CX-L1M1", 14.554), ("CX-L1M2", 14.553), ("CX-L1M3", 20)):
        plant.measured(machine, MONDAY, 10, 11.128, lsl=0, usl=upper)
    plant.expect("CX-L1M1", MAR, cpk=1.33, capable_processes=100)
    plant.expect("CX", MAR, capable_processes=share(2, 3))


def units(plant):
    """Grams, tons and pounds of a part in kilograms; boxes of ten, of this part of twelve."""
    plant.item("BULK", "KG", pri_s=36)
    plant.item("CAN")
    factors = (
        ("", "G", "KG", 0.001),
        ("", "T", "KG", 1000),
        ("", "KG", "LB", 2.5),
        ("", "BOX", "PCE", 10),
        ("CAN", "BOX", "PCE", 12),
    )
    plant.rows("erp_uom_conversion", "item_code from_uom to_uom factor", *factors)
    plant.site("UM", lines=1, machines=3)
    mass, boxes, pounds = (f"UM-L1M{number}" for number in (1, 2, 3))
    plant.states(mass, MONDAY, ("RUN", "06:00", "16:00"))
    for at, total, good, unit in (
        ("10:00", 300_000, 200_000, "G"),
        ("11:00", 0.5, 0.25, "T"),
        ("12:00", 200, 150, ""),
    ):
        plant.count(mass, f"{MONDAY} {at}", total, good, item_code="BULK", uom=unit)
    # 1,000 kg of which 600 are good; ten hours at 100 kg an hour.
    plant.expect(mass, MAR, quality_ratio=60, oee=60, effectiveness=100)
    plant.count(boxes, f"{MONDAY} 12:00", 2, 1, item_code="CAN", uom="BOX")
    plant.count(boxes, f"{MONDAY} 12:00", 2, 2, uom="BOX")
    plant.expect(boxes, MAR, quality_ratio=share(12 + 20, 24 + 20))
    plant.count(pounds, f"{MONDAY} 10:00", 25, 5, item_code="BULK", uom="LB")  # 10 kg, 2 good
    plant.count(pounds, f"{MONDAY} 10:00", 30, 30, item_code="BULK")
    plant.expect(pounds, MAR, quality_ratio=share(32, 40))


def people(plant):
    """Work over midnight, skills that lapse, actions at every level."""
    plant.site("WE", lines=1, machines=1)
    plant.employee("WE1", "WE")
    columns = "work_time_id emp_no work_date hours_worked"
    plant.rows("hr_work_time", columns, ("we", "WE1", "2026-03-05", 8))
    plant.labour("WE-L1M1", "2026-03-05 20:00", "2026-03-06 02:00", emp_no="WE1")
    plant.expect("WE", MAR, worker_efficiency=75)
    plant.site("WZ", lines=1, machines=1)
    plant.labour("WZ-L1M1", "2026-03-05 20:00", "2026-03-05 22:00")
    plant.expect("WZ", MAR, worker_efficiency=None)
    # Skills until a day, requirements until a day, and who is employed elsewhere.
    plant.site("SK", lines=1, machines=2)
    plant.employee("S1", "SK")
    plant.employee("S2", "SK", left="2026-04-01", kind="retirement")
    plant.employee("S3", "ANC")
    required = (
        ("SK-L1M1", "WELD", "", 2),
        ("SK-L1M2", "WELD", "", 1),
        ("SK-L1M2", "CNC", "2026-04-01", 1),
    )
    columns = "equipment_code skill_code valid_to people valid_from"
    plant.rows("hr_skill_requirement", columns, *((*row, "2026-01-01") for row in required))
    held = ("S1", "WELD", ""), ("S2", "WELD", ""), ("S3", "CNC", ""), ("S1", "CNC", "2026-03-31")
    columns = "emp_no skill_code valid_to valid_from"
    plant.rows("hr_employee_skill", columns, *((*row, "2026-01-01") for row in held))
    plant.expect("SK", FEB, skill_coverage=100)
    plant.expect("SK", MAR, skill_coverage=share(2, 3))
    plant.expect("SK", APR, skill_coverage=50)
    plant.expect("SK-L1M2", MAR, skill_coverage=50)
    plant.expect("SK-L1M1", APR, skill_coverage=0)
    plant.site("CA", lines=1, machines=1)
    for node, promised, closed in (
        ("CA-L1M1", "2026-03-10", "2026-03-10"),
        ("CA", "2026-03-10", ""),
        ("CA-L1", "2026-03-10", "2026-03-11"),
        ("CA", "2026-05-21", ""),
        ("CA", "2026-03-10", "2026-02-10"),
    ):
        plant.action(node, promised, closed)
    plant.expect("CA-L1M1", MAR, corrective_actions_on_time=100)
    plant.expect("CA-L1", MAR, corrective_actions_on_time=50)
    plant.expect("CA", MAR, corrective_actions_on_time=50)


EXAMPLES = (
    *(effectiveness, unrated, states, shifts, zones, schedule, orders, scrap, agreement),
    *(maintenance, quality, capability, units, people),
)
"""Every example of the shop floor; a site each, so that one feed holds them all."""
