"""Examples of areas, process industries, clocks that change at the end of a month, and of systems.

Areas hold lines and machines; a plant has an MES and an ERP of two vendors, another a system that
does both, and all of them number their orders alike. What must come of it stands beside the rows.
"""

from example_plant import APR, MAR, Plant, day, due, month, share

ON = "2026-03-03"
OCTOBER, NOVEMBER = month("2026-10"), month("2026-11")


def areas(plant):
    """Area 1 with a line of two machines and a machine, area 2 with a machine, a machine alone."""
    plant.site("AA")
    plant.node("AA-A1", "area", "AA")
    plant.node("AA-A2", "area", "AA")
    plant.node("AA-L1", "line", "AA-A1")
    one, two, three, four, five = (f"AA-M{number}" for number in range(1, 6))
    plant.node(one, "machine", "AA-L1", ideal_rate_per_h=60)
    plant.node(two, "machine", "AA-L1")
    plant.node(three, "machine", "AA-A1", ideal_rate_per_h=30)
    plant.node(four, "machine", "AA-A2")
    plant.node(five, "machine", "AA")
    plant.shift(one, f"{ON} 06:00", f"{ON} 12:00")
    plant.shift(three, f"{ON} 06:00", f"{ON} 09:00")
    for machine, order, *states in (
        (one, "O1", ("RUN", "06:00", "10:00"), ("STOP", "10:00", "11:00")),
        (one, "O1", ("SETUP", "11:00", "11:30")),
        (two, "O1", ("RUN", "06:00", "09:00"), ("IDLE", "09:00", "10:00")),
        (three, "O2", ("RUN", "06:00", "07:00"), ("STOP", "07:00", "09:00")),
        (four, "O3", ("SETUP", "06:00", "06:30"), ("RUN", "06:30", "08:00")),
        (five, "O4", ("RUN", "06:00", "07:00")),
    ):
        plant.states(machine, ON, *states, order=order)
    for machine, order, total, good, rework, pri_s in (
        (one, "O1", 200, 180, 5, 60),
        (two, "O1", 150, 150, 0, 72),
        (three, "O2", 30, 15, 0, 120),
        (four, "O3", 60, 60, 0, 60),
        (five, "O4", 60, 30, 10, 30),
    ):
        of = {"order_no": order, "op_seq": 10, "pri_s": pri_s}
        plant.count(machine, f"{ON} 06:30", total, good, rework=rework, **of)
    # Minutes: good and made in planned run times, run, set-up, delay, busy; parts: good, made.
    for node, good, made, run, set_up, delay, busy, good_parts, parts, machines in (
        ("AA-L1", 360, 380, 420, 30, 60, 570, 330, 350, 2),
        ("AA-A1", 375 + 15, 440, 480, 30, 180, 750, 345, 380, 3),
        (three, 30, 60, 60, 0, 120, 180, 15, 30, 1),
        ("AA-A2", 60, 60, 90, 30, 0, 120, 60, 60, 1),
        ("AA", 465, 530, 630, 60, 180, 930, 435, 500, 5),
    ):
        plant.expect(
            *(node, day(ON)),
            oee=share(good, busy),
            availability=share(run, busy),
            effectiveness=share(made, run),
            oee_quality=share(good, made),
            quality_ratio=share(good_parts, parts),
            net_availability=share(run + set_up, busy),
            nee=share(run + set_up, busy) * good / run,
            setup_ratio=share(set_up, run + set_up),
            technical_efficiency=share(run, run + delay),
            utilization_efficiency=share(run, run + set_up + delay),
            allocation_efficiency=share(run + set_up + delay, busy),
            utilization=share(busy, machines * 1440),
            teep=share(good, machines * 1440),
            cycle_time=60 * run / parts,
        )
    for node, period in (("AA-A1", MAR), ("AA-A1", ("quarter", "2026-01-01"))):
        plant.expect(node, period, oee=share(390, 750), quality_ratio=share(345, 380))
        plant.expect(node, period, rework_ratio=share(5, 380))
    plant.expect("AA", MAR, rework_ratio=share(15, 500))
    # Rated are 60 an hour for 6 h and 30 for 3 h.
    for node, made, capacity in (("AA-L1", 200, 360), ("AA-A1", 230, 450), ("AA", 230, 450)):
        plant.expect(node, MAR, equipment_load_ratio=share(made, capacity))
    plant.expect("AA-A2", MAR, equipment_load_ratio=None)


