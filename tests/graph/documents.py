"""Projects to draw: a small one worked out by hand, and one with names that mean something to some viewer."""

from __future__ import annotations

from typing import Any

SMALL: dict[str, Any] = {
    "headrace": 1,
    "sources": {
        "sales": {"rows": [{"id": 1, "amount": 2}], "formulas": {"net": "amount / 2"}},
        "customers": {"rows": [{"id": 1, "name": "x"}]},
    },
    "nodes": {
        "totals": {
            "from": "sales",
            "steps": [{"aggregate": {"by": ["id"], "measures": {"total": "sum(amount)"}}}],
            "materialize": "table",
        },
        "named": {
            "from": "totals",
            "steps": [{"join": {"with": "customers", "by": "id"}}, {"filter": "total > 1"}],
        },
        "sorted": {"from": "named", "steps": [{"sort": "name"}, {"derive": {"double": "total * 2"}}]},
        "other": {"from": "customers", "steps": [{"select": ["name"]}]},
    },
}

HOSTILE_NAMES = (
    'say "hi"',
    "<script>alert(1)</script>",
    "a\\b\\n",
    "]]> & &lt; ;#35;",
    "end",
    "a.b",
    "back`tick` {x} [y] (z) |p|",
    "--> v1",
    "%%{init: {}}%%",
    "\n new line\t",
    "\u202e turned",
    "漢字" * 30,
    "é" * 150,
    "x'); DROP TABLE t; --",
)


def hostile() -> dict[str, Any]:
    sources = {name: {"rows": [{name: 1}]} for name in HOSTILE_NAMES[:2]}
    nodes: dict[str, Any] = {}
    before = HOSTILE_NAMES[0]
    for name in HOSTILE_NAMES[2:]:
        nodes[name] = {"from": before}
        before = name
    return {"headrace": 1, "sources": sources, "nodes": nodes}
