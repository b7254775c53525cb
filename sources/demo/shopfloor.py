"""The shop floor: machines working through orders, as the MES writes it down.

Belongs here: machine states, operations, counts, inspections, maintenance, shifts and energy of one
day. Does not belong here: what the ERP books about it (`office`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from sources.demo.calendar import DAY, HOUR, MINUTE, SECOND, Kind, utc_text
from sources.demo.company import (
    AREAS,
    BILLS,
    ITEMS,
    LINES,
    PROTOTYPE,
    RAW,
    REASONS,
    ROTORS,
    SITES,
    daily_demand,
    rng,
)
from sources.demo.state import Interval, MachineState, Order

if TYPE_CHECKING:
    from random import Random

    from sources.demo.calendar import Shift, Window
    from sources.demo.company import (
        Item,
        Line,
        Machine,
    )
    from sources.demo.journal import Journal
    from sources.demo.office import Office
    from sources.demo.state import State
    from sources.demo.today import Today

OFF, RUN, SETUP, FAILURE, MINOR, IDLE, BREAK, PREVENTIVE = 0, 10, 20, 30, 31, 40, 50, 51
_POWER = {OFF: 0.03, RUN: 1.0, SETUP: 0.4, PREVENTIVE: 0.1}
_STANDBY = 0.22

_RELEASED, _STARTED, _FINISHED = 10, 20, 30
_SETUP_MINUTES = 25
_LOT_HOURS = 9
_REWORK = 0.004
_REPAIRED = 0.03
"""Share of inspected pieces that can be repaired."""
_SPLIT = 0.03
_RUN_BETWEEN_STOPS = 52 * MINUTE
_FAILURE_SHARE = 0.025
_COUNT_EVERY = 60 * MINUTE
_PREVENTIVE_EVERY_DAYS = 21
_PREVENTIVE_LASTS = 2 * HOUR
_TARGET_COVER_DAYS = 15.0
_PROTOTYPE_DAY = 5
_PROTOTYPE_PIECES = 60
_QUEUE_LIMIT = 4
"""Orders waiting for the next machine at which the head of a line takes no new one."""
_SLACK = 30 * MINUTE
"""Added to the planned duration of an order for each step, and again for each step before it."""
_EXPECTED_EFFICIENCY = 0.68

# Faults of the data, as shares of the rows concerned.
_LOST = 0.001
_DUPLICATE = 0.0015
_OVERLAP = 0.001
_UNEXPLAINED = 0.03
_WRONG_COUNT = 0.006
_LATE_COUNT = 0.006
_UNSEEN_BREAK = 0.1
_WRONG_HEADER = 0.05


def write_masters(journal: Journal, at: int) -> None:
    """Resources and reasons, once."""
    numbers = {site.code: n for n, site in enumerate(SITES, 1)}
    numbers |= {code: 10 + n for n, code in enumerate(AREAS)}
    for site in SITES:
        journal.write(
            "resource",
            at,
            numbers[site.code],
            site.code,
            site.name,
            1,
            None,
            site.zone.name,
            None,
            None,
            None,
            site.werks,
        )
    for code, (name, site) in AREAS.items():
        journal.write(
            "resource",
            at,
            numbers[code],
            code,
            name,
            2,
            numbers[site.code],
            site.zone.name,
            None,
            None,
            None,
            None,
        )
    for line in LINES:
        zone = line.site.zone.name
        journal.write(
            "resource",
            at,
            line.res_id,
            line.code,
            line.name,
            3,
            numbers[line.area],
            zone,
            None,
            None,
            None,
            line.erp_code,
        )
        for machine in line.machines:
            rate = round(3600 / line.te[machine.step] * line.base)
            journal.write(
                "resource",
                at,
                machine.res_id,
                machine.code,
                machine.name,
                4,
                line.res_id,
                zone,
                rate,
                line.uom,
                9_500,
                machine.erp_code,
            )
    for reason, (text, group) in REASONS.items():
        journal.write("reason", at, reason, text, group)


class Shopfloor:
    """One day of all lines."""

    def __init__(self, journal: Journal, state: State, office: Office, today: Today) -> None:
        self.journal, self.state, self.office, self.today = journal, state, office, today
        self.story = today.story

    def work(self) -> None:
        """Simulate the day; orders that finish are handed to the office."""
        today = self.today.day
        tomorrow = today + timedelta(days=1)
        for line in LINES:
            for day in (today, tomorrow) if self.today.index == 0 else (tomorrow,):
                self._write_shifts(line, line.plan.of(day))
            for machine in self._turn(line):
                _MachineDay(self, line, machine).work()

    def _turn(self, line: Line) -> tuple[Machine, ...]:
        """Machines in the order in which they take orders today: along the flow, or in turn."""
        first = 0 if line.is_flow else self.today.index % len(line.machines)
        return line.machines[first:] + line.machines[:first]

    def _write_shifts(self, line: Line, shifts: list[Shift]) -> None:
        text = line.site.zone.text
        for shift in shifts:
            self.journal.write(
                "shift_cal",
                self.today.start,
                line.res_id,
                text(shift.start)[:19],
                text(shift.end)[:19],
                shift.code,
                shift.work_day.isoformat(),
                30,
            )

    def release(self, line: Line, machine: Machine, at: int, random: Random) -> Order | None:
        """The next order for the head of a line, or None while stocks are full."""
        state = self.state
        if line is ROTORS and self.today.index >= _PROTOTYPE_DAY and not state.numbers["trial"]:
            state.number("trial")
            order = self._order(PROTOTYPE, _PROTOTYPE_PIECES, at)
            self._announce([order], machine)
            return order
        if line.is_flow and len(self._queue_after_head(line)) >= _QUEUE_LIMIT:
            return None
        demand = daily_demand(line)

        def cover(code: str) -> float:
            return (state.stock[code] + state.coming[code] - state.backlog[code]) / demand

        item = min((i for i in ITEMS if i.line is line), key=lambda i: cover(i.code))
        if cover(item.code) > _TARGET_COVER_DAYS:
            return None
        lot = _LOT_HOURS * 3600 / max(line.te) * _EXPECTED_EFFICIENCY * random.uniform(0.7, 1.3)
        order = self._order(item, max(1, round(lot / 10)) * 10 * line.base, at)
        parts = [order]
        if not line.is_flow and random.random() < _SPLIT:
            parts.append(_split(order))
            state.machines[machine.code].queue.append(parts[1])
        state.coming[item.code] += order.total
        self.office.order_released(order, at)
        self._announce(parts, machine)
        return order

    def _queue_after_head(self, line: Line) -> list[Order]:
        return self.state.machines.setdefault(line.machines[1].code, MachineState()).queue

    def _order(self, item: Item, planned: int, at: int) -> Order:
        line = item.line
        number = self.state.number("order")
        steps = len(line.te)
        seconds = planned / line.base * sum(line.te) / _EXPECTED_EFFICIENCY
        return Order(
            number=f"W{400_000 + number}",
            erp_number=None if item is PROTOTYPE else str(7_000_000 + number),
            item=item.code,
            mes_item=item.mes_code,
            line=line.code,
            total=planned,
            planned=planned,
            input=_input(planned, line),
            released=at,
            due=line.plan.finish(at, round(seconds * SECOND) + steps**2 * _SLACK),
            ready=at,
        )

    def _announce(self, parts: list[Order], machine: Machine) -> None:
        """Write new orders with their operations; `machine` makes the first."""
        for part in parts:
            self.write_head(part, part.released, _RELEASED)
            line = _LINE[part.line]
            for owner in line.machines if line.is_flow else (machine,):
                self.write_step(part, owner)

    def write_head(self, order: Order, at: int, status: int, reported: int | None = None) -> None:
        """A version of a work order's header."""
        line = _LINE[order.line]
        text = line.site.zone.text
        self.journal.write(
            "wo_head",
            at,
            order.number,
            order.erp_number,
            line.res_id,
            order.mes_item,
            order.planned,
            reported,
            line.uom,
            status,
            text(order.released),
            text(order.released + 15 * MINUTE),
            text(order.due),
            None if order.started is None else text(order.started),
            text(at) if status == _FINISHED else None,
            order.split_from,
        )

    def write_step(
        self, order: Order, machine: Machine, start: int | None = None, end: int | None = None
    ) -> None:
        """A version of an operation; `act_min` is what the terminal rounded, not end - start."""
        line, step = _LINE[order.line], machine.step
        at = end or start or order.released
        text = line.site.zone.text
        planned = round(order.planned / line.base * line.te[step] / 60) + _SETUP_MINUTES
        actual = None if end is None or start is None else (end - start) // (5 * MINUTE) * 5
        self.journal.write(
            "wo_op",
            at,
            order.number,
            10 * (step + 1),
            machine.res_id,
            int(step == len(line.te) - 1),
            line.te[step] * SECOND,
            line.base,
            _SETUP_MINUTES,
            planned,
            actual,
            None if start is None else text(start),
            None if end is None else text(end),
        )


