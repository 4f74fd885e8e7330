"""The tables of docs/expansions.md say what is; and the strategies serve what they are there for."""

from __future__ import annotations

import pytest

from headrace.models.steps import STEPS as MODELS
from tests.expansions.support import PAGE, PREDICATES, STEPS, STRATEGIES, chosen, with_tables


def test_the_page_has_the_tables_as_they_are() -> None:
    page = PAGE.read_text("utf-8")
    assert with_tables(page) == page, "run: python -m tests.expansions.support"


def test_every_step_is_there() -> None:
    assert {name.partition(",")[0].split()[0] for name in STEPS} >= {key for key in MODELS if key != "python"}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", STEPS)
def test_union_and_lateral_serve_every_step_and_join_all_but_sql(name: str, strategy: str) -> None:
    found = chosen(STEPS[name], strategy)
    if strategy in ("union", "lateral") or (strategy == "join" and name != "sql"):
        assert found == strategy


@pytest.mark.parametrize("predicate", [each for each in PREDICATES if PREDICATES[each] != "no bound"])
@pytest.mark.parametrize(
    "measure",
    [
        *("sum(n)", "count()", "avg(x)", "min(d)", "max(g)", "bool_and(b)", "bool_or(b)", "var_samp(x)"),
        *("stddev_pop(n)", "count(distinct k)", "sum(n) / count(distinct k)"),
    ],
)
@pytest.mark.parametrize("by", [[], ["g"], ["g", "k"]])
def test_sweep_serves_every_bound_and_aggregate(predicate: str, measure: str, by: list[str]) -> None:
    aggregate = {"aggregate": {**({"by": by} if by else {}), "measures": {"m": measure}}}
    below = {"join": {"with": "u", "by": "k", "columns": ["w"]}}
    above = {"derive": {"more": "m is null"}}
    assert chosen([aggregate], None, predicate) == "sweep"
    assert chosen([below, aggregate, above], None, predicate) == "sweep"
