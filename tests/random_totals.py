"""Random documents of the shapes that rules about joins and groups are for: totals, and what they are joined to."""

from __future__ import annotations

from random import Random
from typing import Any

from same_rows import difference

import headrace

RULES = ("group_after_join", "push_semi_joins")

_NAMES = ("FR", "DE", "IT", "ES", "PL", "AT", "PT", "IE")


def random_document(seed: int) -> dict[str, Any]:
    """A document whose node ``result`` reads totals of some rows, joined one way or another to few of others."""
    random = Random(seed)
    pick = random.choice
    sales = [{"id": 0, "customer": 1, "seller": 1, "kind": "a", "amount": 1.5}]
    for number in range(1, random.randrange(1, 60)):
        who = {"customer": pick([None, *range(12)]), "seller": pick([None, *range(10)])}
        sales.append({"id": number, **who, "kind": pick("abc"), "amount": pick([None, 0.5, 1, 2.25, 8])})
    people = [{"id": number, "country": pick(_NAMES), "size": pick([None, 1, 2, 3, 4, 5, 6])} for number in range(10)]
    countries = [{"country": name, "zone": pick([None, 1, 2, 3, 4, 5])} for name in _NAMES]
    sources = {
        "sales": {"rows": sales, "keys": [["id"]]},
        "people": pick([{"rows": people, "keys": [["id"]]}] * 2 + [{"rows": [*people, *people[:4]]}]),
        "countries": {"rows": countries, "keys": [["country"]]},
    }
    by = random.sample(["customer", "seller", "kind"], random.randrange(1, 4))
    before = pick([[], [{"filter": "customer is not null and seller is not null"}], [{"filter": 'kind <> "b"'}]])
    measures = {
        "total": "sum(amount)",
        "n": "count()",
        "first": pick(["min(seller)", "min(customer where amount > 1)", 'min(seller where kind = "a")']),
        "last": pick(["max(seller)", "max(seller where amount > 0.5)"]),
        "sellers": "count(distinct seller)",
    }
    totals = [*before, {"aggregate": {"by": by, "measures": measures}}]
    totals += pick(
        [[], [], [{"filter": "n > 1"}], [{"derive": {"each": "total / n"}}], [{"derive": {"of_all": "sum(n per ())"}}]]
    )
    few = pick(
        [
            [{"filter": 'country = "FR"'}],
            [{"filter": "size = 3"}],
            [{"lookup": {"with": "countries", "by": "country"}}, {"filter": "zone = 2"}],
            [{"filter": 'country in ("FR", "DE")'}],
        ]
    )
    key = pick(["first", "last", *(name for name in by if name != "kind")])
    after = pick(
        [
            [],
            [{"filter": "total > 1"}],
            [{"filter": "size > 1"}],
            [{"filter": "coalesce(size, 1) > 0"}],
            [{"filter": "size > 2 or total > 1"}],
        ]
    )
    if random.random() < 0.5:
        kind = pick(["inner", "inner", "left", "right", "full", "semi", "anti"])
        start, steps = "totals", [{"join": {"with": "few", "by": {key: "id"}, "kind": kind}}]
        after = after if kind not in ("semi", "anti") else []
    else:
        kind = pick(["inner", "left", "left", "semi", "anti"])
        join = {"with": "totals", "by": {"id": key}, "kind": kind}
        start, steps = "few", [{"join": join}]
        after = after if kind not in ("semi", "anti") else []
    return {
        "headrace": 1,
        "sources": sources,
        "nodes": {
            "totals": {"from": "sales", "steps": totals},
            "few": {"from": "people", "steps": few},
            "result": {"from": start, "steps": [*steps, *after], "materialize": "table"},
        },
    }


def compare_totals(seed: int, cursor: Any) -> set[str]:
    """Compares the rows that a random document gives without rules and with these; gives the names of those that
    changed its plan. Raises AssertionError with the seed and what differs."""
    document = random_document(seed)
    plain, rewritten = (headrace.compile(document, rules=each).nodes["result"] for each in ((), RULES))
    assert plain.schema is not None, f"seed {seed}"
    if rewritten.sql != plain.sql:
        differs = difference(_rows(plain, cursor), _rows(rewritten, cursor), plain.schema.names)
        assert differs is None, f"seed {seed}\n{differs}\n{rewritten.sql}"
    return {each.rule for each in rewritten.firings}


def _rows(node: headrace.NodeResult, cursor: Any) -> list[Any]:
    _, _, query = (node.sql or "").partition(" AS\n")
    cursor.execute(query)
    found: list[Any] = cursor.fetchall()
    return found