def areas_maintained(plant):
    """Failures of two machines of area 1, in the line and beside it; what was inspected there."""
    plant.maintenance("AA-M1", "corrective", f"{ON} 10:00:00", 1)
    plant.maintenance("AA-M2", "preventive", f"{ON} 09:00:00", 1.5)
    plant.maintenance("AA-M3", "corrective", f"{ON} 07:00:00", 0.5)
    plant.maintenance("AA-M3", "corrective", f"{ON} 08:00:00", 1)
    for node, minutes, repair, number in (
        ("AA-L1", 450, 1, 1),
        ("AA-M3", 60, 1.5, 2),
        ("AA-A1", 510, 2.5, 3),
        ("AA", 690, 2.5, 3),
    ):
        hours = minutes / 60
        plant.expect(node, MAR, mtbf=hours / number, mttr=repair / number)
        plant.expect(node, MAR, mttf=(hours - repair) / number)
        plant.expect(node, MAR, inherent_availability=share(hours, hours + repair))
    plant.expect("AA-L1", MAR, corrective_maintenance_ratio=share(1, 2.5))
    plant.expect("AA-A1", MAR, corrective_maintenance_ratio=share(2.5, 4))
    plant.expect("AA-A2", MAR, mtbf=None, mttr=None, corrective_maintenance_ratio=None)
    plant.inspection("AA-M1", ON, 10, 100, 5, 5)
    plant.inspection("AA-M3", ON, 20, 20, 4)
    plant.expect("AA-L1", MAR, first_pass_yield=90, rolled_throughput_yield=90)
    plant.expect("AA-A1", MAR, first_pass_yield=share(106, 120), rolled_throughput_yield=72)
    plant.expect("AA-A2", MAR, first_pass_yield=None, rolled_throughput_yield=None)
    # Meters of the area, of a machine in its line and of one in the other area.
    for meter, node, used in (("AA1", "AA-A1", 100), ("AA2", "AA-M1", 20), ("AA3", "AA-M4", 10)):
        columns = "meter equipment_code start_ts kwh"
        plant.rows("mes_energy", columns, (meter, node, f"{ON} 06:00", used))
    for node, used, good, made in (
        ("AA-L1", 20, 330, 350),
        ("AA-A1", 120, 345, 380),
        ("AA-A2", 10, 60, 60),
        ("AA", 130, 435, 500),
    ):
        plant.expect(node, MAR, energy_per_good_unit=used / good)
        plant.expect(node, MAR, comprehensive_energy_consumption=used / made)
    plant.labour("AA-M3", f"{ON} 06:00", f"{ON} 12:00")
    plant.worked("AA", ON, 8)
    plant.expect("AA", MAR, worker_efficiency=75)


