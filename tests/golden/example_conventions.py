"""Examples of the shop floor under conventions that are not the default, worked out by hand.

Each example is a site. `pick` says what an enterprise with other conventions has instead of the
standard's reading: `stops` counts stops below two minutes as running (and divides by one failure
more, owes for material, has scrap posted, takes 90 % for all), `set_up` plans its set-ups and has
zero where nothing was made, `planned` lets planned downtime lower availability, and `every` does
all of these to OEE, with stops below five minutes. Times are in seconds where no unit stands.
"""

from example_plant import APR, MAR, MONDAY, MONDAY_ONLY, day, due, share, since

TUESDAY = "2026-03-03"
A_DAY = 24 * 3600


def first_of_all(plant, _pick):
    """A part of 2 EUR, and a complaint, so that somebody records them."""
    plant.item("P")
    plant.rows("erp_standard_cost", "item_code valid_from unit_cost", ("P", "2020-01-01", 2))
    plant.site("FI")
    sale = plant.sale("FI", due(MONDAY, (MONDAY, 10)), ordered=f"{MONDAY} 06:00:00")
    plant.complaint(sale, MONDAY, "quality", 1)


def on_monday(plant, machine, *states):
    """States of Monday whose times may have seconds."""
    moments = ((state, *(f"{MONDAY} {time}" for time in span)) for state, *span in states)
    plant.states(machine, "", *moments)


def everything(plant, pick):
    """A shift of 480 min with each state and a break of 30 min, of which the states show 20."""
    plant.site("PR", lines=1, machines=1)
    machine = "PR-L1M1"
    plant.shift(machine, f"{MONDAY} 06:00", f"{MONDAY} 14:00", breaks=30)
    plant.states(machine, MONDAY, ("SETUP", "06:00", "06:40"), ("RUN", "06:40", "10:00"))
    on_monday(plant, machine, ("STOP", "10:00:00", "10:01:40"))
    on_monday(plant, machine, ("RUN", "10:01:40", "11:00:00"), ("STOP", "11:00", "11:02"))
    plant.states(machine, MONDAY, ("RUN", "11:02", "12:00"), ("STOP", "12:00", "12:30"))
    plant.states(machine, MONDAY, ("PLANNED", "12:30", "12:50"), ("IDLE", "12:50", "13:00"))
    plant.states(machine, MONDAY, ("RUN", "13:00", "14:00"))
    plant.count(machine, f"{MONDAY} 09:00", 400, 380, pri_s=45)
    plant.maintenance(machine, "corrective", f"{MONDAY} 12:00:00", 0.5)
    made, good = 400 * 45, 380 * 45
    run = 200 * 60 + (58 * 60 + 20) + 58 * 60 + 60 * 60 - 10 * 60  # less the break unseen
    set_up, delay, idle = 40 * 60, 100 + 120 + 30 * 60, 10 * 60
    busy = run + set_up + delay + idle
    assert busy == (480 - 20 - 10) * 60
    shift = 480 * 60  # busy time, if planned downtime is busy: the break, seen or not, is planned
    ran = pick(run, stops=run + 100, every=run + 100 + 120)
    planned = pick(busy, planned=shift, every=shift)
    of_oee = pick(busy, set_up=busy - set_up, planned=shift, every=shift - set_up)
    for node in (machine, "PR-L1", "PR"):
        plant.expect(
            *(node, MONDAY_ONLY),
            availability=share(ran, of_oee),
            oee_availability=share(ran, of_oee),
            effectiveness=share(made, ran),
            oee_quality=95,
            quality_ratio=95,
            oee=share(good, of_oee),
            net_availability=share(ran + set_up, planned),
            nee=share(ran + set_up, planned) * good / ran,
            allocation_efficiency=share(run + set_up + delay, planned),
            utilization=share(of_oee, A_DAY),
            teep=share(good, A_DAY),
            oee_coverage=100,
        )
        # What the conventions do not name is the standard's.
        plant.expect(
            *(node, MONDAY_ONLY),
            technical_efficiency=share(run, run + delay),
            utilization_efficiency=share(run, run + set_up + delay),
            setup_ratio=share(set_up, run + set_up),
            cycle_time=run / 400,
            state_coverage=100,
            mttr=0.5,
            inherent_availability=share(run + set_up, run + set_up + 1800),
            mtbf=(run + set_up) / 3600 / pick(1, stops=2),
            mttf=(run + set_up - 1800) / 3600 / pick(1, stops=2),
        )
    # The machine is known for 30 days of March.
    plant.expect(machine, MAR, utilization=share(of_oee, 30 * A_DAY), oee=share(good, of_oee))
    plant.expect(machine, MAR, teep=share(good, 30 * A_DAY), availability=share(ran, of_oee))


