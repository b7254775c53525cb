"""Which KPIs `scorecard source check` says that the mapped tables and columns enable."""

import pytest

from models.config import Config, Enterprise, Source
from orchestration import source_check
from orchestration.source_check import check_kpis, check_source

COUNTS = """
with mapped as (
    select
        s.id as count_id,{rework}
        s.made as qty_total
    from {{{{ landed('plant', 'output') }}}} as s{where}
)
{{{{ canonical_rows('mes_production_count') }}}}
"""
CASES = """
-- s.kind as kind is not what we want
with sold as (select s.id, s.kind as kind from sales as s),
mapped as (
    select
        s.id as case_id,
        {kind} as kind,
        {reason} as reason_class
    from sold as s
)
select {{{{ canonical_columns('erp_return_complaint') }}}} from mapped
"""
HEADER = "count_id,equipment_code,item_code,counted_at,qty_total,is_final_op"
SALES = ("erp_sales_order_line", "erp_delivery_line")


@pytest.fixture
def kpis(tmp_path, monkeypatch):
    """What is said of each KPI, given staging models and files of a feed."""
    monkeypatch.setattr(source_check, "PROJECT", tmp_path)
    feed = tmp_path / "feed"
    feed.mkdir()

    def check(models, files=None):
        for table, sql in models.items():
            model = tmp_path / f"models/staging/plant/stg_plant__{table}.sql"
            model.parent.mkdir(parents=True, exist_ok=True)
            model.write_text(sql)
        for table, header in (files or {}).items():
            (feed / f"{table}.csv").write_text(header + "\n")
        config = Config(
            enterprise=Enterprise(code="E", name="E", time_zone="UTC", currency="EUR"),
            sources=(
                Source(name="plant", system="plant", url_env="PLANT_URL"),
                Source(name="feed", system="files", path=feed),
            ),
            home=tmp_path,
        )
        return {found.name: found.detail for found in check_kpis(config)}

    return check


ENABLED = "enabled by what is mapped"


@pytest.mark.parametrize(
    ("rework", "enables"),
    [
        ("", False),
        ("\n        null as qty_rework,", False),
        ("\n        cast(null as decimal(18,6)) as qty_rework,", False),
        ("\n        -- s.mended as qty_rework,", False),
        ("\n        s.mended as qty_rework,", True),
        ("\n        coalesce(s.mended, null) as qty_rework,", True),
        ("\n        s.qty_rework,", True),
        ("\n        s.*,", True),
        ("\n        null as qty_rework, s.a union all select s.b as qty_rework,", True),
    ],
)
def test_a_needed_column_must_be_mapped(kpis, rework, enables):
    said = kpis({"mes_production_count": COUNTS.format(rework=rework, where="")})
    assert said["scrap_ratio"] == ENABLED
    assert said["rework_ratio"] == (
        ENABLED if enables else "no data: needs mes_production_count with qty_rework"
    )


def test_a_required_column_that_is_not_given_is_named(kpis, monkeypatch):
    monkeypatch.setattr(source_check, "probe", lambda _: iter(()))
    kpis({"mes_production_count": COUNTS.format(rework="", where="")})
    source = Source(name="plant", system="plant", url_env="PLANT_URL")
    config = Config(
        enterprise=Enterprise(code="E", name="E", time_zone="UTC", currency="EUR"),
        sources=(source,),
        home="var",
    )
    [found] = [f for f in check_source(source, config) if f.name == "mes_production_count"]
    assert (found.state, found.detail) == (
        "failed",
        "gives no is_final_op, item_code, counted_at, qty_good, qty_scrap, which is required",
    )


def test_a_stub_enables_nothing(kpis):
    where = "\n    where {{ not_mapped_yet() }}"
    said = kpis({"mes_production_count": COUNTS.format(rework="", where=where)})
    assert said["scrap_ratio"] == said["rework_ratio"] == "no data: needs mes_production_count"


@pytest.mark.parametrize(
    ("kind", "reason", "lacks"),
    [
        ("'complaint'", "s.why", None),
        ("s.kind", "s.why", None),
        ("s.kind", "null", "erp_return_complaint with reason_class"),
        ("'return'", "s.why", "erp_return_complaint with kind complaint"),
        ("case s.k when 1 then 'complaint' else 'return' end", "s.why", None),
    ],
)
def test_needed_values_must_be_given(kpis, kind, reason, lacks):
    said = kpis(
        dict.fromkeys(SALES, "with mapped as (select s.* from sold as s)")
        | {"erp_return_complaint": CASES.format(kind=kind, reason=reason)}
    )
    assert said["orders_undamaged"] == (f"no data: needs {lacks}" if lacks else ENABLED)


@pytest.mark.parametrize(
    ("more", "said"),
    [("", "no data: needs mes_production_count with qty_rework"), (",qty_rework", ENABLED)],
)
def test_a_file_must_have_the_needed_column(kpis, more, said):
    assert kpis({}, {"mes_production_count": HEADER + more})["rework_ratio"] == said


def test_a_column_that_any_source_maps_enables(kpis):
    said = kpis(
        {"mes_production_count": COUNTS.format(rework="", where="")},
        {"mes_production_count": HEADER + ",qty_rework"},
    )
    assert said["rework_ratio"] == ENABLED
