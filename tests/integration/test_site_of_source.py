"""A system that knows no sites belongs, with all that it knows, to the site that it is given."""

import duckdb
import pytest
from test_star import build, write

from models.config import Config, Enterprise, Source

MASTER = {
    "erp_item": """
        item_code,name,type,base_uom
        A,Part,finished,pcs
    """,
    "erp_party": """
        party_code,name,is_customer,is_supplier
        C,Customer,true,false
    """,
}
GROUP = MASTER | {
    "mes_equipment": """
        equipment_code,name,level,parent_code,time_zone
        NORTH,North,site,,Europe/Oslo
        SOUTH,South,site,,Europe/Rome
    """,
    "erp_gl_entry": """
        entry_line_id,entry_id,posting_date,account_code,account_class,debit,credit,cost_center_code
        9,9,2026-03-02,4000,revenue,0,5,
    """,
}
OLD_MES = {
    "mes_equipment": """
        equipment_code,name,level,parent_code,time_zone
        AREA,Hall,area,,
        LINE,Line,line,AREA,
        PRESS,Press,machine,LINE,
        STRAY,Press of the other plant,machine,SOUTH,
        OWN,A site of its own,site,,Europe/Athens
    """,
    "hr_employee": """
        emp_no,site_code,fte
        1,,1
        2,SOUTH,1
    """,
    "erp_cost_center": """
        cost_center_code,name,equipment_code
        ROME,Plant in Rome,SOUTH
    """,
    "erp_gl_entry": """
        entry_line_id,entry_id,posting_date,account_code,account_class,debit,credit,cost_center_code
        1,1,2026-03-02,4000,revenue,0,100,
        2,1,2026-03-02,4000,revenue,0,20,ROME
        3,1,2026-03-02,1200,receivable,120,0,
    """,
    "erp_budget": """
        account_code,account_class,period_start,cost_center_code,version,amount
        4000,revenue,2026-03-01,,1,310
        4000,revenue,2026-03-01,ROME,1,31
    """,
    "erp_quality_cost": """
        quality_cost_id,posted_on,category,amount
        1,2026-03-02,prevention,7
    """,
    "erp_sales_order_line": """
        order_no,line_no,site_code,customer_code,item_code,qty,net_amount,ordered_at,status
        1,1,,C,A,1,1,2026-03-02 08:00:00,confirmed
    """,
}

FACTS = ("event_day", "dim_date", "fct_gl", "fct_budget_day", "fct_quality_cost")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    home = tmp_path_factory.mktemp("sites")
    write(home / "group", GROUP)
    write(home / "old_mes", OLD_MES)
    config = Config(
        enterprise=Enterprise(
            code="E", name="Enterprise", time_zone="Europe/Berlin", currency="EUR"
        ),
        sources=(
            Source(name="group", system="files", path=home / "group"),
            Source(name="old_mes", system="files", path=home / "old_mes", site="NORTH"),
        ),
        home=home,
    )
    path = home / "warehouse.duckdb"
    build(config, path, "base", "canonical", "dim_organization", "clock", "clock_date", *FACTS)
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


def test_topmost_nodes_hang_below_the_site(warehouse):
    nodes = warehouse.execute(
        "select node_id, parent_id, site_id, time_zone from dim_organization order by 1"
    ).fetchall()
    assert nodes == [
        ("AREA", "NORTH", "NORTH", "Europe/Oslo"),
        ("E", None, None, "Europe/Berlin"),
        ("LINE", "AREA", "NORTH", "Europe/Oslo"),
        ("NORTH", "E", "NORTH", "Europe/Oslo"),
        ("OWN", "E", "OWN", "Europe/Athens"),
        ("PRESS", "LINE", "NORTH", "Europe/Oslo"),
        ("SOUTH", "E", "SOUTH", "Europe/Rome"),
        ("STRAY", "SOUTH", "SOUTH", "Europe/Rome"),
    ]


def test_documents_and_people_without_site_belong_there(warehouse):
    assert warehouse.execute("select emp_no, site_code from hr_employee order by 1").fetchall() == [
        ("1", "NORTH"),
        ("2", "SOUTH"),
    ]
    assert warehouse.execute("select site_code from erp_sales_order_line").fetchall() == [
        ("NORTH",)
    ]


def test_postings_and_budgets_without_cost_centre_belong_there(warehouse):
    """A cost centre's node comes first; a source without a site posts for the enterprise.

    The calendar begins on 2 March, so 30 of the 31 days that the budgets are spread over count.
    """
    assert warehouse.execute(
        "select source_system, node_id, account_class, sum(balance) from fct_gl group by all "
        "order by all"
    ).fetchall() == [
        ("group", "E", "revenue", -5),
        ("old_mes", "NORTH", "receivable", 120),
        ("old_mes", "NORTH", "revenue", -100),
        ("old_mes", "SOUTH", "revenue", -20),
    ]
    assert warehouse.execute(
        "select node_id, sum(amount) from fct_budget_day group by all order by all"
    ).fetchall() == [("NORTH", 300), ("SOUTH", 30)]
    assert warehouse.execute("select node_id, amount from fct_quality_cost").fetchall() == [
        ("NORTH", 7)
    ]
