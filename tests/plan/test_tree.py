"""Plans as lines: every kind of node is told, in the order of its steps; what changed between two plans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import headrace
from headrace.plan import Distinct, Relation, Union, rebuild
from headrace.plan import tree as tree_of_plans
from headrace.plan.changes import changes
from headrace.plan.tree import plan_lines

DOCUMENT: dict[str, Any] = {
    "headrace": 1,
    "sources": {
        "customers": {"rows": [{"id": 1, "country": "FR"}, {"id": 2, "country": "DE"}], "keys": [["id"]]},
        "sales": {"rows": [{"customer_id": 1, "amount": 10, "day": day} for day in (3, 4)]},
    },
    "nodes": {
        "rich": {
            "from": "sales",
            "steps": [
                {"derive": {"net": "amount / 1.25"}},
                {"filter": "net > 5 and day in (1, 2, 3)"},
                {"join": {"with": "customers", "by": {"customer_id": "id"}, "kind": "left"}},
                {"aggregate": {"by": ["country"], "measures": {"total": "sum(net where day > 1)"}}},
                {"sort": ["total desc"]},
                {"limit": 3},
            ],
        },
        "twice": {"from": "rich", "steps": [{"union": "rich"}, {"distinct": "all"}]},
    },
}


def lines(node: str) -> list[str]:
    plan = headrace.compile(DOCUMENT, rules=()).nodes[node].rewritten
    assert plan is not None
    return list(map(str, plan_lines(plan)))


def test_a_plan_reads_like_its_steps() -> None:
    assert lines("rich") == [
        "from sales (2 rows)",
        "derive_1: net = amount / 1.25",
        "filter_2: net > 5 and day in (1, 2, 3)",
        "join_3: left on customer_id = id, adds country",
        "  - from customers (2 rows), key id",
        "aggregate_4: by country: total = sum(net where day > 1)",
        "limit_6: 3 by total descending, country",
    ]


def test_what_is_read_twice_is_told_once() -> None:
    told = lines("twice")
    assert told[0] == "union_1: 2 relations"
    assert told[1] == "  - from sales (2 rows)"
    assert told[-4:] == [
        "    select union_1: country, total",
        "  - rich, as above",
        "    select union_1: country, total",
        "distinct_2",
    ]


def test_what_relations_lead_to_is_written_as_a_path() -> None:
    document = {
        **DOCUMENT,
        "sources": {
            "customers": DOCUMENT["sources"]["customers"],
            "sales": {
                "rows": [{"customer_id": 1, "amount": 10}],
                "relations": {"customer": {"with": "customers", "by": {"customer_id": "id"}}},
            },
        },
        "nodes": {"french": {"from": "sales", "steps": [{"filter": 'customer.country = "FR"'}]}},
    }
    plan = headrace.compile(document, rules=()).nodes["french"].rewritten
    assert plan is not None
    assert 'filter_1: customer.country = "FR"' in list(map(str, plan_lines(plan)))


def test_a_plan_of_a_thousand_steps_is_told_without_recursion() -> None:
    plan = headrace.compile(DOCUMENT).nodes["rich"].plan
    assert plan is not None
    for _ in range(3000):
        plan = Distinct(plan, step="again")
    assert len(plan_lines(plan)) == 3007


def test_every_kind_of_node_is_told() -> None:
    """The words for a node that is not known are the name of its class: a new one is to be added to the printer."""
    text = Path(tree_of_plans.__file__).read_text("utf-8")
    assert [kind.__name__ for kind in kinds(Relation) if not re.search(rf"(case|\|) {kind.__name__}\(\)", text)] == []


def kinds(base: type[Relation]) -> Iterator[type[Relation]]:
    for kind in base.__subclasses__():
        if kind.__module__.startswith("headrace.plan") and not kind.__subclasses__() and kind.__name__ != "Leaf":
            yield kind
        yield from kinds(kind)


def test_a_change_shows_what_changed_and_the_key_that_is_the_reason() -> None:
    scan = headrace.compile(DOCUMENT).nodes["rich"].plan
    assert scan is not None
    plan = Union((Distinct(scan, step="once"), scan), scan.schema, step="both")
    (change,) = changes(plan, rebuild(plan, lambda node: node.input if isinstance(node, Distinct) else node))
    assert [line.text for line in change.before if line.changed] == ["distinct once"]
    assert not any(line.changed for line in change.after)
    assert change.before[0].text.endswith("[key country]")


def test_equal_plans_have_no_changes() -> None:
    plan = headrace.compile(DOCUMENT).nodes["twice"].plan
    assert plan is not None
    assert changes(plan, plan) == ()
