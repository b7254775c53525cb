"""Which known code an unknown one may mean."""

import pytest

from orchestration.unmapped import SURE, Unmapped, likeness, most_alike, pasted

KNOWN = [("WC-DRILL-1", "Drill one"), ("WC-DRILL-2", "Drill two"), ("WC-MILL-2", "Mill")]


@pytest.mark.parametrize(
    ("one", "other", "at_least", "below"),
    [
        ("wc drill 2", "WC-DRILL-2", 1, 1.01),
        ("WC0007", "wc-7", 1, 1.01),
        ("DRILL-2", "WC-DRILL-2", SURE, 1),
        ("DRILL-1", "WC-DRILL-2", 0, SURE),  # another machine, though spelled much alike
        ("ABC", "XYZ", 0, 0.01),
        ("", "", 0, 0.01),
    ],
)
def test_likeness(one, other, at_least, below):
    assert at_least <= likeness(one, other) < below
    assert likeness(one, other) == likeness(other, one)


def test_codes_are_compared_with_names_as_well():
    assert most_alike("drill_two", KNOWN)[0][0] == "WC-DRILL-2"
    assert most_alike("4711", KNOWN) == ()


def test_only_what_is_much_alike_is_filled_in():
    found = [
        Unmapped("mes", entity, code, 1, None, None, "", most_alike(code, KNOWN))
        for entity, code in (
            ("mes_equipment", "DRILL 2"),
            ("mes_equipment", "4711"),
            ("currency", "USD"),
        )
    ]
    assert pasted(found) == [
        ("mes_equipment", "mes", "DRILL 2", "WC-DRILL-2", "", ""),
        ("mes_equipment", "mes", "4711", "", "", ""),
    ]
    assert found[2].suggestion == "add it to erp_exchange_rate"