def breaks(plant, pick):
    """The same break of 30 min: hidden in running, shown as planned, in part within a gap."""
    plant.site("UB", lines=1, machines=3)
    hidden, shown, gap = (f"UB-L1M{number}" for number in (1, 2, 3))
    plant.shift("UB-L1", f"{MONDAY} 06:00", f"{MONDAY} 14:00", breaks=30)
    plant.states(hidden, MONDAY, ("RUN", "06:00", "14:00"))
    plant.states(shown, MONDAY, ("RUN", "06:00", "10:00"), ("PLANNED", "10:00", "10:30"))
    plant.states(shown, MONDAY, ("RUN", "10:30", "14:00"))
    plant.states(gap, MONDAY, ("RUN", "06:00", "13:40"))  # 10 min of the break are in running
    for machine in (hidden, shown, gap):
        plant.count(machine, f"{MONDAY} 07:00", 400, 360, pri_s=60)
    for node, run, busy, whole in (
        (hidden, 450, 450, 480),
        (shown, 450, 450, 480),
        (gap, 450, 450, 460),
        ("UB-L1", 1350, 1350, 1420),
    ):
        of = pick(busy, planned=whole, every=whole)
        good = 360 * run / 450
        values = {"availability": share(run, of), "oee": share(good, of)}
        values |= {"net_availability": share(run, of), "effectiveness": share(400, 450)}
        values |= {"allocation_efficiency": share(run, of), "nee": share(good, of)}
        plant.expect(node, MONDAY_ONLY, **values)
        plant.expect(node, MONDAY_ONLY, cycle_time=450 * 60 / 400)
    plant.expect(hidden, MONDAY_ONLY, utilization=share(pick(450, planned=480, every=480), 1440))
    plant.expect(gap, MONDAY_ONLY, state_coverage=share(460, 480), teep=share(360, 1440))
    # An hour that is planned shows a break of half an hour.
    plant.site("UP", lines=1, machines=1)
    plant.shift("UP-L1", f"{MONDAY} 06:00", f"{MONDAY} 14:00", breaks=30)
    plant.states("UP-L1M1", MONDAY, ("PLANNED", "06:00", "07:00"), ("RUN", "07:00", "14:00"))
    of = pick(420, planned=480, every=480)
    plant.expect("UP-L1M1", MONDAY_ONLY, availability=share(420, of), utilization=share(of, 1440))
    # Nothing ran in which a break could hide: busy time is without it all the same.
    plant.site("UI", lines=1, machines=1)
    plant.shift("UI-L1", f"{MONDAY} 06:00", f"{MONDAY} 14:00", breaks=30)
    plant.states("UI-L1M1", MONDAY, ("STOP", "06:00", "14:00"))
    utilization = share(pick(450, planned=480, every=480), 1440)
    plant.expect("UI-L1M1", MONDAY_ONLY, availability=0, utilization=utilization)
    # Planned downtime counts in a shift; after its end it does not.
    plant.site("PS", lines=1, machines=1)
    plant.shift("PS-L1", f"{MONDAY} 06:00", f"{MONDAY} 10:00")
    plant.states("PS-L1M1", MONDAY, ("RUN", "06:00", "09:00"), ("PLANNED", "09:00", "12:00"))
    plant.count("PS-L1M1", f"{MONDAY} 07:00", 90, 90, pri_s=60)
    of = pick(180, planned=240, every=240)
    plant.expect("PS-L1M1", MONDAY_ONLY, availability=share(180, of), oee=share(90, of))
    plant.expect("PS-L1M1", MONDAY_ONLY, utilization=share(of, 1440), teep=share(90, 1440))
    plant.states("PS-L1M1", TUESDAY, ("PLANNED", "06:00", "08:00"))
    plant.expect("PS-L1M1", day(TUESDAY), availability=None, oee=None, quality_ratio=None)
    # To run and to be set up is busy time outside of a shift, too; to stop and to idle is not.
    plant.site("RO", lines=1, machines=1)
    plant.shift("RO-L1", f"{MONDAY} 06:00", f"{MONDAY} 10:00", breaks=30)
    plant.states("RO-L1M1", MONDAY, ("RUN", "06:00", "12:00"), ("SETUP", "12:00", "13:00"))
    plant.states("RO-L1M1", MONDAY, ("STOP", "13:00", "14:00"), ("IDLE", "14:00", "15:00"))
    plant.count("RO-L1M1", f"{MONDAY} 07:00", 300, 300, pri_s=60)
    run, busy = 360 - 30, 420 - 30
    of = pick(busy, set_up=run, planned=busy + 30, every=run + 30)
    plant.expect("RO-L1M1", MONDAY_ONLY, availability=share(run, of), oee=share(300, of))
    plant.expect("RO-L1M1", MONDAY_ONLY, utilization=share(of, 1440), setup_ratio=share(60, busy))
    plant.expect("RO-L1M1", MONDAY_ONLY, technical_efficiency=100, effectiveness=share(300, run))


