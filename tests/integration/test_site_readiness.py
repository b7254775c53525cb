"""A site has no data for what its own sources do not record, whatever others do."""

import duckdb
import pytest
from test_site_of_source import MASTER
from test_star import build, write

from models.config import Config, Enterprise, Source

GROUP = MASTER | {
    "mes_equipment": """
        equipment_code,name,level,parent_code,time_zone
        NORTH,North,site,,Europe/Oslo
        SOUTH,South,site,,Europe/Rome
        WEST,West,site,,Europe/Paris
    """,
    "mes_energy": """
        meter,equipment_code,start_ts,kwh
        1,NORTH,2026-03-02 08:00:00,10
    """,
    "ehs_incident": """
        incident_id,site_code,occurred_on,severity
        1,NORTH,2026-03-03,medical_treatment
    """,
}
SALES = {
    "erp_sales_order_line": """
        order_no,line_no,customer_code,item_code,qty,net_amount,ordered_at,promised_date,status
        1,1,C,A,1,1,2026-03-02 08:00:00,2026-03-03,confirmed
        2,1,C,A,1,1,2026-03-02 08:00:00,2026-03-04,confirmed
    """,
    "erp_delivery_line": """
        delivery_no,line_no,order_no,order_line_no,item_code,qty,shipped_at,shipped_date,is_return
        1,1,1,1,A,1,2026-03-03 08:00:00,2026-03-03,false
        2,1,2,1,A,1,2026-03-04 08:00:00,2026-03-04,false
    """,
}
COMPLAINTS = {
    "erp_return_complaint": """
        case_id,kind,customer_code,order_no,item_code,opened_at,qty
        1,complaint,C,1,A,2026-03-05 08:00:00,1
    """
}
OUTPUT = {
    "mes_production_count": """
        count_id,is_final_op,equipment_code,item_code,counted_at,qty_total,qty_good,qty_scrap
        1,true,{site},A,2026-03-02 08:30:00,5,5,0
    """
}
HOURS = {
    "hr_employee": """
        emp_no,site_code,fte
        1,NORTH,1
        2,SOUTH,1
        3,WEST,1
    """,
    "hr_work_time": """
        work_time_id,emp_no,work_date,hours_worked
        1,1,2026-03-02,8
        2,2,2026-03-02,8
        3,3,2026-03-02,8
    """,
}


def output(site):
    return {table: text.format(site=site) for table, text in OUTPUT.items()}


SOURCES = {
    "group": (GROUP, None),
    "erp_north": (SALES | COMPLAINTS | output("NORTH"), "NORTH"),
    "erp_south": (SALES | output("SOUTH"), "SOUTH"),
    "people": (HOURS, None),
}
KPIS = ("complaint_rate", "energy_per_good_unit", "trir", "otif")


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    home = tmp_path_factory.mktemp("company")
    for name, (tables, _) in SOURCES.items():
        write(home / name, tables)
    config = Config(
        enterprise=Enterprise(
            code="E",
            name="Enterprise",
            time_zone="Europe/Berlin",
            currency="EUR",
            as_of="2026-03-31 12:00:00",
        ),
        sources=tuple(
            Source(name=name, system="files", path=home / name, site=site)
            for name, (_, site) in SOURCES.items()
        ),
        home=home,
    )
    path = home / "warehouse.duckdb"
    build(config, path, "+scorecard")
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


def values(con, kpi):
    """Node -> value and completeness of March."""
    return {
        node: (value, completeness)
        for node, value, completeness in con.execute(
            "select node_id, value, completeness from kpi_value "
            "where kpi_id = ? and period_type = 'month'",
            [kpi],
        ).fetchall()
    }


def reasons(con, kpi):
    """Node -> why there is no value of March."""
    return dict(
        con.execute(
            "select node_id, no_data_reason from scorecard where kpi_id = ? "
            "and period_type = 'month' and value is null",
            [kpi],
        ).fetchall()
    )


def test_a_site_without_complaints_of_its_own_has_no_rate(company):
    """South delivers, and records no complaints; west does neither and is no gap."""
    assert values(company, "complaint_rate") == {"NORTH": (500, 1), "E": (500, 0.5)}
    assert reasons(company, "complaint_rate") == {
        "SOUTH": "no rows in erp_return_complaint with kind complaint",
        "WEST": "no rows in erp_delivery_line, erp_return_complaint with kind complaint",
    }
    assert values(company, "otif") == {"NORTH": (100, 1), "SOUTH": (100, 1), "E": (100, 1)}


def test_a_row_of_what_goes_on_speaks_for_its_site_only(company):
    """The group's file of meters has rows of north alone, so nothing is known of south."""
    assert values(company, "energy_per_good_unit") == {"NORTH": (2, 1), "E": (2, 0.5)}
    assert reasons(company, "energy_per_good_unit")["SOUTH"] == "no rows in mes_energy"


def test_a_log_of_events_speaks_for_all_sites_of_its_source(company):
    """The group, whose sites are all three, reports an accident in north and none elsewhere."""
    assert values(company, "trir") == {
        "NORTH": (25000, 1),
        "SOUTH": (0, 1),
        "WEST": (0, 1),
        "E": (pytest.approx(200000 / 24), 1),
    }


def test_a_source_speaks_for_the_sites_that_it_names(company):
    reach = {}
    for source, node in company.execute(
        "select source_system, node_id from source_reach"
    ).fetchall():
        reach.setdefault(source, set()).add(node)
    assert reach == {
        "group": {"E", "NORTH", "SOUTH", "WEST"},
        "people": {"E", "NORTH", "SOUTH", "WEST"},
        "erp_north": {"E", "NORTH"},
        "erp_south": {"E", "SOUTH"},
    }


@pytest.mark.parametrize("kpi", KPIS)
def test_what_a_site_does_not_record_counts_nowhere_else(company, kpi):
    """The enterprise is the sum over the sites that have a value."""
    enterprise, sites = (
        company.execute(
            "select sum(numerator), sum(denominator) from kpi_value where kpi_id = ? "
            "and period_type = 'month' and node_level = ?",
            [kpi, level],
        ).fetchall()
        for level in ("enterprise", "site")
    )
    assert enterprise == sites