def areas_planned(plant):
    """Orders that are planned on a line, on a machine, on an area and on the site."""
    for number, node, planned, begun, ended, allowed in (
        ("O1", "AA-L1", 300, f"{ON} 06:00", f"{ON} 16:00", 10),
        ("O2", "AA-M3", 30, f"{ON} 06:00", f"{ON} 11:00", 5),
        ("O3", "AA-A2", 100, f"{ON} 06:00", "2026-03-04 08:00", 4),
        ("O4", "AA", 50, f"{ON} 06:00", f"{ON} 08:00", 0),
    ):
        times = {"started_at": begun, "finished_at": ended, "due_at": f"{ON} 15:00"}
        plant.order(number, node, planned, **times)
        if allowed:
            row = {"order_no": number, "item_code": "P", "qty_scrap_planned": allowed}
            plant.add("mes_scrap_plan", **row)
    # Good parts at most as planned, planned; orders on time, due; hours; made, of machines: run
    # and busy with the order; scrap, allowed.
    for node, good, planned, timely, number, hours, made, run, busy, scrap, allowed in (
        ("AA-L1", 300, 300, 1, 1, 10, 350, 7, 8.5, 15, 10),
        ("AA-A1", 315, 330, 2, 2, 15, 380, 8, 11.5, 30, 15),
        ("AA-A2", 60, 100, 0, 1, 26, 60, 1.5, 2, 0, 4),
        ("AA", 405, 480, 3, 4, 43, 500, 10.5, 14.5, 30, 19),
    ):
        plant.expect(
            *(node, MAR),
            schedule_attainment=share(good, planned),
            orders_on_time=share(timely, number),
            manufacturing_lead_time=hours / number,
            throughput_rate=made / hours,
            production_process_ratio=share(run, hours),
            allocation_ratio=share(busy, hours),
            actual_to_planned_scrap_ratio=share(scrap, allowed),
        )
    for node, scrap, made in (("AA-L1", 15, 350), ("AA-A1", 30, 380), ("AA", 50, 500)):
        plant.expect(node, MAR, scrap_ratio=share(scrap, made), fall_off_ratio=share(scrap, made))


def materials(plant):
    """Kilograms and grams of a process: orders of a line, of a machine in an area, of the site."""
    plant.item("MEAL", "KG")
    plant.item("PASTE", "KG")
    plant.rows("erp_uom_conversion", "from_uom to_uom factor", ("G", "KG", 0.001))
    plant.site("MB")
    plant.node("MB-A", "area", "MB")
    plant.node("MB-L1", "line", "MB-A")
    plant.node("MB-M1", "machine", "MB-L1")
    plant.node("MB-M2", "machine", "MB-A")
    at = "2026-03-05 10:00"
    times = {"started_at": "2026-03-05 06:00", "finished_at": "2026-03-05 16:00"}
    for order, node in (("MB1", "MB-L1"), ("MB2", "MB-M2"), ("MB3", "MB")):
        plant.order(order, node, 100, item_code="PASTE", **times)
    for order, qty, unit in (
        ("MB1", 300, ""),
        ("MB1", 200_000, "G"),
        ("MB2", 250, "KG"),
        ("MB3", 250_000, "G"),
    ):
        row = {"order_no": order, "item_code": "MEAL", "consumed_at": at, "qty": qty, "uom": unit}
        plant.add("mes_material_consumption", consumption_id=next(plant.number), **row)
    goods, made, moved, other = (
        *("integrated_goods", "production_loss", "storage_transport_loss", "other_loss"),
    )
    for order, node, kind, qty, unit in (
        ("MB1", "", goods, 400, ""),
        ("MB1", "", made, 70, ""),
        ("MB1", "", made, -20, ""),  # a correction
        ("MB1", "", moved, 30_000, "G"),
        ("MB1", "MB-M1", other, 20, ""),
        ("MB2", "MB-M2", goods, 200, ""),
        ("MB2", "", made, 25, ""),
        ("MB2", "", moved, 25, ""),
        ("MB3", "", goods, 200, ""),
        ("MB3", "", other, 50, ""),
    ):
        row = {"order_no": order, "item_code": "MEAL", "booked_at": at, "equipment_code": node}
        row |= {"balance_id": next(plant.number), "kind": kind, "qty": qty, "uom": unit}
        plant.add("mes_material_balance", **row)
    for machine, order, total, good in (
        ("MB-M1", "MB1", 390, 380),
        ("MB-M2", "MB2", 200, 190),
        ("", "MB3", 190, 180),
    ):
        plant.count(machine, at, total, good, order_no=order, op_seq=10, item_code="PASTE")
    for node, used, *quantities in (
        ("MB-L1", 500, 380, 400, 50, 30, 20),
        ("MB-A", 750, 570, 600, 75, 55, 20),
        ("MB", 1000, 750, 800, 75, 55, 70),
    ):
        assert sum(quantities[1:]) == used
        finished, goods, made, moved, other = (share(quantity, used) for quantity in quantities)
        for period in (day("2026-03-05"), MAR):
            plant.expect(node, period, finished_goods_ratio=finished, integrated_goods_ratio=goods)
            plant.expect(node, period, production_loss_ratio=made, other_loss_ratio=other)
            plant.expect(node, period, storage_transportation_loss_ratio=moved)
    # Nothing was used: no ratio to it.
    nothing = dict.fromkeys(("finished_goods_ratio", "integrated_goods_ratio", "other_loss_ratio"))
    plant.expect("AA", MAR, **nothing)
    plant.expect("MB", APR, **nothing)