def crossings(plant, pick):
    """Stops of 300, 90 and 100 s over the end of a shift, stops over midnight, stops in a row."""
    plant.site("CR", lines=1, machines=2)
    one, two = "CR-L1M1", "CR-L1M2"
    plant.shift("CR-L1", f"{MONDAY} 06:00", f"{MONDAY} 14:00", "F")
    plant.shift("CR-L1", f"{MONDAY} 14:00", f"{MONDAY} 22:00", "S")
    plant.states(one, MONDAY, ("RUN", "06:00", "13:59"), ("STOP", "13:59", "14:04"))
    on_monday(plant, one, ("RUN", "14:04:00", "21:58:30"), ("STOP", "21:58:30", "22:00:10"))
    on_monday(plant, two, ("RUN", "06:00:00", "13:59:30"), ("STOP", "13:59:30", "14:01:00"))
    plant.states(two, MONDAY, ("RUN", "14:01", "22:00"))
    for machine in (one, two):
        plant.count(machine, f"{MONDAY} 10:00", 900, 800, pri_s=60)
    # 300 s are neither below two nor below five minutes; of the 100 s ten are after the shift.
    ran = pick(57600 - 300 - 90, stops=57600 - 300, every=57600 - 300)
    plant.expect(one, MONDAY_ONLY, availability=share(ran, 57600), oee=share(48000, 57600))
    plant.expect(one, MONDAY_ONLY, effectiveness=share(54000, ran))
    plant.expect(one, MONDAY_ONLY, technical_efficiency=share(57210, 57600))
    ran = pick(57600 - 90, stops=57600, every=57600)
    plant.expect(two, MONDAY_ONLY, availability=share(ran, 57600), oee=share(48000, 57600))
    plant.expect(two, MONDAY_ONLY, nee=share(48000, 57600))
    plant.site("OS", lines=1, machines=3)
    row, minor, long = (f"OS-L1M{number}" for number in (1, 2, 3))
    # A stop of 90 s within running, then one of 90 s and one of 150 s that follows it at once.
    on_monday(plant, row, ("RUN", "06:00", "10:00"), ("STOP", "07:00:00", "07:01:30"))
    on_monday(plant, row, ("STOP", "08:00:00", "08:01:30"), ("STOP", "08:01:30", "08:04:00"))
    plant.count(row, f"{MONDAY} 09:00", 200, 180, pri_s=60)
    ran = pick(14400 - 330, stops=14400 - 150, every=14400)
    plant.expect(row, MONDAY_ONLY, availability=share(ran, 14400), oee=75, oee_quality=90)
    plant.expect(
        row, MONDAY_ONLY, effectiveness=share(12000, ran), net_availability=share(ran, 14400)
    )
    # Over midnight: 30 and 70 s of a stop of 100 s, 240 and 90 s of one of 330 s.
    for machine, stop, ended in ((minor, "23:59:30", "00:01:10"), (long, "23:56:00", "00:01:30")):
        on_monday(plant, machine, ("RUN", "20:00:00", stop))
        plant.states(machine, "", ("STOP", f"{MONDAY} {stop}", f"{TUESDAY} {ended}"))
        plant.states(machine, "", ("RUN", f"{TUESDAY} {ended}", f"{TUESDAY} 02:00"))
    first, second = pick((14370, 7130), stops=(14400, 7200), every=(14400, 7200))
    plant.expect(minor, MONDAY_ONLY, availability=share(first, 14400))
    plant.expect(minor, day(TUESDAY), availability=share(second, 7200))
    plant.expect(long, MONDAY_ONLY, availability=share(14400 - 240, 14400))
    plant.expect(long, day(TUESDAY), availability=share(7200 - 90, 7200))
    plant.expect(long, ("week", MONDAY), availability=share(21600 - 330, 21600))


