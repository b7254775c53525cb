"""Reconciliation rules: what must agree between MES and ERP, headers and lines, stock and moves.

The rules bear the names R1 to R20 of `docs/audit.md`, which says for each what it compares and how
it can be mended. A rule whose data a plant does not have is "not applicable". Tolerances stand in
`scorecard.yml`.

Rules that are no check here: R11 (late postings) and R12 (deletions) are kept by extraction and its
reconciliation, R20 (counts and totals) by the checks of the landing.

Does not belong here: running anything (`expectations.suites`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.check import Check, FewRows
from expectations.results import Category, Severity
from models.contract import canonical_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.config import Config, Tolerance


def rules(config: Config) -> Iterator[Check]:
    """All rules, in the order of their names."""
    tolerance = config.tolerance
    yield from _orders(tolerance)
    yield from _documents(tolerance)
    yield from _codes_and_units(tolerance)
    yield from _time(tolerance)
    yield from _splits(tolerance)
    yield from _stock(tolerance)


def _rule(
    check_id: str,
    description: str,
    rule: FewRows,
    *,
    column: str | None = None,
    severity: Severity = Severity.WARNING,
) -> Check:
    return Check(
        id=check_id,
        description=description,
        category=Category.RECONCILIATION,
        table=check_id.partition("__")[0],
        column=column,
        severity=severity,
        rule=rule,
    )


def _allowed(tolerance: Tolerance, quantity: str) -> str:
    """Largest difference of two quantities of one order, as in R1."""
    return f"greatest({tolerance.order_qty_units}, {tolerance.order_qty_share} * abs({quantity}))"


def _orders(tolerance: Tolerance) -> Iterator[Check]:
    """R1 to R3: production orders in MES and ERP."""
    yield _rule(
        "order_reconciliation__matched",
        "R1: good quantity in the MES equals goods received in the ERP per order, within tolerance "
        "and after the grace period",
        FewRows(
            violations="select source_system, source_pk from {batch} "
            "where not is_in_grace and not is_matched",
            population="select 1 from {batch} where not is_in_grace",
            share=tolerance.order_mismatch_share,
        ),
        severity=Severity.BLOCKING,
    )
    posted = "exists (select 1 from erp_goods_movement where type = 'SCRAP' and not is_deleted)"
    yield _rule(
        "order_reconciliation__scrap_matched",
        "R2: scrap in the MES equals scrap posted in the ERP per order, where the ERP posts scrap",
        FewRows(
            violations="select source_system, source_pk from {batch} "
            f"where not is_in_grace and {posted} and abs(qty_mes_scrap - qty_erp_scrap) > "
            + _allowed(tolerance, "qty_erp_scrap"),
            population=f"select 1 from {{batch}} where not is_in_grace and {posted}",
            share=tolerance.order_mismatch_share,
        ),
    )
    yield _rule(
        "mes_production_count__adds_up",
        "R2: total is good plus scrap plus rework in every count",
        FewRows(
            violations="""
                select source_system, source_pk from {batch}
                where qty_total <> qty_good + coalesce(qty_scrap, 0) + coalesce(qty_rework, 0)""",
        ),
    )
    operations = """
        with operation as (
            select source_system, order_no, op_seq, bool_or(is_final_op) as is_final,
                sum(qty_total) as total, sum(qty_good) as good, min(source_pk) as source_pk
            from {batch}
            where order_no is not null and op_seq is not null and not is_deleted
            group by source_system, order_no, op_seq
        ),
        passed_on as (
            select final.*, min(earlier.good) as received
            from operation as final
            inner join operation as earlier
                on earlier.source_system = final.source_system
                and earlier.order_no = final.order_no
                and earlier.op_seq < final.op_seq and not earlier.is_final
            where final.is_final
            group by all
        )"""
    yield _rule(
        "mes_production_count__scrap_once",
        "R2: the last operation does not count again what earlier ones scrapped: it makes no more "
        "than they passed on",
        FewRows(
            violations=f"""{operations}
                select source_system, source_pk from passed_on
                where total > received + {_allowed(tolerance, "received")}""",
            population=f"{operations} select 1 from passed_on",
            share=tolerance.order_mismatch_share,
        ),
    )
    counted = """
        with counted as (
            select source_system, order_no, sum(qty_good) as qty from mes_production_count
            where is_final_op and not is_deleted group by source_system, order_no
        )"""
    stated = "select * from {batch} where not is_deleted and qty_reported is not null"
    yield _rule(
        "mes_work_order__header_agrees",
        "R3: the quantity in an order's header is the sum of its counts, within the tolerance of "
        "R1",
        FewRows(
            violations=f"""{counted}
                select source_system, source_pk
                from ({stated}) as stated inner join counted using (source_system, order_no)
                where abs(qty_reported - qty) > {_allowed(tolerance, "qty_reported")}""",
            population=f"""{counted}
                select 1 from ({stated}) as stated
                inner join counted using (source_system, order_no)""",
            share=tolerance.order_mismatch_share,
        ),
        column="qty_reported",
    )
    yield _rule(
        "mes_work_order__header_counted",
        "R3: an order whose header claims output has counts",
        FewRows(
            violations=f"""{counted}
                select source_system, source_pk
                from ({stated}) as stated anti join counted using (source_system, order_no)
                where qty_reported <> 0""",
            population=f"select 1 from ({stated}) as stated where qty_reported <> 0",
            share=tolerance.order_mismatch_share,
        ),
        column="qty_reported",
    )


def _documents(tolerance: Tolerance) -> Iterator[Check]:
    """R4, R5 and R19: what documents say of themselves and of each other."""
    lines = """
        with line as (
            select source_system, order_no, sum(net_amount) as amount from erp_sales_order_line
            where not is_deleted group by source_system, order_no
        )"""
    yield _rule(
        "erp_sales_order__lines_agree",
        "R4: the value in the header of a sales order is the sum of its lines, to a cent",
        FewRows(
            violations=f"""{lines}
                select source_system, source_pk
                from (select * from {{batch}} where not is_deleted) as stated
                left join line using (source_system, order_no)
                where abs(net_amount - coalesce(amount, 0)) > 0.01""",
            population="select 1 from {batch} where not is_deleted",
        ),
        column="net_amount",
    )
    # What is left of an entry of which a line was refused says nothing; `unmapped_code` lists it.
    whole_entries = """(
        select * from {batch}
        where not is_deleted and (source_system, entry_id) not in (
            select (source_system, document_no) from unmapped_code
            where canonical_table = 'erp_gl_entry'
        )
    ) as whole"""
    yield _rule(
        "erp_gl_entry__balances",
        "R5: debits equal credits in every journal entry and period (to a cent per line)",
        FewRows(
            # Conversion to the enterprise's currency rounds each line, hence a cent per line.
            violations=f"""
                select source_system, min(source_pk) as source_pk from {whole_entries}
                group by source_system, entry_id, date_trunc('month', posting_date)
                having abs(sum(debit) - sum(credit)) > 0.01 * count(*)""",
            population=f"""
                select distinct source_system, entry_id, date_trunc('month', posting_date)
                from {whole_entries}""",
        ),
        severity=Severity.BLOCKING,
    )
    shipped = """
        with shipped as (
            select source_system, order_no, order_line_no as line_no, item_code,
                sum(case when is_return then -qty else qty end) as net,
                sum(case when is_return then 0 else qty end) as gross,
            from erp_delivery_line where not is_deleted group by all
        )"""
    yield _rule(
        "erp_sales_order_line__not_overdelivered",
        "R19: no more is shipped than ordered, within tolerance",
        FewRows(
            violations=f"""{shipped}
                select source_system, source_pk
                from (select * from {{batch}} where not is_deleted) as ordered
                inner join (
                    select source_system, order_no, line_no, sum(net) as net
                    from shipped group by all
                ) using (source_system, order_no, line_no)
                where net > qty * (1 + {tolerance.delivery_share})""",
            population=f"""{shipped}
                select 1 from (select * from {{batch}} where not is_deleted) as ordered
                inner join (select distinct source_system, order_no, line_no from shipped)
                    using (source_system, order_no, line_no)""",
        ),
        column="qty",
    )
    invoiced = f"""{shipped},
        invoiced as (
            select source_system, order_no, item_code, min(source_pk) as source_pk,
                sum(case when type = 'credit' then -qty else qty end) as qty
            from {{batch}}
            where not is_deleted and order_no is not null and qty is not null
                and item_code in (select item_code from shipped)
            group by source_system, order_no, item_code
        )"""
    yield _rule(
        "erp_invoice_line__shipped",
        "R19: of goods, no more is invoiced than was shipped",
        FewRows(
            violations=f"""{invoiced}
                select source_system, source_pk from invoiced
                left join (
                    select source_system, order_no, item_code, sum(gross) as gross
                    from shipped group by all
                ) using (source_system, order_no, item_code)
                where qty > coalesce(gross, 0) + 0.001""",
            population=f"{invoiced} select 1 from invoiced",
        ),
        column="qty",
    )


def _codes_and_units(tolerance: Tolerance) -> Iterator[Check]:
    """R6, R7 and R13: codes, units and keys mean one thing."""
    yield _rule(
        "xref_code__one_meaning",
        "R6: no code is mapped to two codes at one time",
        FewRows(
            violations="""
                with mapping as (
                    select *, coalesce(valid_from, date '0001-01-01') as first_day
                    from {batch} where not is_deleted
                )
                -- a mapping without end holds until the next one of the code begins
                select distinct one.source_system, one.source_pk
                from mapping as one inner join mapping as other
                    on other.entity = one.entity and other.source_code = one.source_code
                    and coalesce(other.for_source, '') = coalesce(one.for_source, '')
                    and other.conformed_code <> one.conformed_code
                where one.first_day = other.first_day
                    or (one.first_day < other.first_day and one.valid_to > other.first_day)
                    or (other.first_day < one.first_day and other.valid_to > one.first_day)""",
            population="select 1 from {batch} where not is_deleted",
        ),
        severity=Severity.BLOCKING,
    )
    yield _rule(
        "shared_code__one_thing",
        "R6: a code that two sources use is the same kind of thing, in the same unit, in both",
        FewRows(
            violations="select source_system, source_pk from {batch} where is_contradiction",
        ),
        severity=Severity.BLOCKING,
    )
    yield _rule(
        "shared_code__one_name",
        "R6: a code that two sources use has the same name in both, or was mapped by hand",
        FewRows(
            violations="select source_system, source_pk from {batch} where is_other_name",
        ),
    )
    yield _rule(
        "duplicate_row__same",
        "R13: rows of one natural key say the same; of others the one changed last holds",
        FewRows(violations="select source_system, source_pk from {batch} where not is_same"),
        column="is_same",
    )
    converted = """
        select quantity.* from (select * from {batch} where not is_deleted) as quantity
        inner join erp_item as item on item.item_code = quantity.item_code
        where quantity.booked_uom is distinct from item.base_uom"""
    yield _rule(
        "erp_base_quantity__converted",
        "R7: a quantity booked in another unit, converted, is what the source states in the base "
        "unit",
        FewRows(
            violations=f"""
                select source_system, source_pk from ({converted}) as converted
                where abs(qty - qty_stated)
                    > greatest(0.01, {tolerance.order_qty_share} * abs(qty_stated))""",
            population=f"select 1 from ({converted}) as converted",
        ),
        column="qty",
        severity=Severity.BLOCKING,
    )


def _time(tolerance: Tolerance) -> Iterator[Check]:
    """R8 to R10 and R16: what clocks say."""
    stops = """
        with line as (
            select closure.descendant_id as node_id, closure.ancestor_id as line_id
            from organization_closure as closure
            inner join dim_organization as node on node.node_id = closure.ancestor_id
            where node.node_level = 'line'
        ),
        stop as (
            select state.source_system, state.source_pk, state.start_ts, state.end_ts,
                coalesce(line.line_id, state.equipment_code) as line_id
            from (select * from {batch}) as state
            left join line on line.node_id = state.equipment_code
            where not state.is_deleted and state.reason_code is not null
                and state.state in ('STOP', 'SETUP', 'PLANNED') and state.end_ts > state.start_ts
        ),
        numbered as (
            select *, max(end_ts) over (
                partition by source_system, line_id order by start_ts, source_pk
                rows between unbounded preceding and 1 preceding
            ) as covered_until
            from stop
        ),
        island as (
            select *, count(*) filter (where covered_until is null or covered_until <= start_ts)
                over (partition by source_system, line_id order by start_ts, source_pk) as island_no
            from numbered
        )"""
    yield _rule(
        "mes_equipment_state__stops_apart",
        "R8: recorded stops of a line and its machines do not overlap (each overlapping pair is "
        "counted; the star counts their time once)",
        FewRows(
            violations=f"""{stops}
                select later.source_system, later.source_pk
                from island as later inner join island as earlier
                    on earlier.source_system = later.source_system
                    and earlier.line_id = later.line_id and earlier.island_no = later.island_no
                    and (earlier.start_ts, earlier.source_pk) < (later.start_ts, later.source_pk)
                    and earlier.end_ts > later.start_ts""",
            population=f"{stops} select 1 from stop",
        ),
    )
    yield _rule(
        "fct_state_time__no_overlap",
        "R8: a machine is in one state at a time",
        FewRows(
            violations="""
                select source_system, source_pk from (
                    select source_system, source_pk, start_ts, end_ts,
                        lead(start_ts) over (partition by node_id order by start_ts, end_ts) as next
                    from {batch} where end_ts > start_ts
                ) where next < end_ts""",
            population="select 1 from {batch} where end_ts > start_ts",
        ),
        severity=Severity.BLOCKING,
    )
    scheduled = "select * from {batch} where is_scheduled and end_ts > start_ts"
    yield _rule(
        "fct_state_time__no_silence",
        f"R8: no machine is silent for more than {tolerance.silence_minutes:g} minutes of a shift",
        FewRows(
            violations=f"""
                select source_system, source_pk from ({scheduled}) as piece
                where state = 'NODATA' and duration_s > 60 * {tolerance.silence_minutes}""",
            population=f"select 1 from ({scheduled}) as piece",
            share=tolerance.silence_share,
        ),
    )
    yield _rule(
        "fct_state_time__until_as_of",
        "R8: the last open state ends when the data ends",
        FewRows(
            violations="""
                select source_system, source_pk from {batch}
                where end_ts > (select as_of from clock)""",
        ),
        severity=Severity.BLOCKING,
    )
    yield _rule(
        "mes_stated_duration__agrees",
        "R9: a stored duration is end minus start",
        FewRows(
            violations=f"""
                select source_system, source_pk from {{batch}}
                where not is_deleted and end_ts is not null and minutes_stated is not null
                    and abs(minutes_stated - (epoch_us(end_ts) - epoch_us(start_ts)) / 6e7)
                        > {tolerance.stated_minutes}""",
            population="select 1 from {batch} where not is_deleted",
        ),
        column="minutes_stated",
    )
    shifts = """
        select shift.*, node.time_zone from (select * from {batch} where not is_deleted) as shift
        inner join dim_organization as node on node.node_id = shift.equipment_code"""
    yield _rule(
        "mes_shift__production_date",
        "R10: a shift is booked to the local date of its start, and is no longer than a day",
        FewRows(
            violations=f"""
                select source_system, source_pk from ({shifts}) as shift
                where end_ts <= start_ts or end_ts > start_ts + interval 25 hour
                    or production_date <> cast(
                        timezone(time_zone, timezone('UTC', start_ts)) as date)""",
            population=f"select 1 from ({shifts}) as shift",
        ),
        column="production_date",
    )
    yield _rule(
        "mes_calendar_exception__whole",
        "R10: an exception of the calendar names both start and end and then its shift, or neither",
        FewRows(
            violations="""
                select source_system, source_pk from {batch}
                where (start_time is null) <> (end_time is null)
                    or (start_time is not null and shift_code is null)""",
        ),
        column="start_time",
        severity=Severity.BLOCKING,
    )
    # A row left out for two times is one row.
    out_of_time = """
        select distinct canonical_table, source_system, source_pk from {batch}
        where reason in ('future', 'before_go_live')"""
    stamped = " union all ".join(
        f"select 1 from {table.name} where not is_deleted and {column} is not null"
        for table in canonical_tables().values()
        for column in table.columns
        if table.columns[column].stamped
    )
    yield _rule(
        "unmapped_code__clock",
        "R10: no event lies in the future or before the go-live of its source; what does is left "
        "out",
        FewRows(
            violations=f"select source_system, source_pk from ({out_of_time})",
            population=f"{stamped} union all select 1 from ({out_of_time})",
        ),
    )
    ended = """
        select operation.source_system, operation.source_pk, operation.finished_at,
            work_order.finished_at as order_finished_at
        from (select * from {batch} where not is_deleted) as operation
        inner join mes_work_order as work_order using (source_system, order_no)
        where operation.finished_at is not null and work_order.finished_at is not null"""
    yield _rule(
        "mes_operation__within_order",
        "R16: no operation ends after its order",
        FewRows(
            violations=f"""
                select source_system, source_pk from ({ended}) as ended
                where finished_at > order_finished_at + interval 1 minute""",
            population=f"select 1 from ({ended}) as ended",
        ),
        column="finished_at",
    )
    hours = """
        with confirmed as (
            select source_system, order_no, sum(act_time_min) as minutes,
                min(source_pk) as source_pk
            from {batch} where not is_deleted and act_time_min is not null group by all
        ),
        seen as (
            select source_system, order_no, sum(duration_s) / 60 as minutes from fct_state_time
            where order_no is not null and state in ('RUN', 'SETUP', 'STOP') group by all
        ),
        both_known as (
            select confirmed.*, seen.minutes as seen_minutes
            from confirmed inner join seen using (source_system, order_no)
        )"""
    yield _rule(
        "mes_operation__hours_agree",
        "R16: the hours that an order's operations state are those of its machines",
        FewRows(
            violations=f"""{hours}
                select source_system, source_pk from both_known
                where abs(minutes - seen_minutes)
                    > greatest(1, {tolerance.hours_share} * seen_minutes)""",
            population=f"{hours} select 1 from both_known",
            share=tolerance.order_mismatch_share,
        ),
        column="act_time_min",
    )


def _splits(tolerance: Tolerance) -> Iterator[Check]:
    """R14 and R15: orders in parts."""
    planned = """
        with family as (
            select source_system, root_order_no,
                sum(case when status <> 'cancelled' then qty_planned else 0 end) as planned,
                min(source_pk) as source_pk
            from {batch} group by source_system, root_order_no
        ),
        erp as (
            select *, count(*) over (partition by erp_order_no) as holders
            from erp_production_order where not is_deleted
        ),
        ordered as (
            select member.source_system, member.root_order_no,
                sum(case when erp.status <> 'cancelled' then erp.qty else 0 end) as ordered
            from (
                select distinct source_system, root_order_no, erp_order_no from {batch}
            ) as member
            inner join erp
                on erp.erp_order_no = member.erp_order_no
                and (erp.holders = 1 or erp.source_system = member.source_system)
            group by all
        )"""
    yield _rule(
        "production_order__split_agrees",
        "R14: the parts of a split order add up to the quantity that the ERP ordered",
        FewRows(
            violations=f"""{planned}
                select source_system, source_pk from family
                inner join ordered using (source_system, root_order_no)
                where abs(planned - ordered) > {_allowed(tolerance, "ordered")}""",
            population=f"{planned} select 1 from family "
            "inner join ordered using (source_system, root_order_no)",
            share=tolerance.order_mismatch_share,
        ),
        column="qty_planned",
    )
    yield _rule(
        "fct_production_order__not_overproduced",
        "R15: partial confirmations add up to no more than planned, within tolerance",
        FewRows(
            violations=f"""
                select source_system, source_pk from {{batch}}
                where qty_good > qty_planned * (1 + {tolerance.delivery_share})""",
            population="select 1 from {batch} where qty_good > 0",
            share=tolerance.order_mismatch_share,
        ),
        column="qty_good",
    )
    yield _rule(
        "fct_production_order__not_closed_short",
        "R15: a finished order delivered what was planned, within tolerance",
        FewRows(
            violations=f"""
                select source_system, source_pk from {{batch}}
                where finished_date is not null
                    and qty_good < qty_planned * (1 - {tolerance.delivery_share})""",
            population="select 1 from {batch} where finished_date is not null",
            share=tolerance.order_mismatch_share,
        ),
        column="qty_good",
    )


def _stock(tolerance: Tolerance) -> Iterator[Check]:
    """R17 and R18: stock and its movements."""
    balances = """
        with balance as (
            select *, lead(as_of_date) over (
                partition by source_system, item_code, location_code order by as_of_date
            ) as next_date
            from {batch} where not is_deleted
        ),
        span as (
            select source_system, item_code, max(first_day) as first_day, max(last_day) as last_day
            from (
                select source_system, item_code, location_code, min(as_of_date) as first_day,
                    max(as_of_date) as last_day
                from balance group by all
            )
            where source_system in (select source_system from erp_goods_movement)
            group by all having max(first_day) < max(last_day)
        ),
        held as (
            select span.source_system, span.item_code, span.first_day, span.last_day,
                max(source_pk) filter (where as_of_date = last_day) as source_pk,
                sum(qty) filter (where as_of_date <= first_day
                    and (next_date is null or next_date > first_day)) as opening,
                sum(qty) filter (where next_date is null) as closing
            from span inner join balance using (source_system, item_code)
            group by all
        ),
        moved as (
            select held.source_system, held.item_code, sum(movement.qty) as qty
            from held inner join erp_goods_movement as movement
                on movement.source_system = held.source_system
                and movement.item_code = held.item_code
                and movement.posting_date > held.first_day
                and movement.posting_date <= held.last_day
                and movement.type <> 'TRANSFER' and not movement.is_deleted
            group by all
        )"""
    yield _rule(
        "erp_inventory_balance__moved",
        "R17: opening stock and movements give the closing stock of each item, over all locations",
        FewRows(
            violations=f"""{balances}
                select source_system, source_pk
                from held left join moved using (source_system, item_code)
                where abs(opening + coalesce(moved.qty, 0) - closing) > 0.005""",
            population=f"{balances} select 1 from held",
            share=tolerance.order_mismatch_share,
        ),
        column="qty",
    )
    receipts = """
        with receipt as (
            select movement.source_system, movement.order_no, movement.item_code,
                sum(movement.qty) as qty
            from erp_goods_movement as movement
            left join erp_goods_movement as reversed
                on reversed.source_system = movement.source_system
                and reversed.movement_id = movement.reversal_of
            where not movement.is_deleted and coalesce(reversed.type, movement.type) = 'GR_PO'
            group by all
        ),
        line as (
            select source_system, po_no as order_no, item_code, sum(qty_received) as received,
                min(source_pk) as source_pk
            from {batch}
            where not is_deleted and item_code in (select item_code from receipt)
            group by all
        )"""
    yield _rule(
        "erp_purchase_order_line__received",
        "R18: what a purchase order says was received is what was posted as goods receipt",
        FewRows(
            violations=f"""{receipts}
                select source_system, source_pk
                from line left join receipt using (source_system, order_no, item_code)
                where abs(received - coalesce(qty, 0))
                    > greatest(0.001, {tolerance.order_qty_share} * received)""",
            population=f"{receipts} select 1 from line",
            share=tolerance.order_mismatch_share,
        ),
        column="qty_received",
    )