def new_york(plant):
    """Around the clock in New York; the night shift of 31 October 2026 is of nine hours.

    It is 03:00 to 12:00 in UTC; the clock goes from 01:59:59 (05:59:59) back to 01:00:00 (06:00).
    """
    plant.site("NY", lines=2, machines=1, zone="America/New_York")
    machine = "NY-L1M1"
    rows = (("D", "07:00", "15:00"), ("L", "15:00", "23:00"), ("N", "23:00", "07:00"))
    columns = "shift_code start_time end_time equipment_code valid_from valid_to weekdays"
    dates = "NY-L1", "2026-10-01", "2026-11-05", "1234567"
    plant.rows("mes_shift_pattern", columns, *((*row, *dates) for row in rows))
    plant.states(machine, "", ("RUN", "2026-10-30 11:00", "2026-11-01 05:30"))
    plant.states(machine, "2026-11-01", ("STOP", "05:30", "06:30"))  # 01:30 to 01:30
    plant.states(machine, "", ("RUN", "2026-11-01 06:30", "2026-11-02 12:00"))
    for at, total, good in (
        ("2026-10-31 10:59:59", 500, 400),  # before seven of the 31st: 30 October
        ("2026-11-01 05:45", 600, 480),
        ("2026-11-01 06:45", 300, 270),
        ("2026-11-01 11:59:59", 100, 90),
        ("2026-11-01 12:00", 60, 60),  # seven o'clock: 1 November
    ):
        plant.count(machine, at, total, good, pri_s=60, order_no="NY1", op_seq=10)
    for period, hours, run, made, good in (
        (day("2026-10-30"), 24, 24, 500, 400),
        (day("2026-10-31"), 25, 24, 1000, 840),
        (day("2026-11-01"), 24, 24, 60, 60),
        (OCTOBER, 49, 48, 1500, 1240),
    ):
        minutes = 60 * hours
        plant.expect(machine, period, availability=share(run, hours), oee=share(good, minutes))
        plant.expect(machine, period, effectiveness=share(made, 60 * run), utilization=100)
        plant.expect(machine, period, quality_ratio=share(good, made), teep=share(good, minutes))
        plant.expect("NY-L1", period, scrap_ratio=share(made - good, made))
    plant.expect(machine, NOVEMBER, oee=share(60, 1440), quality_ratio=100)
    # Reported at 01:40, mended at 01:40, an hour later; parts inspected before and after seven.
    plant.maintenance(machine, "corrective", "2026-11-01 05:40:00", 1)
    plant.expect(machine, OCTOBER, mtbf=48, mttr=1, mttf=47)
    plant.expect(machine, NOVEMBER, mtbf=None, mttr=None)
    plant.inspection(machine, "", 10, 50, 5, inspected_at="2026-11-01 11:59:00")
    plant.inspection(machine, "", 10, 10, 0, inspected_at="2026-11-01 12:01:00")
    plant.expect(machine, OCTOBER, first_pass_yield=90)
    plant.expect(machine, NOVEMBER, first_pass_yield=100)
    # The machine's energy belongs to the night; the site has no shifts, so its own to 1 November.
    columns = "meter equipment_code start_ts kwh"
    used = ("NY1", machine, "2026-11-01 08:00", 124), ("NY2", "NY", "2026-11-01 08:00", 30)
    plant.rows("mes_energy", columns, *used)
    plant.expect("NY", OCTOBER, energy_per_good_unit=124 / 1240)
    plant.expect("NY", NOVEMBER, energy_per_good_unit=30 / 60)
    # Due on 1 November at half past midnight, and done one minute before its end.
    times = {"due_at": "2026-11-01 04:30", "started_at": "2026-11-01 04:00"}
    plant.order("NY1", "NY-L1", 4000, **times, finished_at="2026-11-02 04:59")
    plant.expect("NY-L1", OCTOBER, orders_on_time=None, schedule_attainment=None)
    plant.expect("NY-L1", NOVEMBER, orders_on_time=100, schedule_attainment=share(1300, 4000))
    plant.expect("NY-L1", NOVEMBER, manufacturing_lead_time=25 - 1 / 60)
    # Due on 31 October at one minute to midnight, and done two minutes later.
    times = {"due_at": "2026-11-01 03:59", "started_at": "2026-10-31 15:00"}
    plant.order("NY2", "NY-L2", 10, **times, finished_at="2026-11-01 04:01")
    plant.expect("NY-L2", OCTOBER, orders_on_time=0, schedule_attainment=0)