SHIFTS = (
    ("availability", "CR-L1M1", "F", (28740, 28740, 28740)),
    ("availability", "CR-L1M1", "S", (28470, 28560, 28560)),
    ("availability", "CR-L1M2", "F", (28770, 28800, 28800)),
    ("availability", "CR-L1", "S", (28470 + 28740, 28560 + 28800, 28560 + 28800)),
    ("technical_efficiency", "CR-L1M2", "S", (28740, 28740, 28740)),
)
"""Production time of Monday's shifts of 28,800 s, by the standard, for `stops` and for `every`."""


def nothing_made(plant, pick):
    """Machines without output, of which some were busy; output that is taken back; a day of two."""
    plant.site("NO", lines=2, machines=8)
    run, stop, planned, off, set_up, silent, reversed_ = (f"NO-L1M{n}" for n in range(1, 8))
    for machine, state in (
        (run, "RUN"),
        (stop, "STOP"),
        (planned, "PLANNED"),
        (off, "OFF"),
        (set_up, "SETUP"),
        (reversed_, "RUN"),
    ):
        plant.states(machine, MONDAY, (state, "06:00", "08:00"))
    wrong = plant.count(reversed_, f"{MONDAY} 07:00", 10, 8, pri_s=60)
    plant.count(reversed_, f"{MONDAY} 07:30", -10, -8, pri_s=60, reversal_of=wrong)
    zero = pick(None, set_up=0, every=0)
    qualities = {"quality_ratio": zero, "oee_quality": zero}
    for machine in (run, reversed_):
        plant.expect(machine, MONDAY_ONLY, availability=100, oee=0, effectiveness=0)
        plant.expect(machine, MONDAY_ONLY, **qualities, nee=zero)
    plant.expect(stop, MONDAY_ONLY, availability=0, oee=0, effectiveness=zero)
    plant.expect(stop, MONDAY_ONLY, **qualities, nee=zero)
    # Planned downtime is busy time for those who say so, and what is busy and makes nothing has 0.
    busy = pick(None, planned=0, every=0)
    plant.expect(planned, MONDAY_ONLY, availability=busy, oee=busy)
    zero = pick(None, every=0)
    plant.expect(planned, MONDAY_ONLY, quality_ratio=zero, oee_quality=zero, effectiveness=zero)
    for machine in (off, silent):
        nothing = dict.fromkeys(("availability", "oee", "quality_ratio", "effectiveness", "nee"))
        plant.expect(machine, MONDAY_ONLY, **nothing)
    # A set-up that is planned is no busy time of OEE, even where planned downtime is.
    busy = pick(0, set_up=None, every=None)
    plant.expect(set_up, MONDAY_ONLY, availability=busy, oee=busy, setup_ratio=100)
    nothing = dict.fromkeys(("quality_ratio", "oee_quality", "effectiveness", "nee"))
    plant.expect(set_up, MONDAY_ONLY, net_availability=100, **nothing)
    # Of the line, four machines are busy for two hours each, one of them with a set-up; a fifth
    # where planned downtime is busy time.
    busy = pick(480, set_up=480 - 120, planned=480 + 120, every=480 - 120 + 120)
    plant.expect("NO-L1", MONDAY_ONLY, oee=0, availability=share(240, busy), effectiveness=0)
    plant.expect("NO-L1", MONDAY_ONLY, **qualities, oee_availability=share(240, busy))
    # A stop of a minute, in which for some it ran.
    machine = "NO-L2M2"
    on_monday(plant, machine, ("STOP", "06:00", "06:01"))
    plant.expect(machine, MONDAY_ONLY, **qualities, availability=pick(0, stops=100, every=100))
    plant.expect(machine, MONDAY_ONLY, oee=0, effectiveness=pick(None, stops=0, set_up=0, every=0))
    machine = "NO-L2M1"
    for on in (MONDAY, TUESDAY):
        plant.states(machine, on, ("RUN", "06:00", "08:00"))
    plant.count(machine, f"{MONDAY} 07:00", 100, 80, pri_s=60)
    plant.expect(machine, day(TUESDAY), **qualities, oee=0, effectiveness=0)
    plant.expect(machine, ("week", MONDAY), quality_ratio=80, oee=share(80, 240))
    plant.expect(machine, MAR, oee_quality=80, effectiveness=share(100, 240), nee=share(80, 240))
    plant.expect(machine, APR, **dict.fromkeys(("quality_ratio", "oee", "effectiveness")))


