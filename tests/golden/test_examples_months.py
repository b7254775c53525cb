"""Examples of the shop floor, orders, money and people in months and a fiscal year from April.

One site for each example, several time zones and currencies; today is 20 May 2026, noon. Then rows
are corrected, deleted and come late, as the examples called `corrected_` have them: the same
version must come of the increment and of a build from nothing, with the values of the new rows.
"""

import shutil

import example_business
import example_shop_floor
import pytest
from example_plant import (
    APR,
    FEB,
    MAR,
    QUARTER,
    Plant,
    about,
    compute,
    day,
    due,
    first_of_everything,
    names,
    share,
)

CONFIG = """
enterprise: {code: E, name: Months, time_zone: UTC, currency: EUR, as_of: 2026-05-20T12:00:00,
  fiscal_year_start_month: 4}
"""


def corrected_sales(plant, pick):
    """An amount mended, an invoice deleted, one of another day; promises and shipments, too."""
    plant.site("XI")
    plant.invoice("2026-03-05", "XI", pick(100, 150))
    if not plant.mended:
        with plant.aside():
            plant.invoice("2026-03-06", "XI", 1000, "K9")
    plant.invoice(pick("2026-03-31", "2026-04-01"), "XI", 7)
    plant.expect("XI", MAR, net_sales=pick(1107, 150))
    plant.expect("XI", QUARTER, net_sales=pick(1107, 150))
    plant.expect("XI", APR, net_sales=pick(None, 7), customer_retention=100)
    plant.site("XO")
    shipped = ("2026-03-09", 10)
    plant.sale("XO", due("2026-03-09", *pick((), (shipped,))))
    plant.sale("XO", due("2026-03-09", shipped))
    plant.sale("XO", due("2026-03-09", status=pick("confirmed", "cancelled")))
    moved = {"promised_date": pick("2026-03-09", "2026-04-05")}
    plant.sale("XO", due("2026-03-09", ("2026-04-02", 10), **moved))
    plant.expect("XO", MAR, otif=pick(25, 100), on_time_delivery=pick(25, share(2, 3)))
    plant.expect("XO", APR, otif=pick(None, 100))
    # A complaint in May about an order of March.
    plant.site("XC")
    order = plant.sale("XC", due("2026-03-09", shipped))
    if plant.mended:
        with plant.aside():
            plant.complaint(order, "2026-05-05", "damage")
    plant.expect("XC", MAR, complaint_rate=pick(0, 1000), perfect_order=pick(100, 0))


def corrected_floor(plant, pick):
    """A machine in another line, counts reversed, a zone and a shift that nobody had given."""
    plant.site("XP", lines=2, machines=1)
    plant.node("XP-M", "machine", pick("XP-L1", "XP-L2"))
    plant.count("XP-M", "2026-03-05 10:00", 100, pick(90, 80))
    wrong = plant.count("XP-L1M1", "2026-03-05 10:00", 100, 50)
    if plant.mended:
        with plant.aside():
            plant.count("XP-L1M1", "2026-03-05 11:00", -100, -50, reversal_of=wrong)
            plant.count("XP-L1M1", "2026-03-05 11:00", 100, 60)
    run = ("RUN", "06:00", pick("10:00", "07:00"))
    plant.states("XP-M", "2026-03-05", run, ("STOP", "10:00", "11:00"))
    plant.expect("XP-L1", MAR, quality_ratio=pick(70, 60), availability=pick(80, None))
    plant.expect("XP-L2", MAR, quality_ratio=pick(None, 80), availability=pick(None, 50))
    plant.expect("XP", MAR, quality_ratio=70)
    plant.site("XZ", lines=1, machines=1, zone=pick("", "Asia/Tokyo"))
    plant.count("XZ-L1M1", "2026-03-31 20:00", 10, 4)
    plant.expect("XZ", MAR, quality_ratio=pick(40, None))
    plant.expect("XZ", APR, quality_ratio=pick(None, 40))
    plant.site("XB", lines=1, machines=1)
    status = pick("released", "cancelled")
    plant.order("XB1", "XB-L1", 10, due_at="2026-03-05 12:00", status=status)
    plant.order("XB2", "XB-L1", 10, due_at="2026-03-05 12:00")
    plant.count("XB-L1M1", "2026-03-05 10:00", 5, 5, order_no="XB2", op_seq=10)
    plant.expect("XB-L1", MAR, schedule_attainment=pick(25, 50))
    plant.states("XB-L1M1", "", ("RUN", "2026-03-04 22:00", "2026-03-05 02:00"))
    plant.states("XB-L1M1", "2026-03-05", ("STOP", "02:00", "06:00"))
    if plant.mended:
        with plant.aside():
            plant.shift("XB-L1M1", "2026-03-04 22:00", "2026-03-05 06:00", "N")
    plant.expect("XB-L1M1", day("2026-03-04"), availability=pick(100, 50))
    plant.expect("XB-L1M1", day("2026-03-05"), availability=pick(share(2, 6), None))


