from hypothesis import given
from hypothesis import strategies as st

from orchestration.warehouse import selection

PATHS = (
    "base",
    "star.dim",
    "star.fct_1",
    "star.fct_2",
    "kpi.sums.day",
    "kpi.sums.month",
    "kpi.now",
)
MODELS = {f"model.p.{path}": ["p", *path.split(".")] for path in PATHS}
NODES = {
    name: {"resource_type": kind, "fqn": fqn}
    for kind, nodes in (("model", MODELS), ("test", {"test.p.t": ["p", "star", "t"]}))
    for name, fqn in nodes.items()
}


@given(nodes=st.sets(st.sampled_from(sorted(MODELS))))
def test_exactly_the_named_models_are_selected(nodes):
    folders = [
        selector.removeprefix("fqn:").split(".") for selector in selection({"nodes": NODES}, nodes)
    ]
    assert {
        model
        for model, fqn in MODELS.items()
        if any(fqn[: len(folder)] == folder for folder in folders)
    } == nodes


def test_a_folder_is_named_where_all_of_it_is_meant():
    nodes = MODELS.keys() - {"model.p.star.dim"}
    assert selection({"nodes": NODES}, nodes) == [
        *("fqn:p.base", "fqn:p.kpi", "fqn:p.star.fct_1", "fqn:p.star.fct_2")
    ]