def coverage(plant, pick):
    """A machine with a planned run time, set-up of 60 and planned downtime of 30 min; one without.

    Nobody knows how long the second's parts take: of its 240 min OEE and its factors count none.
    """
    plant.site("CV", lines=1, machines=2)
    plant.item("UNKNOWN")
    plant.states("CV-L1M1", MONDAY, ("SETUP", "06:00", "07:00"), ("RUN", "07:00", "09:00"))
    plant.states("CV-L1M1", MONDAY, ("PLANNED", "09:00", "09:30"))
    plant.count("CV-L1M1", f"{MONDAY} 08:00", 100, 100, pri_s=60)
    plant.states("CV-L1M2", MONDAY, ("RUN", "06:00", "10:00"))
    plant.count("CV-L1M2", f"{MONDAY} 08:00", 100, 60, item_code="UNKNOWN")
    of = pick(180, set_up=180 - 60, planned=180 + 30, every=180 - 60 + 30)
    for node in ("CV-L1", "CV"):
        plant.expect(node, MONDAY_ONLY, oee=share(100, of), oee_availability=share(120, of))
        plant.expect(node, MONDAY_ONLY, oee_coverage=share(of, of + 240))
        plant.expect(node, MONDAY_ONLY, availability=share(360, of + 240), quality_ratio=80)
        plant.expect(node, MONDAY_ONLY, oee_quality=100, effectiveness=share(100, 120))
        net = share(180, pick(180, planned=210, every=210))
        plant.expect(node, MONDAY_ONLY, net_availability=net, nee=net * 100 / 120)
        plant.expect(node, MONDAY_ONLY, teep=share(100, 1440))
    plant.expect("CV-L1M2", MONDAY_ONLY, oee=None, oee_coverage=0, availability=100)


