"""What is published of an example besides its value: score, status, what it is compared with.

Does not belong here: the examples themselves.
"""

SUBJECT = {
    "kpi_value": "kpi_id",
    "deviation": "kpi_id",
    "objective_score": "objective_id",
    "perspective_score": "perspective_id",
}
"""Table, and its column with what is judged."""


def called(cases):
    """Names of cases that begin with their subject, node and period."""
    return ["-".join((subject, node, *period)) for subject, node, period, *_ in cases]


def judged(published, table, case, columns):
    """What a table says of the subject of a case at its node in its period, which is one row."""
    subject, node, (kind, start, *end), *_ = case
    (found,) = published.rows(
        f"select {columns} from {table} where {SUBJECT[table]} = ? and node_id = ? "
        "and period_type = ? and period_start = ? and period_end = coalesce(?::date, period_end)",
        *(subject, node, kind, start, end[0] if end else None),
    )
    return found


def compared(published, node, *period):
    """Net sales of a period, of the one before and of that of a year ago, by the calendar."""
    return published.rows(
        """
        with sales as (from kpi_value where kpi_id = 'net_sales' and node_id = ?)
        select now.value, before.value, ago.value
        from dim_period as period
        left join sales as now using (period_type, period_start, period_end)
        left join sales as before on (before.period_type, before.period_start, before.period_end)
            = (period.previous_type, period.previous_start, period.previous_end)
        left join sales as ago on (ago.period_type, ago.period_start, ago.period_end)
            = (period.year_ago_type, period.year_ago_start, period.year_ago_end)
        where period.period_type = ? and period.period_start = ? and period.period_end = ?
        """,
        *(node, *period),
    )


def on_the_scorecard(published, node, *period):
    """The same as the scorecard has it, which is nothing but of months, quarters and years."""
    return published.rows(
        "select value, previous_value, year_ago_value from scorecard where kpi_id = 'net_sales' "
        "and node_id = ? and period_type = ? and period_start = ? and period_end = ?",
        *(node, *period),
    )