_LINE = {line.code: line for line in LINES}


def _split(order: Order) -> Order:
    """Cut two fifths of an order off as an order of its own."""
    line = _LINE[order.line]
    rest = order.planned * 2 // 5
    order.planned -= rest
    order.input, order.last_part = _input(order.planned, line), False
    return replace(
        order,
        number=f"{order.number}-01",
        planned=rest,
        input=_input(rest, line),
        last_part=True,
        split_from=order.number,
    )


def _input(planned: int, line: Line) -> int:
    """Pieces to start with, so that about the planned quantity comes out good."""
    return ceil(planned * (1 + line.scrap + _REWORK) ** len(line.te))


class _MachineDay:
    """One day of one machine: a loop that always does the next thing for as long as it lasts."""

    def __init__(self, floor: Shopfloor, line: Line, machine: Machine) -> None:
        self.floor, self.line, self.machine = floor, line, machine
        self.journal = floor.journal
        self.state = floor.state.machines.setdefault(machine.code, MachineState())
        self.random = rng(floor.today.seed, floor.today.day, machine.code)
        self.zone = line.site.zone
        self.step = machine.step
        self.first_day = floor.today.first_day
        self.te_ms = line.te[self.step] * SECOND / line.base
        self.kwh: dict[int, float] = {}

    def work(self) -> None:
        floor = self.floor
        for window in self.line.plan.windows(floor.today.start, floor.today.end):
            if window.shift is None or window.shift.work_day < self.first_day:
                self._spend(window.start, window.end, OFF)
            elif window.kind is Kind.BREAK:
                self._pause(window)
            else:
                self._shift(window)
        last = self.state.open
        if last and last.start >= floor.today.start and not last.lost:
            self._row(last, last.start)
        self._energy()

    def _pause(self, window: Window) -> None:
        shift = window.shift
        unseen = shift and rng(self.floor.today.seed, self.machine.code, shift.start)
        if unseen and unseen.random() < _UNSEEN_BREAK and self.state.order:
            self._spend(window.start, window.end, RUN)
        else:
            self._spend(window.start, window.end, BREAK, "BRK")

    def _shift(self, window: Window) -> None:
        now = window.start
        if window.shift and window.shift.code == "E" and now == window.shift.start:
            now = self._preventive(now)
        while now < window.end:
            now = self._next(now, window.end)

    def _preventive(self, now: int) -> int:
        if (self.floor.today.index + self.machine.res_id) % _PREVENTIVE_EVERY_DAYS:
            return now
        end = now + _PREVENTIVE_LASTS
        self._spend(now, end, PREVENTIVE, "PMW")
        self._job("W", now - DAY, now, end)
        return end

    def _next(self, now: int, limit: int) -> int:
        state = self.state
        if state.order is None and not self._begin(now):
            later = [o.ready for o in state.queue if o.ready > now]
            end = min(limit, *later, now + 30 * MINUTE)
            self._spend(now, end, IDLE, "NOO")
        elif state.setup_left:
            end = min(limit, now + state.setup_left)
            state.setup_left -= end - now
            self._spend(now, end, SETUP, "SET")
        elif state.stop_left:
            end = min(limit, now + state.stop_left)
            state.stop_left -= end - now
            self._spend(now, end, state.stop_code, state.stop_reason)
        else:
            end = self._run(now, limit)
        return end

    def _begin(self, now: int) -> bool:
        """Take the next order that is ready; a head of line asks the planner for one."""
        state = self.state
        order = next((o for o in state.queue if o.ready <= now), None)
        if order:
            state.queue.remove(order)
        elif self.step == 0:
            order = self.floor.release(self.line, self.machine, now, self.random)
        if order is None:
            return False
        state.order = order
        same = state.last_item == order.item
        spread = self.random.uniform(0.6, 1.6)
        state.setup_left = 0 if same else round(_SETUP_MINUTES * MINUTE * spread)
        state.last_item = order.item
        state.cycle = self.te_ms / self.random.uniform(0.90, 0.985)
        state.run = state.counted = state.good = 0
        state.scrap_carry = self.random.random()
        state.op_start = now
        self._plan_run()
        state.count_left = self._count_interval()
        if self.step == 0:
            order.started = now
            self.floor.write_head(order, now, _STARTED)
            self._take_material(order, now)
            if order.erp_number:
                self.floor.office.order_started(order, now)
        self.floor.write_step(order, self.machine, now)
        return True

    def _take_material(self, order: Order, now: int) -> None:
        for raw, quantity in BILLS[self.line.code]:
            item = RAW[raw]
            lot = f"L{item.mes_code}-{self.floor.today.day:%y%W}"
            self.journal.write(
                "mat_use",
                now,
                self.floor.state.number("use"),
                self.machine.res_id,
                order.number,
                item.mes_code,
                "G" if item.base > 1 else "ST",
                order.input * quantity // 1000,
                lot,
                self.zone.text(now),
            )

    def _plan_run(self) -> None:
        mean = _RUN_BETWEEN_STOPS / self.floor.story.stop_rate(self.line) / self.floor.today.scale
        self.state.run_left = 1 + int(self.random.expovariate(1 / mean))

    def _count_interval(self) -> int:
        return 1 + int(_COUNT_EVERY / self.floor.today.scale * self.random.uniform(0.8, 1.2))

    def _run(self, now: int, limit: int) -> int:
        state = self.state
        order = state.order
        if order is None:
            raise ValueError("a machine runs without an order")
        need = max(1, ceil(order.input * state.cycle) - state.run)
        length = min(limit - now, state.run_left, state.count_left, need)
        end = now + length
        state.run += length
        state.run_left -= length
        state.count_left -= length
        self._spend(now, end, RUN)
        if length == need:
            self._count(order, end, order.input - state.counted)
            self._finish(order, end)
        elif not state.count_left:
            self._count(order, end, int(state.run / state.cycle) - state.counted)
            state.count_left = self._count_interval()
        if not state.run_left and state.order:
            self._stop(end)
        return end

    def _stop(self, now: int) -> None:
        state, random, story = self.state, self.random, self.floor.story
        length = story.stop_length(self.line)
        if random.random() < _FAILURE_SHARE / self.floor.today.scale:
            state.stop_code, state.stop_reason = FAILURE, random.choice(("MEC", "MEC", "ELE"))
            state.stop_left = round(random.lognormvariate(3.9, 0.5) * length * MINUTE)
            begun = now + round(state.stop_left * random.uniform(0.1, 0.4))
            self._job("R", now, begun, now + state.stop_left)
        else:
            tools = 0.25 + (0.5 * story.wear if self.line is ROTORS else 0.0)
            reason = "TOL" if random.random() < tools else random.choice(("JAM", "MAT", "ADJ"))
            state.stop_code, state.stop_reason = MINOR, reason
            state.stop_left = 1 + round(
                random.expovariate(1 / 5) * length * MINUTE / self.floor.today.scale
            )
        self._plan_run()

    def _job(self, kind: str, requested: int, start: int, end: int) -> None:
        text = self.zone.text
        cost = round((end - start) / HOUR * 9_000) + self.random.randrange(2_000, 60_000)
        number = self.floor.state.number("job")
        values = (number, self.machine.res_id, kind, text(requested), text(start))
        self.journal.write("mnt_job", start, *values, None, None)
        self.journal.write("mnt_job", end, *values, text(end), cost)

    def _count(self, order: Order, now: int, total: int) -> None:
        if total <= 0:
            return
        state, random = self.state, self.random
        rate = self.floor.story.scrap(self.line)
        state.scrap_carry += total * rate * random.uniform(0.3, 1.7) / self.line.base
        scrap = min(total, int(state.scrap_carry) * self.line.base)
        state.scrap_carry -= scrap // self.line.base
        mended = int(total / self.line.base * _REWORK * 2 * random.random() + random.random())
        rework = min(total - scrap, mended * self.line.base)
        good = total - scrap - rework
        state.counted += total
        state.good += good
        at = now + random.randrange(6 * HOUR, 30 * HOUR) if random.random() < _LATE_COUNT else now
        if random.random() < _WRONG_COUNT:
            wrong = self._tick(order, now, now, (good + good // 10 + 1, scrap, rework), None)
            seen = now + random.randrange(20 * MINUTE, 3 * HOUR)
            self._tick(order, seen, seen, (-good - good // 10 - 1, -scrap, -rework), wrong)
            self._tick(order, seen, seen, (good, scrap, rework), None)
        else:
            self._tick(order, now, at, (good, scrap, rework), None)
        if state.counted == order.input or random.random() < 0.25 / self.floor.today.scale:
            self._inspect(order, now, total, rate)

    def _tick(
        self,
        order: Order,
        now: int,
        at: int,
        quantities: tuple[int, int, int],
        reverses: int | None,
    ) -> int:
        number = self.floor.state.number("tick")
        reason = self.random.choice(("DIM", "SUR", "FNC")) if quantities[1] else None
        self.journal.write(
            "qty_tick",
            at,
            number,
            self.machine.res_id,
            order.number,
            10 * (self.step + 1),
            order.mes_item,
            self.line.uom,
            self.zone.text(now),
            self.zone.offset(now),
            *quantities,
            reason,
            reverses,
        )
        return number

    def _inspect(self, order: Order, now: int, total: int, rate: float) -> None:
        random, base = self.random, self.line.base
        sample = min(40, max(1, total // base))
        bad = sum(random.random() < rate for _ in range(sample))
        mend = sum(random.random() < _REPAIRED for _ in range(sample - bad))
        verdict = "NOK" if bad > sample // 10 else "RW" if mend else "OK"
        nominal = 12_000 + 1_000 * self.step
        self.journal.write(
            "qc_lot",
            now,
            self.floor.state.number("lot"),
            self.machine.res_id,
            order.number,
            10 * (self.step + 1),
            order.mes_item,
            self.line.uom,
            self.zone.text(now),
            verdict,
            sample * base,
            bad * base,
            mend * base,
            f"F{self.step + 1}",
            nominal + round(random.gauss(0, 14 + 200 * rate)),
            nominal - 60,
            nominal + 60,
        )

    def _finish(self, order: Order, now: int) -> None:
        state, floor = self.state, self.floor
        floor.write_step(order, self.machine, state.op_start, now)
        state.order = None
        if self.line.is_flow and self.machine is not self.line.machines[-1]:
            following = self.line.machines[self.step + 1].code
            order.step, order.ready, order.input = self.step + 1, now + 10 * MINUTE, state.good
            if order.input:
                floor.state.machines.setdefault(following, MachineState()).queue.append(order)
            return
        # The header sometimes claims the planned quantity, whatever was counted.
        reported = order.planned if self.random.random() < _WRONG_HEADER else state.good
        floor.write_head(order, now, _FINISHED, reported)
        if order.erp_number:
            floor.office.order_finished(order, state.good, now)

    def _spend(self, start: int, end: int, code: int, reason: str | None = None) -> None:
        """Do one thing from start to end: log it, and use energy."""
        power = self.line.kilowatts * _POWER.get(code, _STANDBY)
        first, hour = start, start // HOUR
        while (limit := (hour + 1) * HOUR) < end:
            self.kwh[hour] = self.kwh.get(hour, 0.0) + power * (limit - first) / HOUR
            first, hour = limit, hour + 1
        self.kwh[hour] = self.kwh.get(hour, 0.0) + power * (end - first) / HOUR
        order = self.state.order
        number = order.number if order and code != OFF else None
        last_one = self.state.open
        reading = self.zone.reading(start)
        if last_one:
            if (last_one.code, last_one.reason, last_one.order) == (code, reason, number):
                return
            self._close(last_one, start, reading)
        self.state.open = Interval(
            self.floor.state.number("log"),
            start,
            reading,
            code,
            reason,
            number,
            code != OFF and self.random.random() < _LOST,
        )

    def _close(self, interval: Interval, end: int, reading: tuple[str, int]) -> None:
        """Write an interval that ended, at `end` with this reading, and what goes wrong with it."""
        random = self.random
        if interval.lost:
            return
        unexplained = interval.code == MINOR and random.random() < _UNEXPLAINED
        explained = interval.reason
        if unexplained:
            interval.reason = "UNK"
        if end < self.journal.until:
            self._row(interval, end, reading)
        elif interval.start >= self.floor.today.start:
            self._row(interval, interval.start)
        if unexplained:
            interval.reason = explained
            self._row(interval, end + random.randrange(4 * HOUR, 40 * HOUR), reading)
        if random.random() < _DUPLICATE:
            again = replace(interval, log_id=self.floor.state.number("log"))
            self._row(again, end + 3 * MINUTE, reading)
        if (
            interval.code == RUN
            and end - interval.start > 10 * MINUTE
            and random.random() < _OVERLAP
        ):
            begin = interval.start + (end - interval.start) // 3
            by_hand = replace(
                interval,
                log_id=self.floor.state.number("log"),
                start=begin,
                reading=self.zone.reading(begin),
                code=MINOR,
                reason="ADJ",
            )
            self._row(by_hand, end + MINUTE, self.zone.reading(begin + 5 * MINUTE))

    def _row(self, interval: Interval, at: int, end: tuple[str, int] | None = None) -> None:
        """A version of a state; `end` is the local reading, None while the state lasts."""
        last, last_offset = end or (None, None)
        self.journal.write(
            "mc_log",
            at,
            interval.log_id,
            self.machine.res_id,
            interval.code,
            interval.reason,
            interval.order,
            *interval.reading,
            last,
            last_offset,
        )

    def _energy(self) -> None:
        for hour, kwh in self.kwh.items():
            begin = hour * HOUR
            self.journal.write(
                "mes_energy",
                begin + HOUR,
                f"EM-{self.machine.code}",
                utc_text(begin),
                self.machine.code,
                f"{kwh:.3f}",
            )