def berlin(plant):
    """Around the clock in Berlin; the night shift of 28 March 2026 is of seven hours."""
    plant.site("BLN", lines=1, machines=1, zone="Europe/Berlin")
    machine = "BLN-L1M1"
    rows = (("E", "06:00", "14:00"), ("L", "14:00", "22:00"), ("N", "22:00", "06:00"))
    columns = "shift_code start_time end_time equipment_code valid_from valid_to weekdays"
    dates = "BLN", "2026-03-20", "2026-04-02", "1234567"
    plant.rows("mes_shift_pattern", columns, *((*row, *dates) for row in rows))
    # From 06:00 of the 28th to 06:00 of the 30th; a stop from 01:30 to 03:30 by the clock.
    plant.states(machine, "", ("RUN", "2026-03-28 05:00", "2026-03-29 00:30"))
    plant.states(machine, "2026-03-29", ("STOP", "00:30", "01:30"))
    plant.states(machine, "", ("RUN", "2026-03-29 01:30", "2026-03-30 04:00"))
    for at, total, good in (
        ("2026-03-28 12:00", 200, 200),
        ("2026-03-29 03:59:59", 500, 490),
        ("2026-03-30 03:59:59", 710, 360),
        ("2026-04-01 03:59:59", 100, 90),  # before six of 1 April: in the night of 31 March
        ("2026-04-01 04:00", 60, 30),
    ):
        plant.count(machine, at, total, good, pri_s=60)
    for period, hours, run, made, good in (
        (day("2026-03-28"), 23, 22, 700, 690),
        (day("2026-03-29"), 24, 24, 710, 360),
        (("week", "2026-03-23"), 47, 46, 1410, 1050),
    ):
        minutes = 60 * hours
        plant.expect(machine, period, availability=share(run, hours), oee=share(good, minutes))
        plant.expect(machine, period, quality_ratio=share(good, made), teep=share(good, minutes))
        plant.expect("BLN", period, utilization=100, nee=share(good, minutes))
    plant.expect(machine, MAR, quality_ratio=share(1140, 1510), availability=share(46, 47))
    # From 06:00 of the 28th to 06:00 of 1 April: 23 hours and three days.
    plant.expect(machine, MAR, teep=share(1140, 60 * (23 + 72)), utilization=share(47, 23 + 72))
    plant.expect(machine, APR, quality_ratio=50, availability=None)


