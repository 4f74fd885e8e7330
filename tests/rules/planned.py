"""The plan of a node after some of the rules, as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import headrace
from headrace.plan.tree import plan_lines

SALE = {"id": 1, "customer": 7, "country": "FR", "code": "12", "price": 2.5, "cost": 1.5}
SOURCES = {
    "sales": {"rows": [SALE], "keys": [["id"]]},
    "customers": {"rows": [{"customer": 7, "name": "Ann"}], "keys": [["customer"]]},
    "visits": {"rows": [{"customer": 7, "page": "a"}]},
}

PER_CUSTOMER = {"from": "visits", "steps": [{"aggregate": {"by": ["customer"], "measures": {"n": "count()"}}}]}


def planned(
    steps: Sequence[Any], rules: Sequence[str] | None, main: str = "sales", nodes: Any = None, **more: Any
) -> list[str]:
    """The lines of the plan that the steps become; ``rules`` are those that may change it, None means all.

    The steps may read ``per_customer`` and whatever ``nodes`` there are.
    """
    node = {"from": main, "steps": list(steps), "materialize": "table", **more}
    document = {
        "headrace": 1,
        "sources": SOURCES,
        "nodes": {**(nodes or {}), "per_customer": PER_CUSTOMER, "result": node},
    }
    result = headrace.compile(document, rules=rules)
    assert not [each for each in result.diagnostics if each.severity == "error"], result.diagnostics
    plan = result.nodes["result"].rewritten
    assert plan is not None
    return [str(each) for each in plan_lines(plan)]