def corrected_parts(plant, pick):
    """A box of six, not twelve; a failure reported in March, not April; a value measured late."""
    plant.item("XCAN", launched_on=pick("2010-01-01", "2024-01-01"))
    columns = "item_code from_uom to_uom factor"
    plant.rows("erp_uom_conversion", columns, ("XCAN", "BOX", "PCE", pick(12, 6)))
    plant.site("XU", lines=1, machines=1)
    plant.count("XU-L1M1", "2026-03-05 10:00", 1, 1, item_code="XCAN", uom="BOX")
    plant.count("XU-L1M1", "2026-03-05 10:00", 12, 0, item_code="XCAN")
    plant.expect("XU", MAR, quality_ratio=pick(share(12, 24), share(6, 18)))
    plant.invoice("2026-03-06", "XU", 10, item_code="XCAN")
    plant.expect("XU", MAR, vitality_index=pick(0, 100))
    plant.site("XF", lines=1, machines=1)
    plant.states("XF-L1M1", "2026-03-05", ("RUN", "06:00", "16:00"))
    reported = pick("2026-04-01 02:00", "2026-03-31 20:00")
    plant.maintenance("XF-L1M1", "corrective", reported, pick(1, 12))
    plant.expect("XF-L1M1", MAR, mtbf=pick(None, 10))
    plant.site("XM", lines=1, machines=1)
    plant.measured("XM-L1M1", "2026-03-02", 10)
    plant.measured("XM-L1M1", "2026-03-04", 12)
    if plant.mended:
        with plant.aside():
            plant.measured("XM-L1M1", "2026-03-03", 16)
    spread = pick(2, (6 + 4) / 2)
    plant.expect("XM-L1M1", MAR, cp=15 / (6 * spread / 1.128))


def corrected_books(plant, pick):
    """Late postings, a cost centre of another site, a budget that is doubled, who has left."""
    plant.site("XG")
    plant.site("XH")
    plant.cost_center("XCC", pick("XG", "XH"))
    plant.post("2026-02-10", "XCC", revenue=-100)
    plant.post("2026-02-11", "XCC", cogs=pick(60, 40))
    if plant.mended:
        with plant.aside():
            plant.post("2026-02-12", "XCC", revenue=-100)
    plant.expect("XG", FEB, gross_margin=pick(40, None))
    plant.expect("XH", FEB, gross_margin=pick(None, 80))
    plant.stock("2026-02-01", "XG", 1, pick(500, 700))
    plant.stock("2026-02-11", "XG", 0, 0)
    plant.expect("XG", FEB, inventory_value=10 * pick(500, 700) / 28)
    plant.site("XV")
    plant.budget("XV", "2026-03-01", pick(310, 620), "2")
    plant.post("2026-03-10", "XV", revenue=-310)
    plant.expect("XV", MAR, revenue_attainment=pick(100, 50))
    plant.site("XE")
    plant.employee("XE1", "XE", left=pick("", "2026-03-11"))
    plant.employee("XE2", "XE")
    plant.expect("XE", MAR, voluntary_turnover=pick(0, share(365, 31 + 10)))
    plant.worked("XE", "2026-03-05", pick(1000, 2000))
    plant.incidents("XE", "2026-03-05", pick("lost_time", "first_aid"))
    if not plant.mended:
        with plant.aside():
            plant.incidents("XE", "2026-03-05", "fatality")
    plant.expect("XE", MAR, trir=pick(200_000 * 2 / 1000, 0))