NIGHTS = (
    ("availability", "NY-L1M1", "2026-10-31", "N", share(8, 9)),
    ("availability", "NY-L1M1", "2026-10-30", "N", 100),
    ("quality_ratio", "NY-L1M1", "2026-10-31", "N", 84),
    ("quality_ratio", "NY-L1M1", "2026-10-30", "N", 80),
    ("quality_ratio", "NY-L1M1", "2026-11-01", "D", 100),
    ("availability", "BLN-L1M1", "2026-03-28", "N", share(6, 7)),
    ("availability", "BLN-L1M1", "2026-03-29", "N", 100),
    ("quality_ratio", "BLN-L1", "2026-03-28", "N", 98),
    ("quality_ratio", "BLN-L1", "2026-03-31", "N", 90),
)
"""KPI, node, production day, shift and value of shifts around the change of the clocks."""


def system():
    """The tables of another system, which numbers what it has as the others do."""
    plant = Plant()
    plant.tables.clear()
    return plant


def north_and_south(plant):
    """Two plants: `mes` and `erp` are the systems of north, `both` does all for south.

    Each has orders 100, 200 and 300 and a part 100-1, each counts, sells and posts from 1 on.
    """
    plant.site("NORTH")
    plant.site("SOUTH")
    plant.item("PX")
    plant.item("PY")
    columns = "entity for_source source_code conformed_code"
    plant.rows(
        *("xref_code", columns),
        ("erp_item", "mes", "0815", "PX"),
        ("erp_item", "erp", "ART-1", "PX"),
        ("erp_item", "both", "0815", "PY"),
        ("mes_equipment", "erp", "WC-7", "NM"),
    )
    mes, erp, both = system(), system(), system()
    for source, line, machine in ((mes, "NL", "NM"), (both, "SL", "SM")):
        source.node(line, "line")
        source.node(machine, "machine", line)
    # North's MES and ERP number the same orders crosswise.
    for source, line, number, of_erp, parent, planned, begun, ended in (
        (mes, "NL", "100", "200", "", 100, "06:00", "08:00"),
        (mes, "NL", "200", "100", "", 40, "08:00", "11:00"),
        (mes, "NL", "100-1", "", "100", 20, "10:00", "13:00"),
        (both, "SL", "100", "100", "", 250, "06:00", "10:00"),
        (both, "SL", "200", "200", "", 30, "10:00", "11:00"),
        (both, "SL", "100-1", "", "200", 20, "10:00", "13:00"),
    ):
        times = {"started_at": f"{ON} {begun}", "finished_at": f"{ON} {ended}"}
        times |= {"due_at": f"{ON} 15:00", "item_code": "0815"}
        numbers = {"erp_order_no": of_erp, "parent_order_no": parent}
        source.order(number, line, planned, **times, **numbers)
    columns = "order_no pri_s equipment_code op_seq is_final"
    for source, machine, *rated in ((mes, "NM", 60, 90), (both, "SM", 30, 20)):
        rows = ((*row, machine, 10, "true") for row in zip(("100", "200"), rated, strict=True))
        source.rows("mes_operation", columns, *rows)
    mes.states("NM", ON, ("RUN", "06:00", "08:00"), order="100")
    mes.states("NM", ON, ("RUN", "08:00", "09:00"), ("STOP", "09:00", "10:00"), order="200")
    both.states("SM", ON, ("SETUP", "06:00", "07:00"), ("RUN", "07:00", "10:00"), order="100")
    both.states("SM", ON, ("RUN", "10:00", "11:00"), order="200")
    for source, machine, *quantities in (
        (mes, "NM", ("100", 100, 90), ("200", 20, 20)),
        (both, "SM", ("100", 200, 200), ("200", 60, 30)),
    ):
        for order, total, good in quantities:
            of = {"order_no": order, "op_seq": 10, "item_code": "0815"}
            source.count(machine, f"{ON} 06:30", total, good, **of)
    # North takes back its third count; south's third is another one.
    of = {"order_no": "100", "op_seq": 10, "item_code": "0815"}
    wrong = mes.count("NM", f"{ON} 06:40", 50, 50, **of)
    mes.count("NM", f"{ON} 06:50", -50, -50, **of, reversal_of=wrong)
    both.add("mes_scrap_plan", order_no="200", item_code="0815", qty_scrap_planned=15)
    # Machine times: 100 parts of 60 s and 20 of 90 s; 200 of 30 s and 60 of 20 s.
    plant.expect("NM", MAR, effectiveness=share(7800, 10800), oee=share(90 * 60 + 20 * 90, 14400))
    plant.expect("SM", MAR, effectiveness=share(7200, 14400), oee=share(6000 + 600, 18000))
    # North's 100 has a part: 120 planned from 06:00 to 13:00; in south it is 200 that has one.
    plant.expect("NL", MAR, schedule_attainment=share(90 + 20, 120 + 40))
    plant.expect("SL", MAR, schedule_attainment=share(200 + 30, 250 + 50))
    plant.expect("NL", MAR, manufacturing_lead_time=(7 + 3) / 2, throughput_rate=120 / 10)
    plant.expect("SL", MAR, manufacturing_lead_time=(4 + 3) / 2, throughput_rate=260 / 7)
    plant.expect("NL", MAR, production_process_ratio=share(3, 10), allocation_ratio=share(4, 10))
    plant.expect("SL", MAR, production_process_ratio=share(4, 7), allocation_ratio=share(5, 7))
    plant.expect("NL", MAR, fall_off_ratio=share(10, 120), actual_to_planned_scrap_ratio=None)
    plant.expect("SL", MAR, fall_off_ratio=share(30, 260), actual_to_planned_scrap_ratio=200)
    for node, good, made in (("NORTH", 110, 120), ("SOUTH", 230, 260)):
        plant.expect(node, MAR, quality_ratio=share(good, made), orders_on_time=100)
    without_machine(plant, mes, both)
    received(plant, erp, both)
    sold(plant, erp, both)
    return {"mes": (mes, "NORTH"), "erp": (erp, "NORTH"), "both": (both, "SOUTH")}