def failures(plant, pick):
    """Machines of 50 and 30 h with one and no failure; one whose repair ends in April."""
    plant.site("MF", lines=2, machines=2)
    one, two, late = "MF-L1M1", "MF-L1M2", "MF-L2M1"
    plant.states(one, "", ("RUN", "2026-03-05 00:00", "2026-03-07 02:00"))
    plant.states(two, "", ("RUN", "2026-03-05 00:00", "2026-03-06 06:00"))
    plant.states(late, "", ("RUN", "2026-03-30 00:00", "2026-04-01 00:00"))
    plant.states(late, "2026-04-02", ("RUN", "00:00", "10:00"))
    plant.maintenance(one, "corrective", "2026-03-06 00:00", 2)
    plant.maintenance(late, "corrective", "2026-03-31 20:00", 12)
    for node, period, hours, repair, number in (
        (one, MAR, 50, 2, 1),
        (two, MAR, 30, 0, 0),
        ("MF-L1", MAR, 80, 2, 1),
        (late, MAR, 48, 12, 1),
        ("MF", MAR, 128, 14, 2),
        ("MF", ("quarter", "2026-01-01"), 128, 14, 2),
        (one, day("2026-03-05"), 24, 0, 0),
        (one, day("2026-03-06"), 24, 2, 1),
        (one, day("2026-03-07"), 2, 0, 0),
        ("MF-L1", day("2026-03-06"), 24 + 6, 2, 1),
        ("MF-L1", since("month_to_date", "2026-03-01", "2026-03-05"), 48, 0, 0),
        ("MF-L1", since("month_to_date", "2026-03-01", "2026-03-06"), 78, 2, 1),
        ("MF-L1", since("year_to_date", "2026-01-01", "2026-03-31"), 80, 2, 1),
        ("MF", since("year_to_date", "2026-01-01", "2026-03-31"), 128, 14, 2),
    ):
        intervals = pick(number, stops=number + 1) or None
        between = intervals and hours / intervals
        to_failure = intervals and (hours - repair) / intervals
        plant.expect(node, period, mtbf=between, mttf=to_failure)
    plant.expect(late, APR, mtbf=pick(None, stops=10), mttr=12)
    plant.expect("MF-L1", MAR, mttr=2, inherent_availability=share(80, 82))


def uncapped(plant, _pick):
    """Ninety parts in the time of sixty: however it is shown, it is 150 %."""
    plant.site("EF", lines=1, machines=2)
    plant.states("EF-L1M1", MONDAY, ("RUN", "06:00", "07:00"))
    plant.count("EF-L1M1", f"{MONDAY} 06:30", 90, 90, pri_s=60)
    plant.states("EF-L1M2", MONDAY, ("RUN", "06:00", "07:00"))
    plant.count("EF-L1M2", f"{MONDAY} 06:30", 30, 30, pri_s=60)
    plant.expect("EF-L1M1", MONDAY_ONLY, effectiveness=150, oee=150)
    plant.expect("EF-L1", MONDAY_ONLY, effectiveness=100)


def money(plant, pick):
    """Scrap that is counted and posted; payables of 310, material of 155 and sold cost of 500."""
    plant.site("SQ", lines=1, machines=1)
    plant.count("SQ-L1M1", f"{TUESDAY} 10:00", 100, 90)  # ten of 2 EUR
    plant.quality_cost("SQ", TUESDAY, "internal_failure", 50)
    plant.quality_cost("SQ", TUESDAY, "external_failure", 30)
    plant.quality_cost("SQ", TUESDAY, "prevention", 12)
    plant.post(TUESDAY, "SQ", revenue=-1000)
    plant.expect("SQ", MAR, cost_of_poor_quality=pick(10, stops=8), external_failure_cost=3)
    plant.expect("SQ", MAR, internal_failure_cost=pick(7, stops=5), prevention_appraisal_cost=1.2)
    plant.expect("SQ", MAR, scrap_value_ratio=10)
    plant.site("PB")
    plant.post("2026-03-01", "PB", payable=-310, material=155, cogs=500, receivable=100)
    plant.stock("2026-03-01", "PB", 10, 1000)
    # North and south of `planned` sold for 100 and 300, at 60 and 240, from stocks of 500 and 700.
    cost, sales = pick(500, planned=500 + 60 + 240), pick(1000, planned=1000 + 100 + 300)
    dpo, dso = 31 * 310 / pick(cost, stops=155), 31 * 100 / sales
    dio = 31 * pick(1000, planned=1000 + 500 + 700) / cost
    for period in (MAR, ("quarter", "2026-01-01")):
        plant.expect("E", period, dpo=dpo, dio=dio, dso=dso, cash_to_cash=dio + dso - dpo)


EXAMPLES = (
    first_of_all,
    everything,
    breaks,
    crossings,
    nothing_made,
    coverage,
    failures,
    uncapped,
    money,
)
"""What all enterprises have."""