def build(*, mended):
    """The plant before and after its corrections; the latter also mend the rate of the yen."""

    def pick(before, after):
        return after if mended else before

    plant = Plant(mended=mended)
    first_of_everything(plant)
    for example in (*example_shop_floor.EXAMPLES, *example_business.EXAMPLES):
        example(plant)
    for example in (corrected_sales, corrected_floor, corrected_parts, corrected_books):
        example(plant, pick)
    example_business.expect_of_all(plant)
    return plant


BEFORE, AFTER = build(mended=False), build(mended=True)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return compute(BEFORE, CONFIG, tmp_path_factory.mktemp("months"))


@pytest.fixture(scope="module")
def corrected(published):
    """The version after an increment: only what has changed is computed."""
    folder = published.folder.parents[2]
    shutil.rmtree(folder / "feed")
    version = compute(AFTER, CONFIG, folder)
    assert version != published
    return version


@pytest.mark.parametrize("case", BEFORE.expected, ids=names(BEFORE.expected))
def test_example(published, case):
    kpi, node, period, expected = case
    assert published.value(kpi, node, *period) == about(expected)


MISSING = {
    "energy_per_good_unit": "mes_energy",
    "production_loss_ratio": "mes_material_consumption",
    "actual_to_planned_scrap_ratio": "mes_scrap_plan",
}


@pytest.mark.parametrize("kpi", MISSING)
@pytest.mark.parametrize("node", ["E", "OE"])
def test_what_has_no_data_names_the_table_that_is_missing(published, kpi, node):
    """No row of these tables is in the feed."""
    (row,) = published.rows(
        "select * from scorecard where kpi_id = ? and node_id = ? "
        "and period_type = 'month' and period_start = '2026-03-01'",
        *(kpi, node),
    )
    assert "no_data" in row
    assert any(MISSING[kpi] in str(value) for value in row)


@pytest.mark.parametrize(
    ("period_type", "period_start", "values"),
    [
        ("month_to_date", "2026-05-01", (100, 40, 30)),
        ("month", "2026-05-01", (100, 40, 30)),
        ("quarter_to_date", "2026-04-01", (1140, 10, 30)),
        ("month", "2026-04-01", (1040, None, None)),
    ],
)
def test_a_period_that_goes_on_is_compared_up_to_the_same_day(
    published, period_type, period_start, values
):
    """Of site TD: the value, that of the period before and that of a year ago."""
    assert published.rows(
        "select value, previous_value, year_ago_value from scorecard where kpi_id = 'net_sales' "
        "and node_id = 'TD' and period_type = ? and period_start = ?",
        *(period_type, period_start),
    ) == [values]


def test_an_amount_without_a_rate_makes_a_value_incomplete(published):
    """The francs of NR are the one line, of all that the feed has, that nobody can convert."""
    lines = len(BEFORE.tables["erp_invoice_line"])
    ((completeness,),) = published.rows(
        "select completeness from kpi_value where kpi_id = 'net_sales' and node_id = 'NR' "
        "and period_type = 'month'"
    )
    assert completeness == pytest.approx((lines - 1) / lines, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("case", AFTER.expected, ids=names(AFTER.expected))
def test_example_after_corrections(corrected, case):
    kpi, node, period, expected = case
    assert corrected.value(kpi, node, *period) == about(expected)


@pytest.mark.slow
def test_an_increment_makes_the_version_that_a_build_from_nothing_makes(
    corrected, tmp_path_factory
):
    fresh = compute(AFTER, CONFIG, tmp_path_factory.mktemp("fresh"))
    columns = (
        "kpi_id, node_id, period_type, period_start, period_end, shift_code, value, numerator, "
        "denominator, completeness, status, score"
    )
    one, other = (
        set(version.rows(f"select {columns} from kpi_value")) for version in (corrected, fresh)
    )
    assert one == other