def without_machine(plant, mes, both):
    """On 2 April all that is booked names order 300 only, of which each system has one."""
    on = "2026-04-02"
    at = f"{on} 10:00"
    columns = "work_time_id site_code work_date hours_worked"
    for source, site, line, total, good, used, lost, rejected, attended in (
        (mes, "NORTH", "NL", 12, 10, 20, 4, 1, 6),
        (both, "SOUTH", "SL", 5, 5, 25, 5, 4, 12),
    ):
        times = {"started_at": f"{on} 06:00", "finished_at": at, "due_at": f"{on} 12:00"}
        source.order("300", line, 10, **times, item_code="0815")
        of = {"order_no": "300", "item_code": "0815"}
        source.count("", at, total, good, **of, op_seq=10)
        row = {"consumption_id": "1", "qty": used, "consumed_at": at}
        source.add("mes_material_consumption", **of, **row)
        row = {"balance_id": "1", "kind": "other_loss", "qty": lost, "booked_at": at}
        source.add("mes_material_balance", **of, **row)
        source.inspection("", on, 10, 10, rejected, **of)
        source.labour("", f"{on} 06:00", f"{on} 09:00", order_no="300")
        source.rows("hr_work_time", columns, ("1", site, on, attended))
        # What names no machine belongs to the site of its source.
        plant.expect(site, APR, first_pass_yield=share(10 - rejected, 10))
        plant.expect(site, APR, worker_efficiency=share(3, attended))
        for node in (line, site):
            plant.expect(node, APR, quality_ratio=share(good, total), other_loss_ratio=20)
            plant.expect(node, APR, schedule_attainment=share(good, 10), orders_on_time=100)
            plant.expect(node, APR, finished_goods_ratio=share(good, used))


def received(plant, erp, both):
    """North made 90 and 20 of its ERP's orders 200 and 100, south 200 and 30 of 100 and 200."""
    for source, item, *movements in (
        (erp, "ART-1", ("200", 80), ("100", 15), ("100", -15), ("100", 20)),
        (both, "0815", ("100", 180), ("100", 10), ("200", 30)),
    ):
        for number, (order, qty) in enumerate(movements, 1):
            row = {"movement_id": number, "posting_date": ON, "type": "GR_PROD", "qty": qty}
            if qty < 0:
                row |= {"type": "REVERSAL", "reversal_of": number - 1}
            source.add("erp_goods_movement", **row, order_no=order, item_code=item)
    plant.expect("NORTH", MAR, mes_erp_agreement=share(100 - 10, 100))
    plant.expect("SOUTH", MAR, mes_erp_agreement=share(220 - 10, 220))
    # What order 100 of either ERP cost and should have cost.
    for source, item, standard, actual in (
        (erp, {"equipment_code": "WC-7"}, (10, 2), (11, 25)),
        (both, {}, (5, 10), (5, 40)),
    ):
        source.cost("100", "material", standard, actual, **item)
    plant.expect("NL", MAR, production_cost_variance=25)
    plant.expect("NL", MAR, material_price_variance=15, material_usage_variance=10)
    plant.expect("SL", MAR, production_cost_variance=-20, material_price_variance=-20)
    for source, item, value in ((erp, "ART-1", 500), (both, "0815", 700)):
        source.stock("2026-03-01", "", 10, value, item_code=item, location_code="W")
    plant.expect("NORTH", MAR, inventory_value=500)
    plant.expect("SOUTH", MAR, inventory_value=700)


def sold(plant, erp, both):
    """Two sales orders in north and three in south; documents of equal numbers."""
    on_time, late = due("2026-03-10", ("2026-03-10", 10)), due("2026-03-10", ("2026-03-12", 10))
    of_erp, of_both = {"item_code": "ART-1"}, {"item_code": "0815"}
    for line in (on_time, due("2026-03-10")):
        erp.sale("", line | of_erp)
    first, *_ = [both.sale("", line | of_both) for line in (late, on_time, on_time)]
    both.complaint(first, "2026-03-15", "quality", 1)
    both.ship(first, "2026-03-20", 3, is_return="true", item_code="0815")
    plant.expect("NORTH", MAR, otif=50, line_fill_rate=50, order_cycle_time=8, return_rate=0)
    plant.expect("SOUTH", MAR, otif=share(2, 3), line_fill_rate=100, order_cycle_time=26 / 3)
    plant.expect("SOUTH", MAR, complaint_rate=1000 / 3, return_rate=10)
    plant.expect("NORTH", MAR, complaint_rate=0, perfect_order=50)
    for source, item, sales, cost in ((erp, of_erp, 100, 60), (both, of_both, 300, 240)):
        number = {"invoice_no": "1"}
        source.invoice("2026-03-10", "", sales, **number | item)
        source.post("2026-03-10", revenue=-sales, cogs=cost)
    plant.expect("NORTH", MAR, net_sales=100, gross_margin=40)
    plant.expect("SOUTH", MAR, net_sales=300, gross_margin=20)
    erp.quality_cost("WC-7", "2026-03-10", "external_failure", 5)
    plant.expect("NORTH", MAR, external_failure_cost=5)
    plant.expect("SOUTH", MAR, external_failure_cost=0)


EXAMPLES = (areas, areas_maintained, areas_planned, materials, new_york, berlin)
